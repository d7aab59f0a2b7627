/* SPDX-License-Identifier: MIT */
/*
 * --help of each command, from the table of the options.
 */
#include <stdio.h>
#include <string.h>

#include "options.h"
#include "options_table.h"
#include "screen.h"

enum { LEFT = 29, MOST_COLUMNS = 100 };

static const struct {
    int command;
    const char *name;
    const char *arguments;
    const char *text;
} commands[] = {
    {COMMAND_RUN, "run", "PATH...",
     "Sends images to the Animal Detect service and keeps what it said in a ledger. PATH is a file, a folder with all "
     "that is in it, a list of them (@FILE), or - for a list on standard input. The same command goes on where it was, "
     "and sends what is new: an image that is done is not even read, and the same bytes under another name are not "
     "sent again.\n"
     "Exit code: 0 all done; 1 some images failed or could not be read; 2 wrong usage; 3 the key or the account was "
     "refused; 4 interrupted, or the ledger is in use: the same command goes on."},
    {COMMAND_EXPORT, "export", "[PATH]",
     "Writes the results of a ledger, of PATH's folder or of --ledger, to a file (--output) or standard output."},
    {COMMAND_PREVIEW, "preview", "[PATH]",
     "Makes a page to look at the results: images with their boxes. It needs no network."},
    {COMMAND_WATCH, "watch", "FOLDER",
     "Runs forever: sends what is there, and what comes later as soon as it is complete. Made for a gateway: waits for "
     "the network, survives power loss. SIGTERM ends it."},
    {COMMAND_STATUS, "status", "[PATH]",
     "Says how many images stand where, by folder and by species, and why some failed."},
    {COMMAND_DOCTOR, "doctor", "[PATH]",
     "Checks key, address, TLS, clock, proxy, quota and disk without making a job, and says what to do. With --quota "
     "also "
     "the Redis that shares the quota."},
    {COMMAND_ENQUEUE, "enqueue", "PATH...",
     "Puts images below --root on a queue that many machines work on: files, folders, lists (@FILE, -), and http or "
     "https URLs, which the service fetches itself. What is asked of the service is stated here. With --ledger, what "
     "is "
     "done there already is left out. The same command goes on where it was interrupted."},
    {COMMAND_WORK, "work", "",
     "Takes images from the queue, sends them, and puts the results back, until it is stopped or, with --drain, until "
     "the queue is empty. Any number of workers may do so. A worker that dies costs requests, no image is billed "
     "twice. "
     "The first Ctrl-C finishes what is uploaded and gives the rest back.\n"
     "Exit code: 0 all done; 1 some images failed; 2 wrong usage; 3 the key or the account was refused; 4 interrupted, "
     "no network or no queue."},
    {COMMAND_COLLECT, "collect", "",
     "Writes results from the queue into --ledger, from which export, preview and status read them. One collector at a "
     "time, and one ledger for a queue. --root states where the images are, for preview."},
    {COMMAND_QUEUE, "queue", "status",
     "Says how many images wait, how long, who works on them, and which ones were given up, and why."},
};

const char *options_command_name(int command)
{
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        if (commands[i].command == command)
            return commands[i].name;
    }
    return "";
}

/* Each line of `text` is a paragraph. */
static void print_paragraphs(const char *text, int columns, FILE *out)
{
    char paragraph[1024];

    while (*text != '\0') {
        size_t length = strcspn(text, "\n");

        (void)snprintf(paragraph, sizeof paragraph, "%.*s", (int)length, text);
        screen_wrap(out, columns, 0, paragraph);
        putc('\n', out);
        text += length + (text[length] == '\n');
    }
}

/* What stands above the first option of each group. */
static const struct {
    int first;
    const char *heading;
} groups[] = {
    {OPT_OPERATION, "What is asked of the service"},
    {OPT_RETRY, "What is sent again"},
    {OPT_LEDGER, "The ledger"},
    {OPT_RPM, "How it is sent"},
    {OPT_QUEUE, "The work queue"},
    {OPT_DRY_RUN, "What comes out"},
    {OPTIONS, ""},
};

static void print_option(const struct option_row *row, int columns, FILE *out)
{
    char left[64];

    (void)snprintf(left, sizeof left, "%s%c%s--%s%s%s", row->letter != 0 ? "-" : "  ",
                   row->letter != 0 ? row->letter : ' ', row->letter != 0 ? ", " : " ", row->name,
                   row->argument != NULL ? " " : "", row->argument != NULL ? row->argument : "");
    if (strlen(left) > LEFT - 4)
        fprintf(out, "  %s\n%*s", left, LEFT, "");
    else
        fprintf(out, "  %-*s", LEFT - 2, left);
    screen_wrap(out, columns, LEFT, row->help);
}

void options_help(int command, FILE *out)
{
    int columns = screen_columns(out);

    if (columns == 0 || columns > MOST_COLUMNS)
        columns = MOST_COLUMNS;
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        if (commands[i].command != command)
            continue;
        fprintf(out, "usage: animaldetect %s [option]... %s\n\n", commands[i].name, commands[i].arguments);
        print_paragraphs(commands[i].text, columns, out);
    }
    for (int group = 0; groups[group].first < OPTIONS; group++) {
        const char *heading = groups[group].heading;

        for (int i = groups[group].first; i < groups[group + 1].first; i++) {
            if ((option_rows[i].commands & command) == 0)
                continue;
            if (*heading != '\0')
                fprintf(out, "%s:\n", heading);
            heading = "";
            print_option(&option_rows[i], columns, out);
        }
        if (*heading == '\0')
            putc('\n', out);
    }
    screen_wrap(out, columns, 0,
                "Every option but --config and --help may stand in the configuration file. AD_API_KEY holds the API "
                "key.");
}
