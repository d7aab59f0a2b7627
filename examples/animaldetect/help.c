/* SPDX-License-Identifier: MIT */
/*
 * --help of each command, from the table of the options.
 */
#include <stdio.h>
#include <string.h>

#include "options.h"
#include "options_table.h"

static const struct {
    int command;
    const char *name;
    const char *arguments;
    const char *text;
} commands[] = {
    {COMMAND_RUN, "run", "PATH...",
     "Sends images to the Animal Detect service and keeps what it said in a ledger. PATH is a file, a folder with all\n"
     "that is in it, a list of them (@FILE), or - for a list on standard input. The same command goes on where it "
     "was,\n"
     "and sends what is new: an image that is done is not even read, and the same bytes under another name are not\n"
     "sent again.\n"
     "\n"
     "Exit code: 0 all done; 1 some images failed or could not be read; 2 wrong usage; 3 the key or the account was\n"
     "refused; 4 interrupted, or the ledger is in use: the same command goes on.\n"},
    {COMMAND_EXPORT, "export", "[PATH]",
     "Writes the results of a ledger, of PATH's folder or of --ledger, to a file (--output) or standard output.\n"},
    {COMMAND_PREVIEW, "preview", "[PATH]",
     "Makes a page to look at the results: images with their boxes. It needs no network.\n"},
    {COMMAND_WATCH, "watch", "FOLDER",
     "Runs forever: sends what is there, and what comes later as soon as it is complete. Made for a gateway: waits "
     "for\n"
     "the network, survives power loss. SIGTERM ends it.\n"},
    {COMMAND_STATUS, "status", "[PATH]",
     "Says how many images stand where, by folder and by species, and why some failed.\n"},
    {COMMAND_DOCTOR, "doctor", "[PATH]",
     "Checks key, address, TLS, clock, proxy, quota and disk without making a job, and says what to do.\n"},
};

const char *options_command_name(int command)
{
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        if (commands[i].command == command)
            return commands[i].name;
    }
    return "";
}

void options_help(int command, FILE *out)
{
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        if (commands[i].command == command)
            fprintf(out, "usage: animaldetect %s [option]... %s\n\n%s\n", commands[i].name, commands[i].arguments,
                    commands[i].text);
    }
    for (int i = 0; i < OPTIONS; i++) {
        const struct option_row *row = &option_rows[i];
        char left[64];

        if ((row->commands & command) == 0)
            continue;
        (void)snprintf(left, sizeof left, "%s%c%s--%s%s%s", row->letter != 0 ? "-" : "  ",
                       row->letter != 0 ? row->letter : ' ', row->letter != 0 ? ", " : " ", row->name,
                       row->argument != NULL ? " " : "", row->argument != NULL ? row->argument : "");
        if (strlen(left) > 27)
            fprintf(out, "  %s\n  %-27s  %s\n", left, "", row->help);
        else
            fprintf(out, "  %-27s  %s\n", left, row->help);
    }
    fputs("\nEvery option but --config and --help may stand in the configuration file. AD_API_KEY holds the API key.\n",
          out);
}
