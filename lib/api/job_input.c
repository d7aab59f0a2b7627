/* SPDX-License-Identifier: MIT */
/*
 * The job's setters. Each checks its argument, then changes one thing.
 */
#include <animaldetect/job_input.h>

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "api/job.h"
#include "base/text.h"
#include "protocol/normalize.h"
#include "protocol/rules.h"

/* Enters for a setter; refused once a call was started. */
static int32_t input_enter_setup(animaldetect_job *job)
{
    int32_t status = ad_enter_job(job);

    if (status != ANIMALDETECT_OK)
        return status;
    if (job->input.started || job->input.restored) {
        status = ad_job_refuse(job, ANIMALDETECT_E_STATE,
                               job->input.started ? "the job was already started"
                                                  : "a restored job's parameters cannot be changed");
        ad_unlock(job->client);
    }
    return status;
}

static int32_t input_leave_with(animaldetect_job *job, int32_t status)
{
    if (status == ANIMALDETECT_OK)
        job->refusal = NULL;
    ad_unlock(job->client);
    return status;
}

static int32_t input_refuse(animaldetect_job *job, const char *message)
{
    return ad_job_refuse(job, ANIMALDETECT_E_INVALID_ARGUMENT, message);
}

/*
 * Enters for the input: allowed once, and for a restored job only while the image is not uploaded and no call is in
 * flight.
 */
static int32_t enter_input(animaldetect_job *job)
{
    int32_t status = ad_enter_job(job);
    const char *message = NULL;

    if (status != ANIMALDETECT_OK)
        return status;
    if (job->call.activity != AD_ACTIVITY_IDLE)
        message = "a call is in flight on this job";
    else if (job->input.started && !job->input.restored && job->input.source.kind != AD_SOURCE_NONE)
        message = "the job was already started";
    else if (job->input.restored && (job->input.operation == NULL || job->remote.stage >= ANIMALDETECT_STAGE_UPLOADED))
        message = "the image of this job has already been uploaded";
    else if (job->input.source.kind != AD_SOURCE_NONE && !job->input.restored)
        message = "the image was already set";
    else if (job->input.source.kind == AD_SOURCE_URL)
        message = "the service fetches the image of this job from a URL";
    if (message == NULL)
        return ANIMALDETECT_OK;
    status = ad_job_refuse(job, ANIMALDETECT_E_STATE, message);
    ad_unlock(job->client);
    return status;
}

/* The size of a restored job's image is known; an image of another size cannot be the same. */
static int32_t take_source(animaldetect_job *job, const struct ad_source *source)
{
    if (job->input.restored && job->input.source.size != 0 && source->size != 0 &&
        source->size != job->input.source.size)
        return input_refuse(job, "the size of the image differs from that of the saved job");
    if (job->input.restored) {
        uint64_t size = job->input.source.size;

        ad_release_defer(&job->client->releases, ad_source_clear(&job->input.source));
        job->input.source = *source;
        if (job->input.source.size == 0)
            job->input.source.size = size;
        job->input.prepared = job->input.random_key && !job->input.has_sha256;
        return ANIMALDETECT_OK;
    }
    job->input.source = *source;
    return ANIMALDETECT_OK;
}

int32_t animaldetect_job_set_file(animaldetect_job *job, const char *path)
{
    struct ad_source source = {.kind = AD_SOURCE_FILE};
    int32_t status = enter_input(job);

    if (status != ANIMALDETECT_OK)
        return status;
    if (path == NULL || !ad_path_is_good(path))
        return input_leave_with(job, input_refuse(job, "the path must be 1 to 4,095 bytes"));
    source.from.path = ad_arena_copy(&job->texts, path);
    status = source.from.path == NULL ? ANIMALDETECT_E_NO_MEMORY : take_source(job, &source);
    return input_leave_with(job, status);
}

