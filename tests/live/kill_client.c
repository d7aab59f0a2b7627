/* SPDX-License-Identifier: MIT */
/*
 * A host that may be killed at any moment. It sends images and saves each job as it progresses and each result when it
 * arrives; when started again it continues from its saved files. With "nothing" it saves only results, and depends on
 * the idempotency key that the library derives from the image.
 *
 *   kill_client saved|nothing FOLDER IMAGE...      exit code 0 when FOLDER has a result for every image
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <animaldetect/animaldetect.h>

#include "kit/message.h"

#define MOST_IMAGES 64
#define PATH_SIZE 4096

struct slot {
    const char *image;
    animaldetect_job *job;
    int32_t written_stage; /* of the saved job; -1: none */
};

struct host {
    const char *folder;
    int keeps_notebook;
    animaldetect_client *client;
    struct slot slots[MOST_IMAGES];
    int running;
    int failed;
};

static void name_of(char *out, const struct host *host, const char *image, const char *suffix)
{
    const char *slash = image != NULL ? strrchr(image, '/') : NULL;

    if (image == NULL)
        abort();
    snprintf(out, PATH_SIZE, "%s/%s%s", host->folder, slash != NULL ? slash + 1 : image, suffix);
}

/* The whole text or nothing is written, whenever the process dies. */
static void write_whole(const struct host *host, const char *image, const char *suffix, const char *text, size_t size)
{
    char path[PATH_SIZE];
    char fresh[PATH_SIZE];
    FILE *file;

    name_of(path, host, image, suffix);
    name_of(fresh, host, image, ".new");
    file = fopen(fresh, "wb");
    if (file == NULL || fwrite(text, 1, size, file) != size || fclose(file) != 0 || rename(fresh, path) != 0) {
        perror(path);
        exit(2);
    }
}

/* NULL when there is none. */
static char *read_whole(const struct host *host, const char *image, const char *suffix, size_t *size)
{
    char path[PATH_SIZE];
    char *text = calloc(1, 65536);
    FILE *file;

    name_of(path, host, image, suffix);
    file = fopen(path, "rb");
    if (file == NULL || text == NULL) {
        free(text);
        return NULL;
    }
    *size = fread(text, 1, 65535, file);
    fclose(file);
    return text;
}

static void must(const struct host *host, int32_t status, const char *what)
{
    if (status == ANIMALDETECT_OK)
        return;
    fprintf(stderr, "%s: %s: %s\n", what, animaldetect_status_name(status), message_of(host->client));
    exit(2);
}

static void begin(struct host *host, struct slot *slot)
{
    size_t size = 0;
    char *saved = host->keeps_notebook ? read_whole(host, slot->image, ".job", &size) : NULL;

    slot->written_stage = -1;
    if (saved != NULL) {
        must(host, animaldetect_job_restore(host->client, saved, size, &slot->job), "restore");
    } else {
        must(host, animaldetect_job_new(host->client, ANIMALDETECT_OPERATION_DETECT, &slot->job), "new");
        must(host, animaldetect_job_set_file(slot->job, slot->image), "set_file");
    }
    free(saved);
    must(host, animaldetect_job_set_user_data(slot->job, slot), "set_user_data");
    must(host, animaldetect_job_run_async(slot->job), "run");
    host->running++;
}

static void note_down(const struct host *host, struct slot *slot)
{
    int32_t stage = slot->job != NULL ? animaldetect_job_stage(slot->job) : slot->written_stage;
    char *text = NULL;
    size_t size = 0;

    if (stage == slot->written_stage)
        return;
    must(host, animaldetect_job_save(slot->job, &text, &size), "save");
    write_whole(host, slot->image, ".job", text, size);
    animaldetect_text_free(text);
    slot->written_stage = stage;
}

static void finish(struct host *host, animaldetect_job *job)
{
    struct slot *slot = animaldetect_job_user_data(job);
    animaldetect_result *result = NULL;
    size_t size = 0;

    if (animaldetect_job_status(job) == ANIMALDETECT_OK) {
        must(host, animaldetect_job_result(job, &result), "result");
        const char *json = animaldetect_result_json(result, &size);
        write_whole(host, slot->image, ".result", json, size);
        write_whole(host, slot->image, ".id", animaldetect_job_id(job), strlen(animaldetect_job_id(job)));
    } else {
        fprintf(stderr, "%s: %s\n", slot->image, animaldetect_job_message(job));
        host->failed++;
    }
    animaldetect_result_free(result);
    animaldetect_job_free(job);
    slot->job = NULL;
    host->running--;
}

int main(int argc, char **argv)
{
    static struct host host;
    animaldetect_job *job = NULL;
    char path[PATH_SIZE];

    if (argc < 4 || argc - 3 > MOST_IMAGES)
        return 2;
    host.keeps_notebook = strcmp(argv[1], "saved") == 0;
    host.folder = argv[2];
    if (animaldetect_client_new(&host.client) != ANIMALDETECT_OK ||
        animaldetect_client_configure_from_env(host.client) != ANIMALDETECT_OK)
        return 2;
    must(&host, animaldetect_client_set_poll_mode(host.client, ANIMALDETECT_POLL_LATENCY), "poll mode");
    must(&host, animaldetect_client_set_poll_bounds_ms(host.client, 20, 200), "poll bounds");
    for (int i = 3; i < argc; i++) {
        struct slot *slot = &host.slots[i - 3];

        slot->image = argv[i];
        name_of(path, &host, slot->image, ".result");
        if (access(path, F_OK) != 0)
            begin(&host, slot);
    }
    while (host.running > 0) {
        must(&host, animaldetect_client_process(host.client), "process");
        while (animaldetect_client_next_done(host.client, &job) == ANIMALDETECT_OK)
            finish(&host, job);
        for (int i = 0; host.keeps_notebook && i < argc - 3; i++)
            if (host.slots[i].job != NULL)
                note_down(&host, &host.slots[i]);
        if (host.running > 0)
            (void)animaldetect_client_wait(host.client, 10);
    }
    animaldetect_client_free(host.client);
    return host.failed > 0;
}
