/* SPDX-License-Identifier: MIT */
/*
 * A user's program: includes the one header, links what the package says, needs no network. It must never include a
 * file of the library that is not installed. Exits with 0 when every call returned what is documented.
 */
#include <animaldetect/animaldetect.h>

#include <stdio.h>
#include <string.h>

static const char saved[] = "{\"annotations\":[{\"label\":\"red fox\",\"score\":0.75}]}";

int main(void)
{
    animaldetect_client *client = NULL;
    animaldetect_job *job = NULL;
    animaldetect_result *result = NULL;
    int32_t status = animaldetect_client_new(&client);

    if (status == ANIMALDETECT_OK)
        status = animaldetect_client_set_api_key(client, "sk_test_consumer");
    if (status == ANIMALDETECT_OK)
        status = animaldetect_job_new(client, ANIMALDETECT_OPERATION_DETECT, &job);
    if (status == ANIMALDETECT_OK)
        status = animaldetect_job_set_bytes(job, "\xff\xd8\xff\xe0", 4);
    if (status == ANIMALDETECT_OK)
        status = animaldetect_result_parse(saved, strlen(saved), &result);
    if (status == ANIMALDETECT_OK)
        printf("%s saw %s\n", animaldetect_version(), animaldetect_detection_label(animaldetect_result_at(result, 0)));
    else
        printf("%s\n", animaldetect_status_name(status));
    animaldetect_result_free(result);
    animaldetect_job_free(job);
    animaldetect_client_free(client);
    return status == ANIMALDETECT_OK && animaldetect_version_number() == ANIMALDETECT_VERSION_NUMBER ? 0 : 1;
}
