// SPDX-License-Identifier: MIT
//
// libanimaldetect for C++17: one header over the C library. Client and Job own their handles and can be moved, not copied;
// a Result is shared and may be copied. Every failure is an Error. What the library is given to call or to read lives until
// the library releases it: with its job or client, or when another takes its place.
//
// Threads are as in C: any thread may call, one call is in flight per job, and moving or destroying an object must not
// race with its use. A Client must outlive its jobs' calls, not the jobs.
#ifndef ANIMALDETECT_HPP
#define ANIMALDETECT_HPP

#include <animaldetect/animaldetect.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
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
};

inline constexpr const char *detect = ANIMALDETECT_OPERATION_DETECT;
inline constexpr const char *detect_urban = ANIMALDETECT_OPERATION_DETECT_URBAN;
inline constexpr const char *filter = ANIMALDETECT_OPERATION_FILTER;
inline constexpr const char *filter_urban = ANIMALDETECT_OPERATION_FILTER_URBAN;

// Why a call failed. what() is one line that lets a person act; no key is in it.
class Error : public std::runtime_error {
public:
    Error(std::int32_t code, const std::string &words)
        : std::runtime_error(words.empty() ? animaldetect_status_text(code) : words), status(static_cast<Status>(code))
    {
    }

    Status status;
    Step step = Step::none;
    Stage stage = Stage::new_;
    int http_status = 0;
    int attempts = 0;
    std::optional<std::string> service_code;
    std::optional<std::string> service_message;
    std::optional<std::string> request_id;
    std::optional<std::string> job_id;
    std::optional<milliseconds> retry_after;

    const char *name() const noexcept { return animaldetect_status_name(static_cast<std::int32_t>(status)); }
    bool is_retriable() const noexcept
    {
        return animaldetect_status_is_retriable(static_cast<std::int32_t>(status)) != 0;
    }
    Scope scope() const noexcept
    {
        return static_cast<Scope>(animaldetect_status_scope(static_cast<std::int32_t>(status)));
    }
};

// One of Client::statistics.
struct Statistic {
    Stat which;
    std::string_view name; // such as "requests_create"
    bool is_gauge;         // it goes up and down; a counter only grows
    std::int64_t value;
};

// What this build of the library and the libraries that it runs on can do: a name, such as "http2", and what it is here.
inline std::vector<std::pair<std::string_view, std::string_view>> features()
{
    std::vector<std::pair<std::string_view, std::string_view>> all;
    for (std::size_t i = 0; const char *name = animaldetect_feature_name(i); i++)
        all.emplace_back(name, animaldetect_feature_text(name));
    return all;
}

namespace detail {

inline std::optional<std::string> copied(const char *text)
{
    return text == nullptr ? std::nullopt : std::optional<std::string>(text);
}

inline std::optional<std::string_view> viewed(const char *text)
{
    return text == nullptr ? std::nullopt : std::optional<std::string_view>(text);
}

// A text with a NUL inside would be cut.
inline const char *whole(const std::string &text)
{
    if (text.find('\0') != std::string::npos)
        throw Error(ANIMALDETECT_E_INVALID_ARGUMENT, "a text has a NUL inside");
    return text.c_str();
}

// Milliseconds for C, where -1 is no limit.
inline std::int64_t limit(std::optional<milliseconds> time)
{
    return time ? static_cast<std::int64_t>(time->count()) : -1;
}

template <auto free_it> struct Freed {
    template <class Handle> void operator()(Handle *handle) const noexcept { free_it(handle); }
};

// For what the library was given as `new Kept`.
template <class Kept> void release(void *user) noexcept
{
    delete static_cast<Kept *>(user);
}

inline std::optional<std::string> sized(const char *text, std::size_t size)
{
    return text == nullptr ? std::nullopt : std::optional<std::string>(std::in_place, text, size);
}

template <class Number, class Handle, class Getter>
std::optional<Number> number(Getter getter, const Handle *handle)
{
    Number value{};
    return getter(handle, &value) == ANIMALDETECT_OK ? std::optional<Number>(value) : std::nullopt;
}

} // namespace detail

struct Box { // fractions of the image, origin top left
    double x, y, width, height;
};

