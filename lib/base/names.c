/* SPDX-License-Identifier: MIT */
/*
 * Numbers to words: status codes, states and stages.  Static text only.  The words of steps are in engine/steps.c.
 * Statuses count down from 0 without a gap, so the row of a status is its number without the sign.
 */
#include <animaldetect/types.h>

static const struct {
    const char *name;
    int32_t retriable; /* the same call may succeed later */
    const char *text;
} statuses[] = {
    {"ANIMALDETECT_OK", 0, "success"},
    {"ANIMALDETECT_AGAIN", 1, "nothing to hand out yet"},
    {"ANIMALDETECT_E_INVALID_ARGUMENT", 0, "invalid argument"},
    {"ANIMALDETECT_E_NO_MEMORY", 1, "out of memory"},
    {"ANIMALDETECT_E_STATE", 0, "invalid state for this call"},
    {"ANIMALDETECT_E_BUSY", 1, "a call is in flight"},
    {"ANIMALDETECT_E_FORKED", 0, "client was made before a fork"},
    {"ANIMALDETECT_E_UNSUPPORTED", 0, "not available on this system"},
    {"ANIMALDETECT_E_CANCELED", 0, "canceled"},
    {"ANIMALDETECT_E_DEADLINE", 1, "deadline passed"},
    {"ANIMALDETECT_E_NO_API_KEY", 0, "no API key was set"},
    {"ANIMALDETECT_E_FILE", 0, "image file cannot be read"},
    {"ANIMALDETECT_E_FILE_CHANGED", 0, "image changed before it was uploaded"},
    {"ANIMALDETECT_E_IMAGE_EMPTY", 0, "image has no bytes"},
    {"ANIMALDETECT_E_IMAGE_TOO_LARGE", 0, "image is too large"},
    {"ANIMALDETECT_E_IMAGE_TYPE", 0, "image type is not known"},
    {"ANIMALDETECT_E_READER", 0, "the host's reader failed"},
    {"ANIMALDETECT_E_NETWORK", 1, "network failure"},
    {"ANIMALDETECT_E_TIMEOUT", 1, "request timed out"},
    {"ANIMALDETECT_E_TLS", 0, "TLS handshake or certificate refused"},
    {"ANIMALDETECT_E_UNTRUSTED_URL", 0, "service named a URL at an untrusted origin"},
    {"ANIMALDETECT_E_INSECURE_URL", 0, "plain http is not permitted"},
    {"ANIMALDETECT_E_BAD_REQUEST", 0, "service refused the request"},
    {"ANIMALDETECT_E_UNAUTHORIZED", 0, "API key is invalid, missing or revoked"},
    {"ANIMALDETECT_E_PAYMENT_REQUIRED", 0, "account cannot pay for the request"},
    {"ANIMALDETECT_E_FORBIDDEN", 0, "API key lacks permission for this operation"},
    {"ANIMALDETECT_E_NOT_FOUND", 0, "service does not know the job"},
    {"ANIMALDETECT_E_CONFLICT", 0, "idempotency key was used with another payload"},
    {"ANIMALDETECT_E_RATE_LIMITED", 1, "rate limit exceeded"},
    {"ANIMALDETECT_E_SERVICE", 1, "service is unavailable"},
    {"ANIMALDETECT_E_HTTP", 0, "unexpected HTTP status"},
    {"ANIMALDETECT_E_PROTOCOL", 0, "answer is not what the contract says"},
    {"ANIMALDETECT_E_ANSWER_TOO_LARGE", 0, "answer is too large"},
    {"ANIMALDETECT_E_UPLOAD_EXPIRED", 0, "upload URL expired"},
    {"ANIMALDETECT_E_UPLOAD_REFUSED", 0, "storage refused the upload"},
    {"ANIMALDETECT_E_JOB_FAILED", 0, "service failed to process the image"},
    {"ANIMALDETECT_E_JOB_EXPIRED", 0, "job expired before it was finished"},
    {"ANIMALDETECT_E_SAVED_JOB", 0, "not a saved job, or of a newer version"},
    {"ANIMALDETECT_E_NO_INPUT", 0, "the image's bytes are needed and not there"},
    {"ANIMALDETECT_ABSENT", 0, "field is not in the result"},
    {"ANIMALDETECT_E_SYSTEM", 0, "system call failed"},
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
    return status_is_known(status) ? statuses[-status].retriable : 0;
}

const char *animaldetect_state_name(int32_t state)
{
    switch ((enum animaldetect_state)state) {
    case ANIMALDETECT_STATE_NONE:
        return "none";
    case ANIMALDETECT_STATE_AWAITING_UPLOAD:
        return "awaiting_upload";
    case ANIMALDETECT_STATE_QUEUED:
        return "queued";
    case ANIMALDETECT_STATE_RUNNING:
        return "running";
    case ANIMALDETECT_STATE_SUCCEEDED:
        return "succeeded";
    case ANIMALDETECT_STATE_FAILED:
        return "failed";
    case ANIMALDETECT_STATE_EXPIRED:
        return "expired";
    case ANIMALDETECT_STATE_OTHER:
        break;
    }
    return "other";
}

const char *animaldetect_stage_name(int32_t stage)
{
    switch ((enum animaldetect_stage)stage) {
    case ANIMALDETECT_STAGE_NEW:
        return "new";
    case ANIMALDETECT_STAGE_CREATED:
        return "created";
    case ANIMALDETECT_STAGE_UPLOADED:
        return "uploaded";
    case ANIMALDETECT_STAGE_SUBMITTED:
        return "submitted";
    case ANIMALDETECT_STAGE_FINISHED:
        return "finished";
    case ANIMALDETECT_STAGE_FETCHED:
        return "fetched";
    }
    return "other";
}