int32_t animaldetect_job_set_bytes(animaldetect_job *job, const void *bytes, size_t size)
{
    struct ad_source source = {.kind = AD_SOURCE_BYTES, .size = size};
    int32_t status = enter_input(job);
    uint8_t *copy;

    if (status != ANIMALDETECT_OK)
        return status;
    if (bytes == NULL || size == 0)
        return input_leave_with(job, input_refuse(job, "the image must not be empty"));
    if (size > job->client->config.max_image_bytes)
        return input_leave_with(
            job, ad_job_refuse(job, ANIMALDETECT_E_IMAGE_TOO_LARGE, "the image is larger than the limit"));
    copy = malloc(size);
    if (copy == NULL)
        return input_leave_with(job, ANIMALDETECT_E_NO_MEMORY);
    memcpy(copy, bytes, size);
    source.from.bytes = copy;
    status = take_source(job, &source);
    if (status != ANIMALDETECT_OK)
        free(copy);
    return input_leave_with(job, status); /* NOLINT(clang-analyzer-unix.Malloc): the job has the copy */
}

/* A source that the host lends, with its release function, which is not called if the source is refused. */
static int32_t take_borrowed(animaldetect_job *job, struct ad_source *source, void *user,
                             animaldetect_release_callback release)
{
    int32_t status = ad_release_new(release, user, &source->release);

    if (status == ANIMALDETECT_OK)
        status = take_source(job, source);
    if (status != ANIMALDETECT_OK)
        free(source->release);
    return status;
}

int32_t animaldetect_job_set_bytes_borrowed(animaldetect_job *job, const void *bytes, size_t size, void *user,
                                            animaldetect_release_callback release)
{
    struct ad_source source = {.kind = AD_SOURCE_BORROWED, .size = size};
    int32_t status = enter_input(job);

    if (status != ANIMALDETECT_OK)
        return status;
    if (bytes == NULL || size == 0)
        return input_leave_with(job, input_refuse(job, "the image must not be empty"));
    source.from.bytes = bytes;
    return input_leave_with(job, take_borrowed(job, &source, user, release));
}

int32_t animaldetect_job_set_reader(animaldetect_job *job, uint64_t size, animaldetect_read_callback read,
                                    animaldetect_rewind_callback rewind, void *user,
                                    animaldetect_release_callback release)
{
    struct ad_source source = {.kind = AD_SOURCE_READER, .size = size};
    int32_t status = enter_input(job);

    if (status != ANIMALDETECT_OK)
        return status;
    if (read == NULL || size == 0 || size > INT64_MAX)
        return input_leave_with(job,
                                input_refuse(job, "the reader needs a read callback and a size of at least one byte"));
    source.from.reader.read = read;
    source.from.reader.rewind = rewind;
    source.from.reader.user = user;
    return input_leave_with(job, take_borrowed(job, &source, user, release));
}

int32_t animaldetect_job_set_source_url(animaldetect_job *job, const char *url)
{
    struct ad_source source = {.kind = AD_SOURCE_URL};
    struct ad_origin origin;
    int32_t status = enter_input(job);

    if (status != ANIMALDETECT_OK)
        return status;
    status = url == NULL ? ANIMALDETECT_E_INVALID_ARGUMENT : ad_origin_parse(url, &origin);
    if (status == ANIMALDETECT_E_NO_MEMORY)
        return input_leave_with(job, status);
    if (status != ANIMALDETECT_OK)
        return input_leave_with(
            job, input_refuse(job, "the source URL must be an absolute http or https URL without user name"));
    source.from.url = ad_arena_copy(&job->texts, url);
    status = source.from.url == NULL ? ANIMALDETECT_E_NO_MEMORY : take_source(job, &source);
    return input_leave_with(job, status);
}

/* Sets a text of the job, by its offset. */
static int32_t input_set_text(animaldetect_job *job, size_t offset, const char *text, bool (*good)(const char *),
                              const char *message)
{
    int32_t status = input_enter_setup(job);

    if (status != ANIMALDETECT_OK)
        return status;
    if (text == NULL || !good(text))
        return input_leave_with(job, input_refuse(job, message));
    ad_job_tidy(job);
    return input_leave_with(job, ad_job_set_text(job, (const char **)(void *)((char *)job + offset), text));
}

/* A Windows path is not accepted as a file name. */
static bool is_plain_name(const char *text)
{
    return ad_file_name_is_good(text) && strchr(text, '\\') == NULL;
}

int32_t animaldetect_job_set_filename(animaldetect_job *job, const char *name)
{
    return input_set_text(
        job, offsetof(animaldetect_job, input.filename), name, is_plain_name,
        "the file name must be 1 to 255 bytes of UTF-8 without control characters and path separators");
}