class Candidate {
public:
    std::optional<std::string_view> label() const { return detail::viewed(animaldetect_candidate_label(view_)); }
    std::optional<double> score() const { return detail::number<double>(animaldetect_candidate_score, view_); }
    std::optional<std::string_view> taxonomy(Rank rank) const
    {
        return detail::viewed(animaldetect_candidate_taxonomy(view_, static_cast<std::int32_t>(rank)));
    }

private:
    friend class Detection;
    Candidate(std::shared_ptr<animaldetect_result> result, const animaldetect_candidate *view)
        : result_(std::move(result)), view_(view)
    {
    }
    std::shared_ptr<animaldetect_result> result_;
    const animaldetect_candidate *view_;
};

// What a Detection or Candidate returns as a view of text lives as long as any copy of its Result, itself included.
class Detection {
public:
    std::optional<std::int64_t> id() const { return detail::number<std::int64_t>(animaldetect_detection_id, view_); }
    std::optional<std::string_view> label() const { return detail::viewed(animaldetect_detection_label(view_)); }
    std::optional<std::string_view> category() const { return detail::viewed(animaldetect_detection_category(view_)); }
    std::optional<double> score() const { return detail::number<double>(animaldetect_detection_score, view_); }
    std::optional<Box> box() const
    {
        std::array<double, 4> edges{};
        if (animaldetect_detection_bbox(view_, edges.data()) != ANIMALDETECT_OK)
            return std::nullopt;
        return Box{edges[0], edges[1], edges[2], edges[3]};
    }
    std::optional<std::string_view> taxonomy(Rank rank) const
    {
        return detail::viewed(animaldetect_detection_taxonomy(view_, static_cast<std::int32_t>(rank)));
    }
    std::vector<Candidate> candidates() const
    {
        std::vector<Candidate> all;
        for (std::size_t i = 0; i < animaldetect_detection_candidate_count(view_); i++)
            all.push_back(Candidate(result_, animaldetect_detection_candidate(view_, i)));
        return all;
    }

private:
    friend class Result;
    Detection(std::shared_ptr<animaldetect_result> result, const animaldetect_detection *view)
        : result_(std::move(result)), view_(view)
    {
    }
    std::shared_ptr<animaldetect_result> result_;
    const animaldetect_detection *view_;
};

class Result {
public:
    static Result parse(std::string_view json)
    {
        animaldetect_result *handle = nullptr;
        std::int32_t status = animaldetect_result_parse(json.data(), json.size(), &handle);
        if (status != ANIMALDETECT_OK)
            throw Error(status, "the text is not a result");
        return Result(handle);
    }

    ResultKind kind() const { return static_cast<ResultKind>(animaldetect_result_kind(get())); }
    std::vector<Detection> detections() const
    {
        std::vector<Detection> all;
        for (std::size_t i = 0; i < animaldetect_result_count(get()); i++)
            all.push_back(Detection(handle_, animaldetect_result_at(get(), i)));
        return all;
    }
    std::string_view json() const
    {
        std::size_t size = 0;
        const char *text = animaldetect_result_json(get(), &size);
        return {text, size};
    }
    std::optional<std::string_view> metadata_json() const
    {
        std::size_t size = 0;
        const char *text = animaldetect_result_metadata_json(get(), &size);
        return text == nullptr ? std::nullopt : std::optional<std::string_view>({text, size});
    }
    std::optional<std::string_view> id() const { return detail::viewed(animaldetect_result_id(get())); }
    std::optional<std::string_view> expires_at() const { return detail::viewed(animaldetect_result_expires_at(get())); }
    std::optional<std::string_view> country() const { return detail::viewed(animaldetect_result_country(get())); }
    std::optional<std::string_view> model_id() const { return detail::viewed(animaldetect_result_model_id(get())); }
    std::optional<std::string_view> model_version() const
    {
        return detail::viewed(animaldetect_result_model_version(get()));
    }
    std::optional<std::int64_t> image_width() const { return whole(animaldetect_result_image_width); }
    std::optional<std::int64_t> image_height() const { return whole(animaldetect_result_image_height); }
    std::optional<std::int64_t> file_size() const { return whole(animaldetect_result_file_size); }
    std::optional<std::int64_t> processing_time_ms() const { return whole(animaldetect_result_processing_time_ms); }
    std::optional<double> threshold() const { return detail::number<double>(animaldetect_result_threshold, get()); }

private:
    friend class Job;
    explicit Result(animaldetect_result *handle) : handle_(handle, animaldetect_result_free) {}
    const animaldetect_result *get() const { return handle_.get(); }
    template <class Getter> std::optional<std::int64_t> whole(Getter getter) const
    {
        return detail::number<std::int64_t>(getter, get());
    }
    std::shared_ptr<animaldetect_result> handle_;
};

