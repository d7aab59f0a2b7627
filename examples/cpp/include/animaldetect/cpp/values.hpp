// SPDX-License-Identifier: MIT
//
// The library's named values, and what is listed by name: statistics, features.
#ifndef ANIMALDETECT_CPP_VALUES_HPP
#define ANIMALDETECT_CPP_VALUES_HPP

#include <animaldetect/animaldetect.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace animaldetect {

using milliseconds = std::chrono::milliseconds;

// Numbers of newer libraries are values without a name: never switch over these without a default.
enum class Status : std::int32_t {
    ok = ANIMALDETECT_OK,
    again = ANIMALDETECT_AGAIN,
    invalid_argument = ANIMALDETECT_E_INVALID_ARGUMENT,
    no_memory = ANIMALDETECT_E_NO_MEMORY,
    state = ANIMALDETECT_E_STATE,
    busy = ANIMALDETECT_E_BUSY,
    forked = ANIMALDETECT_E_FORKED,
    unsupported = ANIMALDETECT_E_UNSUPPORTED,
    canceled = ANIMALDETECT_E_CANCELED,
    call_timeout = ANIMALDETECT_E_CALL_TIMEOUT,
    no_api_key = ANIMALDETECT_E_NO_API_KEY,
    file = ANIMALDETECT_E_FILE,
    file_changed = ANIMALDETECT_E_FILE_CHANGED,
    image_empty = ANIMALDETECT_E_IMAGE_EMPTY,
    image_too_large = ANIMALDETECT_E_IMAGE_TOO_LARGE,
    image_type = ANIMALDETECT_E_IMAGE_TYPE,
    reader = ANIMALDETECT_E_READER,
    network = ANIMALDETECT_E_NETWORK,
    timeout = ANIMALDETECT_E_TIMEOUT,
    tls = ANIMALDETECT_E_TLS,
    untrusted_url = ANIMALDETECT_E_UNTRUSTED_URL,
    insecure_url = ANIMALDETECT_E_INSECURE_URL,
    bad_request = ANIMALDETECT_E_BAD_REQUEST,
    unauthorized = ANIMALDETECT_E_UNAUTHORIZED,
    payment_required = ANIMALDETECT_E_PAYMENT_REQUIRED,
    forbidden = ANIMALDETECT_E_FORBIDDEN,
    not_found = ANIMALDETECT_E_NOT_FOUND,
    conflict = ANIMALDETECT_E_CONFLICT,
    rate_limited = ANIMALDETECT_E_RATE_LIMITED,
    service = ANIMALDETECT_E_SERVICE,
    http = ANIMALDETECT_E_HTTP,
    protocol = ANIMALDETECT_E_PROTOCOL,
    answer_too_large = ANIMALDETECT_E_ANSWER_TOO_LARGE,
    upload_expired = ANIMALDETECT_E_UPLOAD_EXPIRED,
    upload_refused = ANIMALDETECT_E_UPLOAD_REFUSED,
    job_failed = ANIMALDETECT_E_JOB_FAILED,
    job_expired = ANIMALDETECT_E_JOB_EXPIRED,
    saved_job = ANIMALDETECT_E_SAVED_JOB,
    no_input = ANIMALDETECT_E_NO_INPUT,
    absent = ANIMALDETECT_ABSENT,
    system = ANIMALDETECT_E_SYSTEM,
    reentrant = ANIMALDETECT_E_REENTRANT,
    client_freed = ANIMALDETECT_E_CLIENT_FREED,
    queue_full = ANIMALDETECT_E_QUEUE_FULL,
    overdue = ANIMALDETECT_E_OVERDUE,
    state_unknown = ANIMALDETECT_E_STATE_UNKNOWN,
    no_descriptors = ANIMALDETECT_E_NO_DESCRIPTORS,
    medium = ANIMALDETECT_E_MEDIUM,
    file_unfinished = ANIMALDETECT_E_FILE_UNFINISHED,
    host = ANIMALDETECT_E_HOST, // this number and all below it are the host's own
};

