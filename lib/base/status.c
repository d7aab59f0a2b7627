/* SPDX-License-Identifier: MIT */
/*
 * Names, texts and properties of status codes: whether they are retriable, and their scope.  Static text only.
 */
#include <animaldetect/types.h>

#include <stdbool.h>
#include <stddef.h>

struct status_row {
    int32_t status;
    const char *name;
    bool retriable; /* the same call may succeed later */
    int32_t scope;
    const char *text;
};

/* clang-format off */
/* statuses: begin, made from lib/abi/statuses */
#define ROWS(ROW)                                                                            \
    ROW(OK,                 false, NONE,    "success")                                       \
    ROW(AGAIN,              true,  NONE,    "nothing available yet, call again")             \
    ROW(E_INVALID_ARGUMENT, false, CALLER,  "invalid argument")                              \
    ROW(E_NO_MEMORY,        true,  CALLER,  "out of memory")                                 \
    ROW(E_STATE,            false, CALLER,  "invalid state for this call")                   \
    ROW(E_BUSY,             true,  CALLER,  "a call is in flight")                           \
    ROW(E_FORKED,           false, CALLER,  "client was created before a fork")              \
    ROW(E_UNSUPPORTED,      false, CALLER,  "not available on this system")                  \
    ROW(E_CANCELED,         false, CALLER,  "canceled")                                      \
    ROW(E_CALL_TIMEOUT,     true,  CALLER,  "call timeout expired")                          \
    ROW(E_NO_API_KEY,       false, ACCOUNT, "no API key is set")                             \
    ROW(E_FILE,             false, IMAGE,   "image file cannot be read")                     \
    ROW(E_FILE_CHANGED,     false, JOB,     "image changed after it was hashed")             \
    ROW(E_IMAGE_EMPTY,      false, IMAGE,   "image has no bytes")                            \
    ROW(E_IMAGE_TOO_LARGE,  false, IMAGE,   "image is too large")                            \
    ROW(E_IMAGE_TYPE,       false, IMAGE,   "unknown image type")                            \
    ROW(E_READER,           false, IMAGE,   "the host's reader failed")                      \
    ROW(E_NETWORK,          true,  NETWORK, "network failure")                               \
    ROW(E_TIMEOUT,          true,  NETWORK, "request timed out")                             \
    ROW(E_TLS,              true,  NETWORK, "TLS handshake failed or certificate rejected")  \
    ROW(E_UNTRUSTED_URL,    false, SERVICE, "service returned a URL at an untrusted origin") \
    ROW(E_INSECURE_URL,     false, CALLER,  "plain http is not allowed")                     \
    ROW(E_BAD_REQUEST,      false, IMAGE,   "service rejected the request")                  \
    ROW(E_UNAUTHORIZED,     false, ACCOUNT, "API key is invalid, missing or revoked")        \
    ROW(E_PAYMENT_REQUIRED, false, ACCOUNT, "payment required: insufficient credit or plan") \
    ROW(E_FORBIDDEN,        false, ACCOUNT, "API key lacks permission for this operation")   \
    ROW(E_NOT_FOUND,        false, JOB,     "job not found at the service")                  \
    ROW(E_CONFLICT,         false, JOB,     "service rejected the idempotency key")          \
    ROW(E_RATE_LIMITED,     true,  SERVICE, "rate limit exceeded")                           \
    ROW(E_SERVICE,          true,  SERVICE, "service is unavailable")                        \
    ROW(E_HTTP,             false, SERVICE, "unexpected HTTP status")                        \
    ROW(E_PROTOCOL,         true,  SERVICE, "response violates the API contract")            \
    ROW(E_ANSWER_TOO_LARGE, false, SERVICE, "response is too large")                         \
    ROW(E_UPLOAD_EXPIRED,   true,  JOB,     "upload URL expired")                            \
    ROW(E_UPLOAD_REFUSED,   false, SERVICE, "storage rejected the upload")                   \
    ROW(E_JOB_FAILED,       false, JOB,     "service failed to process the image")           \
    ROW(E_JOB_EXPIRED,      false, JOB,     "job expired at the service")                    \
    ROW(E_SAVED_JOB,        false, CALLER,  "not a saved job, or saved by a newer version")  \
    ROW(E_NO_INPUT,         false, CALLER,  "image data is required but not set")            \
    ROW(ABSENT,             false, NONE,    "field is not in the result")                    \
    ROW(E_SYSTEM,           true,  CALLER,  "system call failed")                            \
    ROW(E_REENTRANT,        false, CALLER,  "called from within a callback of the client")   \
    ROW(E_CLIENT_FREED,     false, CALLER,  "client was freed")                              \
    ROW(E_QUEUE_FULL,       true,  CALLER,  "too many calls in flight")                      \
    ROW(E_OVERDUE,          true,  SERVICE, "not finished within the processing timeout")    \
    ROW(E_STATE_UNKNOWN,    true,  SERVICE, "job is in an unknown state and has an error")   \
    ROW(E_NO_DESCRIPTORS,   true,  CALLER,  "no file descriptors are left")                  \
    ROW(E_MEDIUM,           true,  CALLER,  "medium of the image file cannot be read")       \
    ROW(E_FILE_UNFINISHED,  true,  CALLER,  "image file is still being written")             \
    ROW(E_HOST,             false, CALLER,  "status defined by the host")
/* statuses: end */
/* clang-format on */

#define TABLE_ROW(status, is_retriable, whose, text) \
    {ANIMALDETECT_##status, "ANIMALDETECT_" #status, (is_retriable), ANIMALDETECT_SCOPE_##whose, (text)},

static const struct status_row TABLE[] = {ROWS(TABLE_ROW)};
static const struct status_row POSITIVE_ROW = {1, "ANIMALDETECT_UNKNOWN", false, ANIMALDETECT_SCOPE_NONE,
                                               "unknown status, not a failure"};
static const struct status_row NEGATIVE_ROW = {-1, "ANIMALDETECT_E_UNKNOWN", false, ANIMALDETECT_SCOPE_OTHER,
                                               "unknown status"};

static const struct status_row *row_of(int32_t status)
{
    if (status < ANIMALDETECT_E_HOST)
        status = ANIMALDETECT_E_HOST;
    for (size_t i = 0; i < sizeof TABLE / sizeof TABLE[0]; i++) {
        if (TABLE[i].status == status)
            return &TABLE[i];
    }
    return status > 0 ? &POSITIVE_ROW : &NEGATIVE_ROW;
}

const char *animaldetect_status_name(int32_t status)
{
    return row_of(status)->name;
}

const char *animaldetect_status_text(int32_t status)
{
    return row_of(status)->text;
}

int32_t animaldetect_status_is_retriable(int32_t status)
{
    return row_of(status)->retriable;
}

int32_t animaldetect_status_scope(int32_t status)
{
    return row_of(status)->scope;
}