// What can be read of a job, copied.
template <class Of> class JobReading {
public:
    Status status() const { return static_cast<Status>(animaldetect_job_status(job())); }
    State state_of_service() const { return static_cast<State>(animaldetect_job_state(job())); }
    std::string state_text() const { return animaldetect_job_state_text(job()); }
    Stage stage() const { return static_cast<Stage>(animaldetect_job_stage(job())); }
    std::string message() const { return animaldetect_job_message(job()); }
    std::optional<std::string> id() const { return detail::copied(animaldetect_job_id(job())); }
    std::optional<std::string> operation() const { return detail::copied(animaldetect_job_operation(job())); }
    std::optional<std::string> filename() const { return detail::copied(animaldetect_job_filename(job())); }
    std::optional<std::string> path() const { return detail::copied(animaldetect_job_path(job())); }
    std::optional<std::string> source_url() const { return detail::copied(animaldetect_job_source_url(job())); }
    std::optional<std::string> client_reference_id() const
    {
        return detail::copied(animaldetect_job_client_reference_id(job()));
    }
    std::optional<std::string> note() const { return detail::copied(animaldetect_job_note(job())); }
    std::optional<std::string> idempotency_key() const
    {
        return detail::copied(animaldetect_job_idempotency_key(job()));
    }
    std::optional<std::string> sha256() const { return detail::copied(animaldetect_job_sha256(job())); }
    std::optional<std::string> expires_at() const { return detail::copied(animaldetect_job_expires_at(job())); }
    std::optional<std::string> upload_expires_at() const
    {
        return detail::copied(animaldetect_job_upload_expires_at(job()));
    }
    std::int32_t rerun_number() const { return animaldetect_job_rerun_number(job()); }
    std::int32_t priority() const { return animaldetect_job_priority(job()); }
    std::uint64_t upload_sent() const { return animaldetect_job_upload_sent(job()); }
    std::uint64_t upload_total() const { return animaldetect_job_upload_total(job()); }
    int attempts() const { return animaldetect_job_attempts(job()); }
    int polls() const { return animaldetect_job_polls(job()); }
    milliseconds step_time(Step step) const
    {
        return milliseconds(animaldetect_job_step_ms(job(), static_cast<std::int32_t>(step)));
    }

private:
    const animaldetect_job *job() const { return static_cast<const Of *>(this)->get(); }
};

// The job of a log record; lives as long as that.
class JobView : public JobReading<JobView> {
public:
    const animaldetect_job *get() const { return job_; }

private:
    friend class LogRecord;
    explicit JobView(const animaldetect_job *job) : job_(job) {}
    const animaldetect_job *job_;
};

// One thing that happened. It and its texts live for the call of the function that hears it. No secret is in it.
class LogRecord {
public:
    Log level() const { return static_cast<Log>(animaldetect_log_level(record_)); }
    std::string_view text() const { return animaldetect_log_text(record_); } // the whole record as one line
    std::optional<JobView> job() const // nothing when it is about the client as a whole
    {
        const animaldetect_job *job = animaldetect_log_job(record_);
        return job == nullptr ? std::nullopt : std::optional<JobView>(JobView(job));
    }
    Step step() const { return static_cast<Step>(animaldetect_log_step(record_)); }
    int http_status() const { return animaldetect_log_http_status(record_); } // 0 without a response
    std::optional<std::string_view> request_id() const { return detail::viewed(animaldetect_log_request_id(record_)); }
    std::optional<milliseconds> duration() const
    {
        std::int64_t time = animaldetect_log_duration_ms(record_);
        return time < 0 ? std::nullopt : std::optional<milliseconds>(time);
    }
    animaldetect_client *client() const { return animaldetect_log_client(record_); } // the C handle

private:
    friend class Client;
    explicit LogRecord(const animaldetect_log_record *record) : record_(record) {}
    const animaldetect_log_record *record_;
};

// One image on its way. Setters answer the job, so that they can be chained.
class Job : public JobReading<Job> {
public:
    // Fills the buffer and says how many bytes, 0 at the end. What it throws is nested in the call's Error; an Error with
    // a number of the host's own (Status::host or below) ends the call with that very number.
    using Read = std::function<std::size_t(std::uint8_t *buffer, std::size_t size)>;
    using Rewind = std::function<void()>;

