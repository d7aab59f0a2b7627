/* SPDX-License-Identifier: MIT */
/* The smallest complete program: image files in, labels and scores out. The API key comes from AD_API_KEY. */
#include <animaldetect/animaldetect.h>
#include <stdio.h>

static int detect(animaldetect_client *client, const char *path)
{
    animaldetect_job *job = NULL;
    animaldetect_result *result = NULL;
    int good = animaldetect_job_new(client, ANIMALDETECT_OPERATION_DETECT, &job) == ANIMALDETECT_OK &&
               animaldetect_job_set_file(job, path) == ANIMALDETECT_OK &&
               animaldetect_job_run(job) == ANIMALDETECT_OK && /* create, upload, submit, poll, fetch */
               animaldetect_job_result(job, &result) == ANIMALDETECT_OK;

    if (!good)
        fprintf(stderr, "%s: %s\n", path, animaldetect_job_message(job));
    for (size_t i = 0; i < animaldetect_result_count(result); i++) {
        const animaldetect_detection *box = animaldetect_result_at(result, i);
        const char *label = animaldetect_detection_label(box);
        double score = 0;

        animaldetect_detection_score(box, &score);
        printf("%s: %s %.2f\n", path, label ? label : "?", score);
    }
    animaldetect_result_free(result);
    animaldetect_job_free(job);
    return good;
}

int main(int argc, char **argv)
{
    animaldetect_client *client = NULL;
    int32_t status = animaldetect_client_new(&client);
    int failed = 0;

    if (status == ANIMALDETECT_OK)
        status = animaldetect_client_configure_from_env(client);
    if (status != ANIMALDETECT_OK)
        fprintf(stderr, "%s\n", animaldetect_status_text(status));
    for (int i = 1; i < argc && status == ANIMALDETECT_OK; i++)
        failed += !detect(client, argv[i]);
    animaldetect_client_free(client);
    return status != ANIMALDETECT_OK || failed > 0;
}
