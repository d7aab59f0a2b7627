/* SPDX-License-Identifier: MIT */
/*
 * A small complete program: files and folders of images in, labels and scores out. API key and base URL come from the
 * environment. It processes one image at a time; loop_epoll.c has thousands in flight.
 * cc quickstart.c $(pkg-config --cflags --libs animaldetect) && AD_API_KEY=... ./a.out FILE|FOLDER...
 */
#include <animaldetect/animaldetect.h>
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

static int fail(const char *path, const char *reason)
{
    fprintf(stderr, "%s: %s\n", path, reason);
    return 1;
}

static int detect(animaldetect_client *client, const char *path)
{
    animaldetect_job *job = NULL;
    animaldetect_result *result = NULL;
    int32_t status = animaldetect_job_new(client, ANIMALDETECT_OPERATION_DETECT, &job);

    if (status == ANIMALDETECT_OK)
        status = animaldetect_job_set_file(job, path);
    if (status == ANIMALDETECT_OK)
        status = animaldetect_job_run(job);
    if (status == ANIMALDETECT_OK)
        status = animaldetect_job_result(job, &result);
    for (size_t i = 0; i < animaldetect_result_count(result); i++) {
        const animaldetect_detection *seen = animaldetect_result_at(result, i);
        const char *label = animaldetect_detection_label(seen);
        double score = 0;

        if (animaldetect_detection_score(seen, &score) == ANIMALDETECT_OK)
            printf("%s: %s %.2f\n", path, label ? label : "?", score);
    }
    if (status != ANIMALDETECT_OK)
        fail(path, *animaldetect_job_message(job) ? animaldetect_job_message(job) : animaldetect_status_text(status));
    animaldetect_result_free(result);
    animaldetect_job_free(job);
    return status != ANIMALDETECT_OK;
}

/* A file, or every file below a folder, without hidden ones. Returns how many failed. */
static int walk(animaldetect_client *client, const char *path)
{
    char below[PATH_MAX];
    int failed = 0;
    struct dirent *entry;
    DIR *folder = opendir(path);

    if (folder == NULL)
        return errno == ENOTDIR ? detect(client, path) : fail(path, strerror(errno));
    while (errno = 0, (entry = readdir(folder)) != NULL) {
        if (*entry->d_name == '.')
            continue;
        if (snprintf(below, sizeof below, "%s/%s", path, entry->d_name) >= (int)sizeof below)
            failed += fail(path, "contains a path that is too long");
        else /* a link may lead to a folder above: it is taken for an image, and refused if it is none */
            failed += entry->d_type == DT_LNK ? detect(client, below) : walk(client, below);
    }
    if (errno != 0)
        failed += fail(path, strerror(errno));
    closedir(folder);
    return failed;
}

int main(int argc, char **argv)
{
    animaldetect_client *client = NULL;
    int32_t status = animaldetect_client_new(&client);
    int failed = 0;

    if (status == ANIMALDETECT_OK)
        status = animaldetect_client_configure_from_env(client);
    if (status != ANIMALDETECT_OK || argc < 2)
        failed = status != ANIMALDETECT_OK ? fail(argv[0], animaldetect_status_text(status))
                                           : fail("usage", "quickstart FILE|FOLDER...");
    for (int i = 1; i < argc && status == ANIMALDETECT_OK; i++)
        failed += walk(client, argv[i]);
    animaldetect_client_free(client);
    if (ferror(stdout) || fflush(stdout) != 0)
        failed += fail("standard output", "cannot be written");
    return failed > 0;
}
