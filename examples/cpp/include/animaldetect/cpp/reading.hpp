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
    [[nodiscard]] Status status() const { return static_cast<Status>(animaldetect_job_status(job())); }
    [[nodiscard]] State state_of_service() const { return static_cast<State>(animaldetect_job_state(job())); }
    [[nodiscard]] std::string state_text() const { return animaldetect_job_state_text(job()); }
    [[nodiscard]] Stage stage() const { return static_cast<Stage>(animaldetect_job_stage(job())); }
    [[nodiscard]] std::string message() const { return animaldetect_job_message(job()); }
    [[nodiscard]] std::optional<std::string> id() const { return detail::copied(animaldetect_job_id(job())); }
    [[nodiscard]] std::optional<std::string> operation() const
    {
        return detail::copied(animaldetect_job_operation(job()));
    }
    [[nodiscard]] std::optional<std::string> filename() const
    {
        return detail::copied(animaldetect_job_filename(job()));
    }
    [[nodiscard]] std::optional<std::string> path() const { return detail::copied(animaldetect_job_path(job())); }
    [[nodiscard]] std::optional<std::string> source_url() const
    {
        return detail::copied(animaldetect_job_source_url(job()));
    }
    [[nodiscard]] std::optional<std::string> client_reference_id() const
    {
        return detail::copied(animaldetect_job_client_reference_id(job()));
    }
    [[nodiscard]] std::optional<std::string> note() const { return detail::copied(animaldetect_job_note(job())); }
    [[nodiscard]] std::optional<std::string> idempotency_key() const
    {
        return detail::copied(animaldetect_job_idempotency_key(job()));
    }
    [[nodiscard]] std::optional<std::string> sha256() const { return detail::copied(animaldetect_job_sha256(job())); }
    [[nodiscard]] std::optional<std::string> expires_at() const
    {
        return detail::copied(animaldetect_job_expires_at(job()));
    }
    [[nodiscard]] std::optional<std::string> upload_expires_at() const
    {
        return detail::copied(animaldetect_job_upload_expires_at(job()));
    }
    [[nodiscard]] std::int32_t rerun_number() const { return animaldetect_job_rerun_number(job()); }
    [[nodiscard]] std::int32_t priority() const { return animaldetect_job_priority(job()); }
    [[nodiscard]] std::uint64_t upload_sent() const { return animaldetect_job_upload_sent(job()); }
    [[nodiscard]] std::uint64_t upload_total() const { return animaldetect_job_upload_total(job()); }
    [[nodiscard]] int attempts() const { return animaldetect_job_attempts(job()); }
    [[nodiscard]] int polls() const { return animaldetect_job_polls(job()); }
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
    const animaldetect_job *get() const { return job_; }

private:
    friend class LogRecord;
    explicit JobView(const animaldetect_job *job) : job_(job) {}
    const animaldetect_job *job_;
};

// One thing that happened. It and its texts live for the call of the function that hears it. No secret is in it.
class LogRecord {
public:
    [[nodiscard]] Log level() const { return static_cast<Log>(animaldetect_log_level(record_)); }
    [[nodiscard]] std::string_view text() const
    {
        return animaldetect_log_text(record_);
    }                                                // the whole record as one line
    [[nodiscard]] std::optional<JobView> job() const // nothing when it is about the client as a whole
    {
        const animaldetect_job *job = animaldetect_log_job(record_);
        return job == nullptr ? std::nullopt : std::optional<JobView>(JobView(job));
    }
    [[nodiscard]] Step step() const { return static_cast<Step>(animaldetect_log_step(record_)); }
    [[nodiscard]] int http_status() const { return animaldetect_log_http_status(record_); } // 0 without a response
    [[nodiscard]] std::optional<std::string_view> request_id() const
    {
        return detail::viewed(animaldetect_log_request_id(record_));
    }
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