    Job(Job &&other) noexcept : state_(std::move(other.state_)) { settle(); }
    Job &operator=(Job &&other) noexcept
    {
        state_ = std::move(other.state_);
        settle();
        return *this;
    }
    ~Job() = default;

    // ---- the image: one of these ----
    Job &file(const std::string &path) { return set(animaldetect_job_set_file, detail::whole(path)); }
    Job &bytes(const void *bytes, std::size_t size) { return set(animaldetect_job_set_bytes, bytes, size); }
    // Without a copy. The owner, if there is one, is kept until the bytes are not used any more; without one they must
    // stay until the job is destroyed.
    Job &bytes_borrowed(const void *bytes, std::size_t size, std::shared_ptr<const void> owner = nullptr)
    {
        using Owner = std::shared_ptr<const void>;
        if (!owner)
            return set(animaldetect_job_set_bytes_borrowed, bytes, size, nullptr, nullptr);
        return lend(std::make_unique<Owner>(std::move(owner)), [&](void *user) {
            return animaldetect_job_set_bytes_borrowed(get(), bytes, size, user, detail::release<Owner>);
        });
    }
    Job &source_url(const std::string &url) { return set(animaldetect_job_set_source_url, detail::whole(url)); }
    Job &reader(std::uint64_t size, Read read, Rewind rewind = nullptr)
    {
        auto kept = std::make_shared<Reader>(Reader{std::move(read), std::move(rewind), nullptr});
        lend(std::make_unique<std::shared_ptr<Reader>>(kept), [&](void *user) {
            return animaldetect_job_set_reader(get(), size, &Job::on_read, kept->rewind ? &Job::on_rewind : nullptr,
                                               user, detail::release<std::shared_ptr<Reader>>);
        });
        state().reader = kept;
        return *this;
    }

    // ---- what goes with it ----
    Job &filename(const std::string &name) { return set(animaldetect_job_set_filename, detail::whole(name)); }
    Job &content_type(const std::string &type) { return set(animaldetect_job_set_content_type, detail::whole(type)); }
    Job &sha256(const std::string &hex) { return set(animaldetect_job_set_sha256, detail::whole(hex)); }
    Job &client_reference_id(const std::string &id)
    {
        return set(animaldetect_job_set_client_reference_id, detail::whole(id));
    }
    Job &idempotency_key(const std::string &key) { return set(animaldetect_job_set_idempotency_key, detail::whole(key)); }
    Job &priority(std::int32_t number) { return set(animaldetect_job_set_priority, number); } // smaller first; any time
    // A text of the host's own; "" for none. Never sent; saved with the job. At any time.
    Job &note(const std::string &note) { return set(animaldetect_job_set_note, detail::whole(note)); }
    // Of a job that was not started yet; afterwards rerun() is the next run.
    Job &rerun(std::int32_t number) { return set(animaldetect_job_set_rerun, number); }
    Job &call_timeout(std::optional<milliseconds> limit)
    {
        return set(animaldetect_job_set_call_timeout_ms, detail::limit(limit));
    }
    Job &threshold(double value) { return set(animaldetect_job_set_threshold, value); }
    Job &country(const std::string &name) { return set(animaldetect_job_set_country, detail::whole(name)); }
    Job &classify(bool wanted) { return set(animaldetect_job_set_classify, wanted ? 1 : 0); }
    Job &metadata(bool wanted) { return set(animaldetect_job_set_metadata, wanted ? 1 : 0); }
    Job &smooth_herd(bool wanted) { return set(animaldetect_job_set_smooth_herd, wanted ? 1 : 0); }
    Job &top_candidate(std::int32_t count) { return set(animaldetect_job_set_top_candidate, count); }
    Job &location(double latitude, double longitude) { return set(animaldetect_job_set_location, latitude, longitude); }
    Job &option_json(const std::string &name, const std::string &json)
    {
        return set(animaldetect_job_set_option_json, detail::whole(name), detail::whole(json));
    }

    // Begins a new run of the image: back to Stage::new_ with the next rerun number. What the service said of it is
    // forgotten, and the next call creates another job, which is billed. Save before it if that must survive a crash.
    Job &rerun() { return set(animaldetect_job_rerun); }