// Whose matter a failure is: what a host may decide by.
enum class Scope : std::int32_t {
    none = ANIMALDETECT_SCOPE_NONE,
    caller = ANIMALDETECT_SCOPE_CALLER,
    image = ANIMALDETECT_SCOPE_IMAGE,
    job = ANIMALDETECT_SCOPE_JOB,
    account = ANIMALDETECT_SCOPE_ACCOUNT,
    network = ANIMALDETECT_SCOPE_NETWORK,
    service = ANIMALDETECT_SCOPE_SERVICE,
    other = ANIMALDETECT_SCOPE_OTHER,
};

enum class State : std::int32_t {
    none = ANIMALDETECT_STATE_NONE,
    awaiting_upload = ANIMALDETECT_STATE_AWAITING_UPLOAD,
    queued = ANIMALDETECT_STATE_QUEUED,
    running = ANIMALDETECT_STATE_RUNNING,
    succeeded = ANIMALDETECT_STATE_SUCCEEDED,
    failed = ANIMALDETECT_STATE_FAILED,
    expired = ANIMALDETECT_STATE_EXPIRED,
    other = ANIMALDETECT_STATE_OTHER,
};

// A later version may insert a stage between two: compare with < and >=.
enum class Stage : std::int32_t {
    new_ = ANIMALDETECT_STAGE_NEW,
    created = ANIMALDETECT_STAGE_CREATED,
    uploaded = ANIMALDETECT_STAGE_UPLOADED,
    submitted = ANIMALDETECT_STAGE_SUBMITTED,
    finished = ANIMALDETECT_STAGE_FINISHED,
    fetched = ANIMALDETECT_STAGE_FETCHED,
};

enum class Step : std::int32_t {
    none = ANIMALDETECT_STEP_NONE,
    prepare = ANIMALDETECT_STEP_PREPARE,
    create = ANIMALDETECT_STEP_CREATE,
    upload = ANIMALDETECT_STEP_UPLOAD,
    submit = ANIMALDETECT_STEP_SUBMIT,
    poll = ANIMALDETECT_STEP_POLL,
    fetch = ANIMALDETECT_STEP_FETCH,
};

enum class Poll : std::int32_t {
    latency = ANIMALDETECT_POLL_LATENCY,
    balanced = ANIMALDETECT_POLL_BALANCED,
    throughput = ANIMALDETECT_POLL_THROUGHPUT,
};

enum class Log : std::int32_t {
    none = ANIMALDETECT_LOG_NONE,
    error = ANIMALDETECT_LOG_ERROR,
    warning = ANIMALDETECT_LOG_WARNING,
    info = ANIMALDETECT_LOG_INFO,
    debug = ANIMALDETECT_LOG_DEBUG,
};

// What a client does not begin for now.
enum class Pause : std::int32_t {
    none = ANIMALDETECT_PAUSE_NONE,
    creates = ANIMALDETECT_PAUSE_CREATES,
    uploads = ANIMALDETECT_PAUSE_UPLOADS,
    all = ANIMALDETECT_PAUSE_ALL,
};

// What keeps a client's requests back. A number without a name is a hold.
enum class Hold : std::int32_t {
    none = ANIMALDETECT_HOLD_NONE,
    network = ANIMALDETECT_HOLD_NETWORK,       // no network: all calls wait, one request at a time probes
    rate_limit = ANIMALDETECT_HOLD_RATE_LIMIT, // the quota is used up
    service = ANIMALDETECT_HOLD_SERVICE,       // the service has asked for a long wait
    account = ANIMALDETECT_HOLD_ACCOUNT,       // the key or the account was refused: see Client::resume
};

// What a result is. Of other only the JSON has something to say.
enum class ResultKind : std::int32_t {
    other = ANIMALDETECT_RESULT_OTHER,
    detections = ANIMALDETECT_RESULT_DETECTIONS,
};

