/* SPDX-License-Identifier: MIT */
/*
 * Creates a job for each file, then executes the lines on its standard input: "run", "rerun" (of the failed jobs, then
 * run), or "stop". After each line it prints the statuses, one job per line, and an empty line.
 */
#include <stdio.h>
#include <string.h>

#include <animaldetect/animaldetect.h>

#define MOST 64

static void report(animaldetect_job *const *jobs, int count)
{
    for (int i = 0; i < count; i++)
        printf("%s\t%s\n", animaldetect_status_name(animaldetect_job_status(jobs[i])),
               animaldetect_job_message(jobs[i]));
    printf("\n");
    fflush(stdout);
}

static void act(animaldetect_job *const *jobs, int count, const char *line)
{
    for (int i = 0; i < count; i++) {
        if (strcmp(line, "rerun\n") == 0 && animaldetect_job_status(jobs[i]) != ANIMALDETECT_OK)
            (void)animaldetect_job_rerun(jobs[i]);
        (void)animaldetect_job_run_async(jobs[i]);
    }
    for (int i = 0; i < count; i++)
        (void)animaldetect_job_wait(jobs[i], -1); /* the status is reported */
    report(jobs, count);
}

int main(int argc, char **argv)
{
    animaldetect_client *client = NULL;
    animaldetect_job *jobs[MOST];
    char line[16];

    if (argc < 2 || argc - 1 > MOST || animaldetect_client_new(&client) != ANIMALDETECT_OK ||
        animaldetect_client_configure_from_env(client) != ANIMALDETECT_OK ||
        animaldetect_client_set_poll_bounds_ms(client, 50, 200) != ANIMALDETECT_OK)
        return 1;
    for (int i = 0; i < argc - 1; i++) {
        if (animaldetect_job_new(client, ANIMALDETECT_OPERATION_DETECT, &jobs[i]) != ANIMALDETECT_OK ||
            animaldetect_job_set_file(jobs[i], argv[i + 1]) != ANIMALDETECT_OK)
            return 1;
        (void)animaldetect_job_create(jobs[i]);
    }
    report(jobs, argc - 1);
    while (fgets(line, sizeof line, stdin) != NULL && strcmp(line, "stop\n") != 0)
        act(jobs, argc - 1, line);
    for (int i = 0; i < argc - 1; i++)
        animaldetect_job_free(jobs[i]);
    animaldetect_client_free(client);
    return 0;
}