int32_t animaldetect_job_set_content_type(animaldetect_job *job, const char *type)
{
    return input_set_text(job, offsetof(animaldetect_job, input.content_type), type, ad_media_type_is_good,
                          "the content type must have the form \"image/jpeg\"");
}

int32_t animaldetect_job_set_client_reference_id(animaldetect_job *job, const char *id)
{
    return input_set_text(job, offsetof(animaldetect_job, input.client_reference_id), id, ad_reference_is_good,
                          "the client reference must be 1 to 512 bytes of UTF-8 without control characters");
}

int32_t animaldetect_job_set_idempotency_key(animaldetect_job *job, const char *key)
{
    return input_set_text(job, offsetof(animaldetect_job, input.key), key, ad_idempotency_key_is_good,
                          "the idempotency key must be 1 to 255 printable ASCII characters without spaces");
}

int32_t animaldetect_job_set_sha256(animaldetect_job *job, const char *hex)
{
    int32_t status = input_enter_setup(job);

    if (status != ANIMALDETECT_OK)
        return status;
    if (hex == NULL || !ad_digest_from_hex(hex, job->input.sha256))
        return input_leave_with(job, input_refuse(job, "the SHA-256 must be 64 hex digits"));
    job->input.has_sha256 = true;
    job->input.host_sha256 = true;
    return input_leave_with(job, ANIMALDETECT_OK);
}

int32_t animaldetect_job_set_rerun(animaldetect_job *job, int32_t number)
{
    int32_t status = input_enter_setup(job);

    if (status != ANIMALDETECT_OK)
        return status;
    if (number < 0)
        return input_leave_with(job, input_refuse(job, "the rerun number must be 0 or more"));
    job->input.rerun = number;
    return input_leave_with(job, ANIMALDETECT_OK);
}

int32_t animaldetect_job_set_call_timeout_ms(animaldetect_job *job, int64_t timeout_ms)
{
    int32_t status = ad_enter_job(job);

    if (status != ANIMALDETECT_OK)
        return status;
    if (timeout_ms == 0 || timeout_ms < -1)
        return input_leave_with(job, input_refuse(job, "the call timeout must be 1 ms or more, or -1 for none"));
    job->input.call_timeout_ms = timeout_ms;
    return input_leave_with(job, ANIMALDETECT_OK);
}

int32_t animaldetect_job_set_priority(animaldetect_job *job, int32_t priority)
{
    int32_t status = ad_enter_job(job);

    if (status != ANIMALDETECT_OK)
        return status;
    if (job->call.activity != AD_ACTIVITY_IDLE && job->call.activity != AD_ACTIVITY_DONE)
        status = ad_engine_set_priority(&job->client->engine, job, priority);
    else
        job->input.priority = priority;
    return input_leave_with(job, status);
}

int32_t animaldetect_job_set_note(animaldetect_job *job, const char *note)
{
    char *copy = NULL;
    int32_t status = ad_enter_job(job);

    if (status != ANIMALDETECT_OK)
        return status;
    if (note != NULL && !ad_note_is_good(note))
        return input_leave_with(job, input_refuse(job, "the note must be at most 4,096 bytes of UTF-8"));
    if (note != NULL && *note != '\0') {
        copy = strdup(note);
        if (copy == NULL)
            return input_leave_with(job, ANIMALDETECT_E_NO_MEMORY);
    }
    free(job->note);
    job->note = copy;
    return input_leave_with(job, ANIMALDETECT_OK);
}

int32_t animaldetect_job_set_user_data(animaldetect_job *job, void *user)
{
    bool locked;

    if (job == NULL)
        return ANIMALDETECT_E_INVALID_ARGUMENT;
    locked = ad_read_begin(job);
    job->user_data = user;
    ad_read_end(job, locked);
    return ANIMALDETECT_OK;
}

