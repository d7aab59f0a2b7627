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
     "Sends images to the Animal Detect service and stores the results in a ledger. PATH is a file, a folder with all "
     "its files, a list of both (@FILE), or - for a list on standard input. Run the same command again to continue and "
     "to send new images: an image that is done is not read again, and the same bytes under another name are not "
     "sent again.\n"
     "Exit code: 0 all done; 1 some images failed or could not be read; 2 wrong usage; 3 the API key or the account "
     "was rejected; 4 interrupted, or the ledger is in use: run the same command again."},
    {COMMAND_EXPORT, "export", "[PATH]",
     "Writes the results of a ledger (that of PATH's folder, or --ledger) to a file (--output) or standard output."},
    {COMMAND_PREVIEW, "preview", "[PATH]",
     "Writes an HTML page with the images and the boxes of their detections. It needs no network."},
    {COMMAND_WATCH, "watch", "FOLDER",
     "Runs forever: sends the images in FOLDER, and new ones as soon as they are complete. Made for a gateway: waits "
     "for the network and survives power loss. SIGTERM stops it."},
    {COMMAND_STATUS, "status", "[PATH]", "Counts images by folder, state and species, and shows why some failed."},
    {COMMAND_DOCTOR, "doctor", "[PATH]",
     "Checks key, address, TLS, clock, proxy, quota and disk without creating a job, and says what to correct. "
     "With --quota also the Redis that shares the quota."},
    {COMMAND_ENQUEUE, "enqueue", "PATH...",
     "Adds images below --root to a queue that many machines process: files, folders, lists (@FILE, -), and http or "
     "https URLs, which the service fetches itself. The options for the service are set here. With --ledger, images "
     "that are already done there are left out. Run the same command again to continue after an interrupt."},
    {COMMAND_WORK, "work", "",
     "Takes images from the queue, sends them, and returns the results, until it is stopped or, with --drain, until "
     "the queue is empty. Any number of workers may run. If a worker dies, some requests repeat; no image is billed "
     "twice. The first Ctrl-C finishes what is uploaded and returns the rest to the queue.\n"
     "Exit code: 0 all done; 1 some images failed; 2 wrong usage; 3 the API key or the account was rejected; 4 "
     "interrupted, no network or no queue."},
    {COMMAND_COLLECT, "collect", "",
     "Writes results from the queue into --ledger, where export, preview and status read them. Run one collector at a "
     "time, and use one ledger per queue. --root tells preview where the images are."},
    {COMMAND_QUEUE, "queue", "status",
     "Shows how many images wait and for how long, the workers, and the dead letters with their reasons."},
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
    {OPT_OPERATION, "Options for the service"},
    {OPT_RETRY, "Sending images again"},
    {OPT_LEDGER, "Ledger"},
    {OPT_RPM, "Sending"},
    {OPT_QUEUE, "Work queue"},
    {OPT_DRY_RUN, "Output"},
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
                "Every option except --config and --help can also be set in the configuration file. AD_API_KEY "
                "contains the API "
                "key.");
}
