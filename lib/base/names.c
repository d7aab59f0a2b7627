/* SPDX-License-Identifier: MIT */
/*
 * Numbers to words: status codes, states and stages.  Static text only.  The words of steps are in engine/steps.c.
 * Statuses count down from 0 without a gap, so the row of a status is its number without the sign.
 */
#include <stddef.h>

#include <animaldetect/types.h>

static const struct {
    const char *name;
    const char *text;
} statuses[] = {
    {"ANIMALDETECT_OK", "success"},
    {"ANIMALDETECT_AGAIN", "nothing to hand out yet"},
    {"ANIMALDETECT_E_INVALID_ARGUMENT", "invalid argument"},
    {"ANIMALDETECT_E_NO_MEMORY", "out of memory"},
    {"ANIMALDETECT_E_STATE", "call does not fit the state of the object"},
    {"ANIMALDETECT_E_BUSY", "a call is in flight"},
    {"ANIMALDETECT_E_FORKED", "client was made before a fork"},
    {"ANIMALDETECT_E_UNSUPPORTED", "not available on this system"},
    {"ANIMALDETECT_E_CANCELED", "cancelled"},
    {"ANIMALDETECT_E_DEADLINE", "deadline passed"},
    {"ANIMALDETECT_E_NO_API_KEY", "no API key was set"},
    {"ANIMALDETECT_E_FILE", "image file cannot be read"},
    {"ANIMALDETECT_E_FILE_CHANGED", "image changed before it was uploaded"},
    {"ANIMALDETECT_E_IMAGE_EMPTY", "image has no bytes"},
    {"ANIMALDETECT_E_IMAGE_TOO_LARGE", "image is too large"},
    {"ANIMALDETECT_E_IMAGE_TYPE", "image type is not known"},
    {"ANIMALDETECT_E_READER", "the host's reader failed"},
    {"ANIMALDETECT_E_NETWORK", "network failure"},
    {"ANIMALDETECT_E_TIMEOUT", "request timed out"},
    {"ANIMALDETECT_E_TLS", "TLS handshake or certificate refused"},
    {"ANIMALDETECT_E_UNTRUSTED_URL", "service named a URL at an untrusted origin"},
    {"ANIMALDETECT_E_INSECURE_URL", "plain http is not permitted"},
    {"ANIMALDETECT_E_BAD_REQUEST", "service refused the request"},
    {"ANIMALDETECT_E_UNAUTHORIZED", "API key is invalid, missing or revoked"},
    {"ANIMALDETECT_E_PAYMENT_REQUIRED", "account cannot pay for the request"},
    {"ANIMALDETECT_E_FORBIDDEN", "API key may not do this"},
    {"ANIMALDETECT_E_NOT_FOUND", "service does not know the job"},
    {"ANIMALDETECT_E_CONFLICT", "idempotency key was used with another payload"},
    {"ANIMALDETECT_E_RATE_LIMITED", "rate limit exceeded"},
    {"ANIMALDETECT_E_SERVICE", "service is unavailable"},
    {"ANIMALDETECT_E_HTTP", "unexpected HTTP status"},
    {"ANIMALDETECT_E_PROTOCOL", "answer is not what the contract says"},
    {"ANIMALDETECT_E_ANSWER_TOO_LARGE", "answer is too large"},
    {"ANIMALDETECT_E_UPLOAD_EXPIRED", "upload URL expired"},
    {"ANIMALDETECT_E_UPLOAD_REFUSED", "storage refused the upload"},
    {"ANIMALDETECT_E_JOB_FAILED", "service failed to process the image"},
    {"ANIMALDETECT_E_JOB_EXPIRED", "job expired before it was finished"},
    {"ANIMALDETECT_E_SAVED_JOB", "not a saved job, or of a newer version"},
    {"ANIMALDETECT_E_NO_INPUT", "the image's bytes are needed and not there"},
    {"ANIMALDETECT_ABSENT", "field is not in the result"},
    {"ANIMALDETECT_E_SYSTEM", "system call failed"},
};

#define STATUS_COUNT (int32_t)(sizeof(statuses) / sizeof(statuses[0]))

_Static_assert(sizeof(statuses) / sizeof(statuses[0]) == 1 - ANIMALDETECT_E_SYSTEM, "every status has its row");

static int status_is_known(int32_t status)
{
    return status <= 0 && status > -STATUS_COUNT;
}

const char *animaldetect_status_name(int32_t status)
{
    return status_is_known(status) ? statuses[-status].name : "ANIMALDETECT_E_UNKNOWN";
}

const char *animaldetect_status_text(int32_t status)
{
    return status_is_known(status) ? statuses[-status].text : "unknown status";
}

int32_t animaldetect_status_is_retriable(int32_t status)
{
    switch (status) {
    case ANIMALDETECT_AGAIN:
    case ANIMALDETECT_E_NO_MEMORY:
    case ANIMALDETECT_E_BUSY:
    case ANIMALDETECT_E_DEADLINE:
    case ANIMALDETECT_E_NETWORK:
    case ANIMALDETECT_E_TIMEOUT:
    case ANIMALDETECT_E_RATE_LIMITED:
    case ANIMALDETECT_E_SERVICE:
        return 1;
    default:
        return 0;
    }
}

static const char *name_of(const char *const *names, size_t count, int32_t value)
{
    return value >= 0 && (size_t)value < count ? names[value] : "other";
}

const char *animaldetect_state_name(int32_t state)
{
    static const char *const names[] = {"none",      "awaiting_upload", "queued", "running",
                                        "succeeded", "failed",          "expired"};

    return name_of(names, sizeof(names) / sizeof(names[0]), state);
}

const char *animaldetect_stage_name(int32_t stage)
{
    static const char *const names[] = {"new", "created", "uploaded", "submitted", "finished", "fetched"};

    return name_of(names, sizeof(names) / sizeof(names[0]), stage);
}
