/* SPDX-License-Identifier: MIT */
/*
 * Passes the options to the library's setters.
 */
#include "connect.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define KEY_MAX 4098
#define RUN_PATIENCE 60 /* minutes: a link that is down at night is up in the morning */

/* The first line of a file that only its owner should be able to read. The copy here is wiped. */
static int32_t key_from_file(animaldetect_client *client, const char *path)
{
    char key[KEY_MAX] = "";
    FILE *file = fopen(path, "re");
    int32_t status = ANIMALDETECT_E_NO_API_KEY;

    if (file == NULL) {
        complain("cannot read the key file %s: %s", path, strerror(errno));
        return ANIMALDETECT_E_NO_API_KEY;
    }
    setvbuf(file, NULL, _IONBF, 0);
    if (fgets(key, sizeof key, file) != NULL) {
        key[strcspn(key, " \t\r\n")] = '\0';
        status = animaldetect_client_set_api_key(client, key);
    }
    explicit_bzero(key, sizeof key);
    (void)fclose(file);
    return status;
}

static int32_t set_key(animaldetect_client *client, const struct options *options)
{
    const char *service = options->values[OPT_SERVICE];
    int32_t status;

    if (options_has(options, OPT_KEY_FILE)) {
        const char *url = getenv("AD_API_BASE_URL");

        status = key_from_file(client, options->values[OPT_KEY_FILE]);
        if (status == ANIMALDETECT_OK && service == NULL && url != NULL && *url != '\0')
            status = animaldetect_client_set_base_url(client, url);
    } else {
        status = animaldetect_client_configure_from_env(client);
    }
    if (status == ANIMALDETECT_OK && service != NULL)
        status = animaldetect_client_set_base_url(client, service);
    return status;
}

static int32_t set_wire(animaldetect_client *client, const struct options *options)
{
    bool is_watch = options->command == COMMAND_WATCH;
    double patience = options_number(options, OPT_PATIENCE, is_watch ? -1 : RUN_PATIENCE);
    const char *poll = options->values[OPT_POLL];
    int32_t status = animaldetect_client_set_user_agent(client, "animaldetect-tool");

    if (status == ANIMALDETECT_OK && options_has(options, OPT_PROXY))
        status = animaldetect_client_set_proxy(client, options->values[OPT_PROXY]);
    if (status == ANIMALDETECT_OK && options_has(options, OPT_CA))
        status = animaldetect_client_set_ca_file(client, options->values[OPT_CA]);
    if (status == ANIMALDETECT_OK && options_has(options, OPT_RPM))
        status = animaldetect_client_set_rate_limit(client, (int32_t)options_number(options, OPT_RPM, 0), 0);
    if (status == ANIMALDETECT_OK && poll != NULL)
        status = animaldetect_client_set_poll_mode(client, *poll == 'l'   ? ANIMALDETECT_POLL_LATENCY
                                                           : *poll == 't' ? ANIMALDETECT_POLL_THROUGHPUT
                                                                          : ANIMALDETECT_POLL_BALANCED);
    if (status == ANIMALDETECT_OK)
        status = animaldetect_client_set_offline_patience_ms(client, patience < 0 ? -1 : (int64_t)patience * 60000);
    if (status == ANIMALDETECT_OK)
        status = animaldetect_client_set_max_image_bytes(
            client, (uint64_t)options_number(options, OPT_MAX_SIZE, DEFAULT_MAX_BYTES));
    return status;
}

/* Every value that the jobs will get, so that a bad one is refused before the first image. */
static int32_t try_job(animaldetect_client *client, const struct options *options)
{
    animaldetect_job *job = NULL;
    int32_t status = connect_job(client, options, &job);

    if (status != ANIMALDETECT_OK && job != NULL)
        complain("%s", animaldetect_job_message(job));
    animaldetect_job_free(job);
    return status;
}

int connect_client(const struct options *options, animaldetect_client **client)
{
    char message[256] = "";
    int32_t status = animaldetect_client_new(client);

    if (status == ANIMALDETECT_OK)
        status = set_key(*client, options);
    if (status == ANIMALDETECT_OK)
        status = set_wire(*client, options);
    if (status == ANIMALDETECT_OK)
        status = try_job(*client, options);
    if (status == ANIMALDETECT_OK)
        return EXIT_DONE;
    (void)animaldetect_client_copy_message(*client, message, sizeof message);
    complain("%s", *message != '\0' ? message : animaldetect_status_text(status));
    animaldetect_client_free(*client);
    *client = NULL;
    return status == ANIMALDETECT_E_NO_API_KEY ? EXIT_KEY : EXIT_USAGE;
}

int32_t connect_job(animaldetect_client *client, const struct options *options, animaldetect_job **job)
{
    const char *operation = options->values[OPT_OPERATION];
    double latitude = 0;
    double longitude = 0;
    int32_t status = animaldetect_job_new(client, operation != NULL ? operation : ANIMALDETECT_OPERATION_DETECT, job);

    if (status == ANIMALDETECT_OK && options_has(options, OPT_THRESHOLD))
        status = animaldetect_job_set_threshold(*job, options_number(options, OPT_THRESHOLD, 0));
    if (status == ANIMALDETECT_OK && options_has(options, OPT_COUNTRY))
        status = animaldetect_job_set_country(*job, options->values[OPT_COUNTRY]);
    if (status == ANIMALDETECT_OK && options_location(options, &latitude, &longitude))
        status = animaldetect_job_set_location(*job, latitude, longitude);
    if (status == ANIMALDETECT_OK && options_has(options, OPT_CLASSIFY))
        status = animaldetect_job_set_classify(*job, options_yes(options, OPT_CLASSIFY, true));
    if (status == ANIMALDETECT_OK && options_has(options, OPT_TOP_CANDIDATES))
        status = animaldetect_job_set_top_candidate(*job, (int32_t)options_number(options, OPT_TOP_CANDIDATES, 0));
    if (status == ANIMALDETECT_OK && options_has(options, OPT_SMOOTH_HERD))
        status = animaldetect_job_set_smooth_herd(*job, options_yes(options, OPT_SMOOTH_HERD, false));
    if (status == ANIMALDETECT_OK && options_has(options, OPT_METADATA))
        status = animaldetect_job_set_metadata(*job, options_yes(options, OPT_METADATA, false));
    return status;
}