    // ---- blocking ----
    void create() { finish(animaldetect_job_create(get())); }
    void upload() { finish(animaldetect_job_upload(get())); }
    void submit() { finish(animaldetect_job_submit(get())); }
    void poll() { finish(animaldetect_job_poll(get())); }
    Result fetch()
    {
        finish(animaldetect_job_fetch(get()));
        return result();
    }
    Result run() // all that is left
    {
        finish(animaldetect_job_run(get()));
        return result();
    }

    // ---- non-blocking: the end comes from Client::next_done or from wait, whichever asks first ----
    void start_create() { begin(animaldetect_job_create_async(get())); }
    void start_upload() { begin(animaldetect_job_upload_async(get())); }
    void start_submit() { begin(animaldetect_job_submit_async(get())); }
    void start_poll() { begin(animaldetect_job_poll_async(get())); }
    void start_fetch() { begin(animaldetect_job_fetch_async(get())); }
    void start_run() { begin(animaldetect_job_run_async(get())); }

    // false after the limit: the call goes on. Throws what the call failed with.
    bool wait(std::optional<milliseconds> limit = std::nullopt)
    {
        std::int32_t status = animaldetect_job_wait(get(), detail::limit(limit));
        if (status == ANIMALDETECT_AGAIN)
            return false;
        finish(status);
        return true;
    }
    // From any thread. Without a call in flight it cancels the next one that blocks; a start_ call forgets it.
    void cancel() { begin(animaldetect_job_cancel(get())); }
    // How the last call ended: nothing, or what it failed with. For ends that next_done gave.
    void check() { finish(animaldetect_job_status(get())); }
    Result result() const
    {
        animaldetect_result *handle = nullptr;
        std::int32_t status = animaldetect_job_result(get(), &handle);
        if (status != ANIMALDETECT_OK)
            throw Error(status, "the job has no result yet");
        return Result(handle);
    }
    // JSON without the key, for Client::restore.
    std::string save() const
    {
        char *text = nullptr;
        std::size_t size = 0;
        std::int32_t status = animaldetect_job_save(get(), &text, &size);
        std::unique_ptr<char, detail::Freed<animaldetect_text_free>> owned(text);
        if (status != ANIMALDETECT_OK)
            throw Error(status, "");
        return std::string(text, size);
    }

    // The service's result byte for byte, whatever its shape, once it was fetched.
    std::optional<std::string> result_json() const
    {
        std::size_t size = 0;
        const char *json = animaldetect_job_result_json(get(), &size);
        return detail::sized(json, size);
    }

    // ---- reading: JobReading, some of it under the names of setters ----
    using JobReading<Job>::filename;
    using JobReading<Job>::source_url;
    using JobReading<Job>::sha256;
    using JobReading<Job>::client_reference_id;
    using JobReading<Job>::idempotency_key;
    using JobReading<Job>::priority;
    using JobReading<Job>::note;

    animaldetect_job *get() const // the C handle, still this object's
    {
        if (!state_)
            throw Error(ANIMALDETECT_E_STATE, "the job was moved from");
        return state_->handle.get();
    }

private:
    friend class Client;
    struct Reader {
        Read read;
        Rewind rewind;
        std::exception_ptr thrown;
    };
    // Stays where it is when the Job is moved.
    struct Kept {
        std::weak_ptr<Reader> reader; // the library owns it
        std::unique_ptr<animaldetect_job, detail::Freed<animaldetect_job_free>> handle;
        Job *self = nullptr;
    };

    explicit Job(animaldetect_job *handle) : state_(std::make_unique<Kept>())
    {
        state_->handle.reset(handle);
        animaldetect_job_set_user_data(handle, state_.get());
        settle();
    }
    void settle() noexcept
    {
        if (state_)
            state_->self = this;
    }
    Kept &state() const { return *state_; }

    template <class Setter, class... Values> Job &set(Setter setter, Values... values)
    {
        begin(setter(get(), values...));
        return *this;
    }

    // Gives something to the library, which releases it unless it refuses it.
    template <class Lent, class Set> Job &lend(std::unique_ptr<Lent> kept, Set set_it)
    {
        begin(set_it(static_cast<void *>(kept.get())));
        static_cast<void>(kept.release());
        return *this;
    }

