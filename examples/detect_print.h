/* SPDX-License-Identifier: MIT */
/*
 * What the detect program prints: a line per image as text or JSON, a summary, progress, what it waits for.  Keeps the
 * count as it goes.
 * Everything printed comes from the library's getters, which hold no secret.
 */
#ifndef EXAMPLES_DETECT_PRINT_H
#define EXAMPLES_DETECT_PRINT_H

#include <stdio.h>

#include <animaldetect/animaldetect.h>

struct report {
    int json; /* JSON lines in place of text */
    size_t succeeded;
    size_t failed;
    size_t with_animals;
    size_t animals;
    size_t rerunnable; /* of those that failed: another run may succeed */
    int32_t next_run;  /* and the number that it needs */
    int32_t held_by;   /* a value of `enum animaldetect_hold`, as last seen */
    int32_t shown;     /* the one that a line was printed for */
    int32_t unreached; /* images in a row that met no network */
};

/* The line of an image whose result is here. */
void report_result(struct report *report, const char *name, const animaldetect_job *job,
                   const animaldetect_result *result);

/* The line of an image that failed; `job` may be NULL, an empty message is replaced by the status in words. */
void report_failure(struct report *report, const char *name, int32_t status, const char *message,
                    const animaldetect_job *job);

/* Another run of an image that failed may succeed: the summary says how to get it. */
void report_rerun(struct report *report, const animaldetect_job *job);

/* One line about all images, and one about those that another run may help. */
void report_summary(const struct report *report, animaldetect_client *client, double seconds);

/* How far a job is, on one line of a terminal that the next call writes over. */
void progress_show(const animaldetect_job *job, const char *name, size_t number, size_t count);
void progress_clear(void);

/* A line on stderr when something holds the client that was not said before: what, and until when. */
void hold_show(struct report *report, animaldetect_client *client);

#endif