/* Sets a member, or restores the previous one if the options become too large. */
static int32_t put_option(animaldetect_job *job, const char *name, json_t *value)
{
    json_t *before = json_incref(json_object_get(job->input.options, name));
    int32_t status = ANIMALDETECT_OK;

    if (json_object_set(job->input.options, name, value) != 0) {
        status = ANIMALDETECT_E_NO_MEMORY;
    } else if (!ad_options_are_good(job->input.options)) {
        status = input_refuse(job, "all options of a job together must be at most 128 KiB of JSON and 10,000 values");
        if (before == NULL || json_object_set(job->input.options, name, before) != 0)
            (void)json_object_del(job->input.options, name);
    }
    json_decref(before);
    return status;
}

/* Takes ownership of `value` and normalizes it; NULL means out of memory. */
static int32_t set_option(animaldetect_job *job, const char *name, json_t *value)
{
    int32_t status = input_enter_setup(job);

    if (status != ANIMALDETECT_OK) {
        json_decref(value);
        return status;
    }
    if (job->input.options == NULL)
        job->input.options = json_object();
    if (job->input.options == NULL || value == NULL || ad_option_normalize(name, value) != ANIMALDETECT_OK)
        status = ANIMALDETECT_E_NO_MEMORY;
    else
        status = put_option(job, name, value);
    json_decref(value);
    return input_leave_with(job, status);
}

/* Locks, sets the message, unlocks: for arguments that are refused before anything else happens. */
static int32_t refuse_option(animaldetect_job *job, const char *message)
{
    int32_t status = input_enter_setup(job);

    return status != ANIMALDETECT_OK ? status : input_leave_with(job, input_refuse(job, message));
}

int32_t animaldetect_job_set_threshold(animaldetect_job *job, double threshold)
{
    if (!(threshold >= 0.01 && threshold <= 0.99))
        return refuse_option(job, "the threshold must be 0.01 to 0.99");
    return set_option(job, "threshold", json_real(threshold));
}

int32_t animaldetect_job_set_country(animaldetect_job *job, const char *country)
{
    if (country == NULL || country[strspn(country, " ")] == '\0' || ad_text_length(country, 128) > 128 ||
        !ad_text_is_clean(country))
        return refuse_option(
            job, "the country must be a code or a name of 1 to 128 bytes of UTF-8 without control characters");
    return set_option(job, AD_OPTION_COUNTRY, json_string(country));
}

static int32_t set_switch(animaldetect_job *job, const char *name, int32_t value)
{
    if (value != 0 && value != 1)
        return refuse_option(job, "the value must be 0 or 1");
    return set_option(job, name, json_boolean(value));
}

int32_t animaldetect_job_set_classify(animaldetect_job *job, int32_t classify)
{
    return set_switch(job, "classify", classify);
}

int32_t animaldetect_job_set_metadata(animaldetect_job *job, int32_t metadata)
{
    return set_switch(job, "metadata", metadata);
}

int32_t animaldetect_job_set_smooth_herd(animaldetect_job *job, int32_t smooth)
{
    return set_switch(job, "smooth_herd", smooth);
}

int32_t animaldetect_job_set_top_candidate(animaldetect_job *job, int32_t count)
{
    if (count < 0 || count > 1000)
        return refuse_option(job, "the number of candidates must be 0 to 1,000");
    return set_option(job, "top_candidate", json_integer(count));
}

int32_t animaldetect_job_set_location(animaldetect_job *job, double latitude, double longitude)
{
    int32_t status;

    if (!(fabs(latitude) <= 90.0) || !(fabs(longitude) <= 180.0))
        return refuse_option(job, "the latitude must be between -90 and 90, the longitude between -180 and 180");
    status = set_option(job, "latitude", json_real(latitude));
    return status != ANIMALDETECT_OK ? status : set_option(job, "longitude", json_real(longitude));
}

int32_t animaldetect_job_set_option_json(animaldetect_job *job, const char *name, const char *json)
{
    json_t *value;

    if (name == NULL || !ad_option_name_is_good(name))
        return refuse_option(job, "the option name must be 1 to 64 letters, digits and underscores");
    if (json == NULL || ad_text_length(json, 65536) > 65536)
        return refuse_option(job, "the option value must be JSON of at most 64 KiB");
    if (ad_option_parse(json, strlen(json), &value) == ANIMALDETECT_E_INVALID_ARGUMENT)
        return refuse_option(job, "the option value must be one JSON value");
    return set_option(job, name, value); /* NULL: out of memory */
}