    Error error(std::int32_t status) const
    {
        animaldetect_job *job = state_->handle.get();
        Error failed(status, animaldetect_job_message(job));
        failed.step = static_cast<Step>(animaldetect_job_failed_step(job));
        failed.stage = static_cast<Stage>(animaldetect_job_stage(job));
        failed.http_status = animaldetect_job_http_status(job);
        failed.attempts = animaldetect_job_attempts(job);
        failed.service_code = detail::copied(animaldetect_job_service_code(job));
        failed.service_message = detail::copied(animaldetect_job_service_message(job));
        failed.request_id = detail::copied(animaldetect_job_request_id(job));
        failed.job_id = detail::copied(animaldetect_job_id(job));
        if (animaldetect_job_retry_after_ms(job) >= 0)
            failed.retry_after = milliseconds(animaldetect_job_retry_after_ms(job));
        return failed;
    }
    void begin(std::int32_t status) const
    {
        if (status != ANIMALDETECT_OK)
            throw error(status);
    }
    void finish(std::int32_t status)
    {
        if (status == ANIMALDETECT_OK)
            return;
        std::exception_ptr thrown;
        if (auto reader = state().reader.lock())
            std::swap(thrown, reader->thrown);
        if ((status != ANIMALDETECT_E_READER && status > ANIMALDETECT_E_HOST) || !thrown)
            throw error(status);
        try {
            std::rethrow_exception(thrown);
        } catch (...) {
            std::throw_with_nested(error(status));
        }
    }

    // Nothing may be thrown through the library.
    template <class Act> static std::int64_t guarded(Reader &reader, Act act) noexcept
    {
        try {
            return act();
        } catch (const Error &error) {
            reader.thrown = std::current_exception();
            return error.status <= Status::host ? static_cast<std::int64_t>(error.status) : -1;
        } catch (...) {
            reader.thrown = std::current_exception();
            return -1;
        }
    }
    static std::int64_t on_read(void *user, std::uint8_t *buffer, std::size_t size) noexcept
    {
        Reader &reader = **static_cast<std::shared_ptr<Reader> *>(user);
        return guarded(reader, [&] { return static_cast<std::int64_t>(reader.read(buffer, size)); });
    }
    static std::int32_t on_rewind(void *user) noexcept
    {
        Reader &reader = **static_cast<std::shared_ptr<Reader> *>(user);
        return static_cast<std::int32_t>(guarded(reader, [&]() -> std::int64_t {
            reader.rewind();
            return 0;
        }));
    }

    std::unique_ptr<Kept> state_;
};

class Client {
public:
    // Runs inside a call on the client: it must not call the client. What it throws is dropped.
    using Hear = std::function<void(const LogRecord &record)>;

    static Client from_env() // AD_API_KEY, AD_API_BASE_URL
    {
        Client client(made());
        client.configure_from_env();
        return client;
    }
    explicit Client(const std::string &api_key) : Client(made())
    {
        set(animaldetect_client_set_api_key, detail::whole(api_key));
    }

