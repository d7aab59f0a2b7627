/* SPDX-License-Identifier: MIT */
/* A user's test: uses the library against the service in memory. Needs no network and no real time. */
#include <animaldetect/animaldetect.h>
#include <animaldetect/mock.h>

#include <stdio.h>

int main(void)
{
    animaldetect_mock *mock = NULL;
    animaldetect_client *client = NULL;
    animaldetect_job *job = NULL;
    int32_t status = animaldetect_mock_new(&mock);

    if (status == ANIMALDETECT_OK)
        status = animaldetect_mock_add_fault(mock, "submit:reset-after:n=1");
    if (status == ANIMALDETECT_OK)
        status = animaldetect_mock_new_client(mock, &client);
    if (status == ANIMALDETECT_OK)
        status = animaldetect_job_new(client, ANIMALDETECT_OPERATION_DETECT, &job);
    if (status == ANIMALDETECT_OK)
        status = animaldetect_job_set_bytes(job, "\xff\xd8\xff\xe0", 4);
    if (status == ANIMALDETECT_OK)
        status = animaldetect_job_run(job);
    printf("%s, %u job\n", animaldetect_status_name(status), (unsigned)animaldetect_mock_job_count(mock));
    status = status == ANIMALDETECT_OK && animaldetect_mock_job_count(mock) == 1 ? 0 : 1;
    animaldetect_job_free(job);
    animaldetect_client_free(client);
    animaldetect_mock_free(mock);
    return status;
}
