// SPDX-License-Identifier: MIT
//
// What can be read of a job and of a log record.
#ifndef ANIMALDETECT_CPP_READING_HPP
#define ANIMALDETECT_CPP_READING_HPP

#include <animaldetect/cpp/error.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace animaldetect {

// What can be read of a job, copied.
template <class Of> class JobReading {
public:
    // How the last call completed; Status::again while one is in flight.
    [[nodiscard]] Status status() const { return static_cast<Status>(animaldetect_job_status(job())); }
    // Where the service says that the job is.
    [[nodiscard]] State state_of_service() const { return static_cast<State>(animaldetect_job_state(job())); }
    // The service's own word for it.
    [[nodiscard]] std::string state_text() const { return animaldetect_job_state_text(job()); }
    // How far the job has come.
    [[nodiscard]] Stage stage() const { return static_cast<Stage>(animaldetect_job_stage(job())); }
    // Why the last call failed; "" when it did not.
    [[nodiscard]] std::string message() const { return animaldetect_job_message(job()); }
    // The service's id.
    [[nodiscard]] std::optional<std::string> id() const { return detail::copied(animaldetect_job_id(job())); }
    // What the job was made for.
    [[nodiscard]] std::optional<std::string> operation() const
    {
        return detail::copied(animaldetect_job_operation(job()));
    }
    // The name that the service sees.
    [[nodiscard]] std::optional<std::string> filename() const
    {
        return detail::copied(animaldetect_job_filename(job()));
    }
    // As it was set by file.
    [[nodiscard]] std::optional<std::string> path() const { return detail::copied(animaldetect_job_path(job())); }
    // As it was set.
    [[nodiscard]] std::optional<std::string> source_url() const
    {
        return detail::copied(animaldetect_job_source_url(job()));
    }
    // As it was set.
    [[nodiscard]] std::optional<std::string> client_reference_id() const
    {
        return detail::copied(animaldetect_job_client_reference_id(job()));
    }
    // As it was set.
    [[nodiscard]] std::optional<std::string> note() const { return detail::copied(animaldetect_job_note(job())); }
    // The key under which the job is, or will be, created.
    [[nodiscard]] std::optional<std::string> idempotency_key() const
    {
        return detail::copied(animaldetect_job_idempotency_key(job()));
    }
    // Of the image in hex, once it is known.
    [[nodiscard]] std::optional<std::string> sha256() const { return detail::copied(animaldetect_job_sha256(job())); }
    // When the job's result goes away, as the service wrote it.
    [[nodiscard]] std::optional<std::string> expires_at() const
    {
        return detail::copied(animaldetect_job_expires_at(job()));
    }
    // When the upload URL expires, as the service wrote it.
    [[nodiscard]] std::optional<std::string> upload_expires_at() const
    {
        return detail::copied(animaldetect_job_upload_expires_at(job()));
    }
    // Which run of the image this is; 0 for the first.
    [[nodiscard]] std::int32_t rerun_number() const { return animaldetect_job_rerun_number(job()); }
    // As it was set.
    [[nodiscard]] std::int32_t priority() const { return animaldetect_job_priority(job()); }
    // Bytes of the image that were sent, also while it is uploaded.
    [[nodiscard]] std::uint64_t upload_sent() const { return animaldetect_job_upload_sent(job()); }
    // The size of the image; 0 while it is not known.
    [[nodiscard]] std::uint64_t upload_total() const { return animaldetect_job_upload_total(job()); }
    // Requests of the last call, retries included.
    [[nodiscard]] int attempts() const { return animaldetect_job_attempts(job()); }
    // Status requests that got a response.
    [[nodiscard]] int polls() const { return animaldetect_job_polls(job()); }
    // How long a step took in all, waiting and retries included.
    [[nodiscard]] milliseconds step_time(Step step) const
    {
        return milliseconds(animaldetect_job_step_ms(job(), static_cast<std::int32_t>(step)));
    }

private:
    const animaldetect_job *job() const { return static_cast<const Of *>(this)->get(); }
};

// The job of a log record; lives as long as that.
class JobView : public JobReading<JobView> {
public:
    // The C handle; not the host's to free.
    const animaldetect_job *get() const { return job_; }

private:
    friend class LogRecord;
    explicit JobView(const animaldetect_job *job) : job_(job) {}
    const animaldetect_job *job_;
};

// One thing that happened. It and its texts live for the call of the function that hears it. No secret is in it.
class LogRecord {
public:
    // How bad it is.
    [[nodiscard]] Log level() const { return static_cast<Log>(animaldetect_log_level(record_)); }
    // The whole record as one line.
    [[nodiscard]] std::string_view text() const
    {
        return animaldetect_log_text(record_);
    }                                                // the whole record as one line
    [[nodiscard]] std::optional<JobView> job() const // nothing when it is about the client as a whole
    {
        const animaldetect_job *job = animaldetect_log_job(record_);
        return job == nullptr ? std::nullopt : std::optional<JobView>(JobView(job));
    }
    // Step::none when it is about none, or about a whole call.
    [[nodiscard]] Step step() const { return static_cast<Step>(animaldetect_log_step(record_)); }
    [[nodiscard]] int http_status() const { return animaldetect_log_http_status(record_); } // 0 without a response
    // The service's, for its support.
    [[nodiscard]] std::optional<std::string_view> request_id() const
    {
        return detail::viewed(animaldetect_log_request_id(record_));
    }
    // Of a request or of a call.
    [[nodiscard]] std::optional<milliseconds> duration() const
    {
        std::int64_t time = animaldetect_log_duration_ms(record_);
        return time < 0 ? std::nullopt : std::optional<milliseconds>(time);
    }
    [[nodiscard]] animaldetect_client *client() const { return animaldetect_log_client(record_); } // the C handle

private:
    friend class Client;
    explicit LogRecord(const animaldetect_log_record *record) : record_(record) {}
    const animaldetect_log_record *record_;
};

} // namespace animaldetect

#endif