    // ---- settings, at any time: they count for what is sent next. The base URL, trusted origins, the user agent, plain
    // http and the checksum field are fixed with the first use (Status::state) ----
    Client &configure_from_env() { return set(animaldetect_client_configure_from_env); }
    Client &api_key(const std::string &key) { return set(animaldetect_client_set_api_key, detail::whole(key)); }
    Client &base_url(const std::string &url) { return set(animaldetect_client_set_base_url, detail::whole(url)); }
    Client &add_trusted_origin(const std::string &origin)
    {
        return set(animaldetect_client_add_trusted_origin, detail::whole(origin));
    }
    Client &ca_file(const std::string &path) { return set(animaldetect_client_set_ca_file, detail::whole(path)); }
    Client &ca_pem(const std::string &pem) { return set(animaldetect_client_set_ca_pem, pem.data(), pem.size()); }
    Client &proxy(const std::string &url) { return set(animaldetect_client_set_proxy, detail::whole(url)); }
    Client &add_header(const std::string &name, const std::string &value) // "" takes it away
    {
        return set(animaldetect_client_add_header, detail::whole(name), detail::whole(value));
    }
    Client &user_agent(const std::string &text) { return set(animaldetect_client_set_user_agent, detail::whole(text)); }
    Client &connect_timeout(milliseconds time) { return set(animaldetect_client_set_connect_timeout_ms, time.count()); }
    Client &stall_timeout(milliseconds time) { return set(animaldetect_client_set_stall_timeout_ms, time.count()); }
    Client &request_timeout(milliseconds time) { return set(animaldetect_client_set_request_timeout_ms, time.count()); }
    // How long calls wait for a network: nothing for no end, 0 not to wait.
    Client &offline_patience(std::optional<milliseconds> patience)
    {
        return set(animaldetect_client_set_offline_patience_ms, detail::limit(patience));
    }
    // How long a wait that the service asked for is kept without asking again.
    Client &max_retry_after(milliseconds wait) { return set(animaldetect_client_set_max_retry_after_ms, wait.count()); }
    // How long the service may take for a job, from its submit: then Status::overdue. Nothing for no limit.
    Client &processing_timeout(std::optional<milliseconds> time)
    {
        return set(animaldetect_client_set_processing_timeout_ms, detail::limit(time));
    }
    Client &max_requests(std::int32_t count) { return set(animaldetect_client_set_max_requests, count); }
    Client &max_jobs(std::int64_t count) { return set(animaldetect_client_set_max_jobs, count); } // 0: no limit
    Client &rate_limit(std::int32_t per_minute, std::int32_t burst = 0)
    {
        return set(animaldetect_client_set_rate_limit, per_minute, burst);
    }
    Client &max_tries(std::int32_t tries) { return set(animaldetect_client_set_max_tries, tries); }
    Client &poll_mode(Poll mode) { return set(animaldetect_client_set_poll_mode, static_cast<std::int32_t>(mode)); }
    Client &poll_bounds(milliseconds least, milliseconds most)
    {
        return set(animaldetect_client_set_poll_bounds_ms, least.count(), most.count());
    }
    Client &allow_insecure_http(bool allowed) { return set(animaldetect_client_set_allow_insecure_http, allowed ? 1 : 0); }
    Client &checksum_field(const std::string &name)
    {
        return set(animaldetect_client_set_checksum_field, detail::whole(name));
    }
    Client &max_image_bytes(std::uint64_t bytes) { return set(animaldetect_client_set_max_image_bytes, bytes); }
    Client &max_answer_bytes(std::uint64_t bytes) { return set(animaldetect_client_set_max_answer_bytes, bytes); }
    Client &log(Log level, Hear hear)
    {
        auto kept = std::make_unique<Hear>(std::move(hear));
        set(animaldetect_client_set_log, static_cast<std::int32_t>(level), *kept ? &Client::on_record : nullptr,
            static_cast<void *>(kept.get()), detail::release<Hear>);
        static_cast<void>(kept.release()); // the library does it
        return *this;
    }

    // ---- control ----
    // Ends the client for good: calls in flight end with Status::canceled, and so does each that is begun later.
    void stop() { checked(animaldetect_client_stop(get())); }
    // What not to begin for now. Requests on the wire are finished; calls wait, and their timeouts run.
    Client &pause(Pause what) { return set(animaldetect_client_set_paused, static_cast<std::int32_t>(what)); }
    // The machine has another network: makes new connections, and tries at once what waits after a failure of it.
    void network_changed() { checked(animaldetect_client_network_changed(get())); }

    // What keeps requests back now; of several holds the one that holds the most.
    Hold hold_reason() const { return static_cast<Hold>(animaldetect_client_hold_reason(get())); }
    // When the hold ends, or the client next asks by itself whether it does; to a second. Nothing without a hold;
    // time_point::max() when only the host can end it, by api_key or resume.
    std::optional<std::chrono::system_clock::time_point> held_until() const
    {
        using time_point = std::chrono::system_clock::time_point;
        std::int64_t until = animaldetect_client_held_until_ms(get());
        if (until == 0)
            return std::nullopt;
        return until < 0 ? time_point::max() : time_point(milliseconds(until));
    }
    // Ends Hold::account: the account can pay again, or the key has its rights back. A network that is not there is
    // probed at once; a wait that the service asked for goes on.
    void resume() { checked(animaldetect_client_resume(get())); }

    // ---- jobs ----
    Job job(const std::string &operation = detect)
    {
        return made_job([&](animaldetect_job **out) {
            return animaldetect_job_new(get(), detail::whole(operation), out);
        });
    }
    Job restore(const std::string &saved)
    {
        return made_job([&](animaldetect_job **out) {
            return animaldetect_job_restore(get(), saved.data(), saved.size(), out);
        });
    }
    Job attach(const std::string &job_id)
    {
        return made_job([&](animaldetect_job **out) {
            return animaldetect_job_attach(get(), detail::whole(job_id), out);
        });
    }