enum class Rank : std::int32_t {
    id = ANIMALDETECT_RANK_ID,
    class_ = ANIMALDETECT_RANK_CLASS,
    order = ANIMALDETECT_RANK_ORDER,
    family = ANIMALDETECT_RANK_FAMILY,
    genus = ANIMALDETECT_RANK_GENUS,
    species = ANIMALDETECT_RANK_SPECIES,
};

enum class Stat : std::int32_t {
    requests_create = ANIMALDETECT_STAT_REQUESTS_CREATE,
    requests_upload = ANIMALDETECT_STAT_REQUESTS_UPLOAD,
    requests_submit = ANIMALDETECT_STAT_REQUESTS_SUBMIT,
    requests_poll = ANIMALDETECT_STAT_REQUESTS_POLL,
    requests_fetch = ANIMALDETECT_STAT_REQUESTS_FETCH,
    retries = ANIMALDETECT_STAT_RETRIES,
    rate_limited = ANIMALDETECT_STAT_RATE_LIMITED,
    bytes_sent = ANIMALDETECT_STAT_BYTES_SENT,
    bytes_received = ANIMALDETECT_STAT_BYTES_RECEIVED,
    calls_succeeded = ANIMALDETECT_STAT_CALLS_SUCCEEDED,
    calls_failed = ANIMALDETECT_STAT_CALLS_FAILED,
    calls_canceled = ANIMALDETECT_STAT_CALLS_CANCELED,
    jobs_succeeded = ANIMALDETECT_STAT_JOBS_SUCCEEDED,
    jobs_failed = ANIMALDETECT_STAT_JOBS_FAILED,
    jobs_expired = ANIMALDETECT_STAT_JOBS_EXPIRED,
    replays = ANIMALDETECT_STAT_REPLAYS,
    calls_in_flight = ANIMALDETECT_STAT_CALLS_IN_FLIGHT,
    requests_active = ANIMALDETECT_STAT_REQUESTS_ACTIVE,
    requests_waiting = ANIMALDETECT_STAT_REQUESTS_WAITING,
    pace_per_minute = ANIMALDETECT_STAT_PACE_PER_MINUTE,
    hold_ms = ANIMALDETECT_STAT_HOLD_MS,
    iterations = ANIMALDETECT_STAT_ITERATIONS,
    bytes_sent_in_vain = ANIMALDETECT_STAT_BYTES_SENT_IN_VAIN,
    fresh_urls = ANIMALDETECT_STAT_FRESH_URLS,
    uploads_active = ANIMALDETECT_STAT_UPLOADS_ACTIVE,
    uplink_rate = ANIMALDETECT_STAT_UPLINK_RATE,
    clock_offset_ms = ANIMALDETECT_STAT_CLOCK_OFFSET_MS,
};

inline constexpr const char *detect = ANIMALDETECT_OPERATION_DETECT;
inline constexpr const char *detect_urban = ANIMALDETECT_OPERATION_DETECT_URBAN;
inline constexpr const char *filter = ANIMALDETECT_OPERATION_FILTER;
inline constexpr const char *filter_urban = ANIMALDETECT_OPERATION_FILTER_URBAN;

// One of Client::statistics.
struct Statistic {
    Stat which;
    std::string_view name; // such as "requests_create"
    bool is_gauge;         // it goes up and down; a counter only grows
    std::int64_t value;
};

// What this build of the library and the libraries that it runs on can do: a name, such as "http2", and what it is
// here.
inline std::vector<std::pair<std::string_view, std::string_view>> features()
{
    std::vector<std::pair<std::string_view, std::string_view>> all;
    for (std::size_t i = 0; const char *name = animaldetect_feature_name(i); i++)
        all.emplace_back(name, animaldetect_feature_text(name));
    return all;
}

} // namespace animaldetect

#endif
