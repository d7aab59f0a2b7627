/* SPDX-License-Identifier: MIT */
/*
 * animaldetect: a folder in, results out, and again tomorrow.  The first word says what to do.
 */
#include <stdio.h>
#include <string.h>

#include <sodium.h>

#include <animaldetect/animaldetect.h>

#include "collect.h"
#include "connect.h"
#include "doctor.h"
#include "enqueue.h"
#include "export.h"
#include "options.h"
#include "preview.h"
#include "queue_status.h"
#include "run.h"
#include "status.h"
#include "watch.h"
#include "work.h"

static const char usage[] =
    "usage: animaldetect COMMAND [option]... [PATH]...\n"
    "\n"
    "  run PATH...     send images to the Animal Detect service; run it again to continue\n"
    "  status [PATH]   count images by folder, state and species, and show why some failed\n"
    "  export [PATH]   write results as MegaDetector JSON (Timelapse), JSON lines, CSV or Camtrap DP\n"
    "  preview [PATH]  write an HTML page that shows the results\n"
    "  watch FOLDER    run forever and send new images as they arrive, as on a gateway\n"
    "  doctor          check key, address, TLS, clock, proxy, quota and disk, without creating a job\n"
    "\n"
    "  enqueue PATH... add images to a queue that many machines process\n"
    "  work            process images of the queue\n"
    "  collect         write results from the queue into a ledger\n"
    "  queue status    show the length of the queue, its workers and its dead letters\n"
    "\n"
    "see animaldetect COMMAND --help. The environment variable AD_API_KEY contains the API key.\n";

static const struct {
    const char *name;
    int command;
    int (*call)(const struct options *options);
} commands[] = {
    {"run", COMMAND_RUN, command_run},
    {"status", COMMAND_STATUS, command_status},
    {"export", COMMAND_EXPORT, command_export},
    {"preview", COMMAND_PREVIEW, command_preview},
    {"watch", COMMAND_WATCH, command_watch},
    {"doctor", COMMAND_DOCTOR, command_doctor},
    {"enqueue", COMMAND_ENQUEUE, command_enqueue},
    {"work", COMMAND_WORK, command_work},
    {"collect", COMMAND_COLLECT, command_collect},
    {"queue", COMMAND_QUEUE, command_queue},
};

static int call(int command, int (*function)(const struct options *options), int argc, char **argv)
{
    struct options options;
    int code = options_read(&options, command, argc, argv);

    if (code == 0)
        code = function(&options);
    else if (code < 0)
        code = EXIT_DONE; /* help */
    options_free(&options);
    return (fflush(stdout) != 0 || ferror(stdout)) && code == EXIT_DONE ? EXIT_SOME_FAILED : code;
}

int main(int argc, char **argv)
{
    const char *word = argc > 1 ? argv[1] : "";

    if (sodium_init() < 0)
        return EXIT_USAGE;
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        if (strcmp(word, commands[i].name) == 0)
            return call(commands[i].command, commands[i].call, argc - 1, argv + 1);
    }
    if (strcmp(word, "--version") == 0) {
        printf("animaldetect, libanimaldetect %s\n", animaldetect_version());
        return EXIT_DONE;
    }
    if (strcmp(word, "--help") == 0 || strcmp(word, "help") == 0 || strcmp(word, "-h") == 0) {
        fputs(usage, stdout);
        return EXIT_DONE;
    }
    if (*word != '\0')
        complain("unknown command \"%s\"", word);
    fputs(usage, stderr);
    return EXIT_USAGE;
}