    // ---- event loop ----
    int fd() const // watch it for reading; then process once and take all that is done
    {
        std::int32_t fd = animaldetect_client_fd(get());
        if (fd < 0)
            throw error(fd);
        return fd;
    }
    void process() { checked(animaldetect_client_process(get())); }
    // The job whose call has ended, where it is now; nullptr when there is none. Then Job::check or Job::result.
    Job *next_done()
    {
        animaldetect_job *handle = nullptr;
        std::int32_t status = animaldetect_client_next_done(get(), &handle);
        if (status == ANIMALDETECT_AGAIN)
            return nullptr;
        checked(status);
        return static_cast<Job::Kept *>(animaldetect_job_user_data(handle))->self;
    }
    // true when a job is done; false after the limit or a wakeup. Throws Status::canceled when the client was stopped
    // and every end was taken.
    bool wait(std::optional<milliseconds> limit = std::nullopt)
    {
        std::int32_t status = animaldetect_client_wait(get(), detail::limit(limit));
        if (status == ANIMALDETECT_AGAIN)
            return false;
        checked(status);
        return true;
    }
    void wakeup() { checked(animaldetect_client_wakeup(get())); }
    // How long a loop that cannot watch the descriptor may sleep before it calls process; nothing for no limit.
    std::optional<milliseconds> timeout() const
    {
        std::int64_t time = animaldetect_client_timeout_ms(get());
        if (time < -1)
            throw error(static_cast<std::int32_t>(time));
        return time < 0 ? std::nullopt : std::optional<milliseconds>(time);
    }
    std::int64_t in_flight() const
    {
        std::int64_t count = animaldetect_client_in_flight(get());
        if (count < 0)
            throw error(static_cast<std::int32_t>(count));
        return count;
    }
    std::int64_t statistic(Stat which) const
    {
        std::int64_t value = 0;
        checked(animaldetect_client_statistic(get(), static_cast<std::int32_t>(which), &value));
        return value;
    }
    std::vector<Statistic> statistics() const // all that the library has, also those that have no name here
    {
        std::vector<Statistic> all;
        for (std::int32_t i = 0; const char *name = animaldetect_statistic_name(i); i++)
            all.push_back({static_cast<Stat>(i), name, animaldetect_statistic_is_gauge(i) != 0,
                           statistic(static_cast<Stat>(i))});
        return all;
    }
    // How long a step takes, as a quantile from 0 to 1; nothing before the first. Step::none: the whole job.
    std::optional<milliseconds> latency(Step step, double quantile) const
    {
        std::int64_t value = 0;
        std::int32_t status =
            animaldetect_client_latency_ms(get(), static_cast<std::int32_t>(step), quantile, &value);
        if (status == ANIMALDETECT_ABSENT)
            return std::nullopt;
        checked(status);
        return milliseconds(value);
    }

    animaldetect_client *get() const // the C handle, still this object's
    {
        if (!handle_)
            throw Error(ANIMALDETECT_E_STATE, "the client was moved from");
        return handle_.get();
    }

private:
    explicit Client(animaldetect_client *handle) : handle_(handle) {}
    static animaldetect_client *made()
    {
        animaldetect_client *handle = nullptr;
        std::int32_t status = animaldetect_client_new(&handle);
        if (status != ANIMALDETECT_OK)
            throw Error(status, "");
        return handle;
    }
    Error error(std::int32_t status) const
    {
        std::array<char, 256> words{};
        animaldetect_client_copy_message(handle_.get(), words.data(), words.size());
        return Error(status, words.data());
    }
    void checked(std::int32_t status) const
    {
        if (status != ANIMALDETECT_OK)
            throw error(status);
    }
    template <class Setter, class... Values> Client &set(Setter setter, Values... values)
    {
        checked(setter(get(), values...));
        return *this;
    }
    template <class Make> Job made_job(Make make)
    {
        animaldetect_job *handle = nullptr;
        checked(make(&handle));
        return Job(handle);
    }
    static void on_record(void *user, const animaldetect_log_record *record) noexcept
    {
        try {
            (*static_cast<Hear *>(user))(LogRecord(record));
        } catch (...) {
            // Nothing may be thrown through the library, and a record is not worth a job.
            return;
        }
    }

    std::unique_ptr<animaldetect_client, detail::Freed<animaldetect_client_free>> handle_;
};

} // namespace animaldetect

#endif
