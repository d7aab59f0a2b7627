/* SPDX-License-Identifier: MIT */
/*
 * The smallest complete program: one image in, what was seen out.  Key and address come from the environment.
 * cc quickstart.c $(pkg-config --cflags --libs animaldetect) && AD_API_KEY=... ./a.out image.jpg
 */
#include <animaldetect/animaldetect.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    animaldetect_client *client = NULL;
    animaldetect_job *job = NULL;
    animaldetect_result *result = NULL;
    char message[256] = "";
    int32_t status = animaldetect_client_new(&client);

    if (status == ANIMALDETECT_OK)
        status = animaldetect_client_configure_from_env(client);
    if (status == ANIMALDETECT_OK)
        status = animaldetect_job_new(client, ANIMALDETECT_OPERATION_DETECT, &job);
    if (status == ANIMALDETECT_OK)
        status = animaldetect_job_set_file(job, argc > 1 ? argv[1] : "image.jpg");
    if (status == ANIMALDETECT_OK)
        status = animaldetect_job_run(job);
    if (status == ANIMALDETECT_OK)
        status = animaldetect_job_result(job, &result);
    if (status != ANIMALDETECT_OK) {
        animaldetect_client_copy_message(client, message, sizeof message);
        fprintf(stderr, "%s: %s\n", animaldetect_status_text(status), job ? animaldetect_job_message(job) : message);
    }
    for (size_t i = 0; i < animaldetect_result_count(result); i++) {
        const animaldetect_detection *seen = animaldetect_result_at(result, i);
        const char *label = animaldetect_detection_label(seen);
        double score = 0;

        if (animaldetect_detection_score(seen, &score) == ANIMALDETECT_OK)
            printf("%s %.2f\n", label ? label : "?", score);
    }
    animaldetect_result_free(result);
    animaldetect_job_free(job);
    animaldetect_client_free(client);
    return status == ANIMALDETECT_OK ? 0 : 1;
}
