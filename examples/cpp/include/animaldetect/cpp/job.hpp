// SPDX-License-Identifier: MIT
//
// One image on its way through the service.
#ifndef ANIMALDETECT_CPP_JOB_HPP
#define ANIMALDETECT_CPP_JOB_HPP

#include <animaldetect/cpp/reading.hpp>
#include <animaldetect/cpp/result.hpp>

#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#if __has_include(<stop_token>)
#include <stop_token>
#endif

namespace animaldetect {

// One image on its way. Setters return the job, so that they can be chained; from a temporary they return it by value:
//
//     auto job = client.job().file("img_001.jpg").country("USA");
class Job : public JobReading<Job> {
public:
    // Fills the buffer and says how many bytes, 0 at the end. What it throws is nested in the call's Error; an Error
    // with a number of the host's own (Status::host or below) ends the call with that very number.
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
    // The file is opened when it is its turn.
    Job &file(const std::string &path) & { return set(animaldetect_job_set_file, detail::whole(path)); }
    [[nodiscard]] Job file(const std::string &path) && { return std::move(file(path)); }
    // Copied.
    Job &bytes(const void *image, std::size_t size) & { return set(animaldetect_job_set_bytes, image, size); }
    [[nodiscard]] Job bytes(const void *image, std::size_t size) && { return std::move(bytes(image, size)); }
    // Without a copy. The owner, if there is one, is kept until the bytes are not used any more; without one they must
    // stay until the job is destroyed.
    Job &bytes_borrowed(const void *bytes, std::size_t size, std::shared_ptr<const void> owner = nullptr) &
    {
        using Owner = std::shared_ptr<const void>;
        if (!owner)
            return set(animaldetect_job_set_bytes_borrowed, bytes, size, nullptr, nullptr);
        return lend(std::make_unique<Owner>(std::move(owner)), [&](void *user) {
            return animaldetect_job_set_bytes_borrowed(get(), bytes, size, user, detail::release<Owner>);
        });
    }
    [[nodiscard]] Job bytes_borrowed(const void *bytes, std::size_t size,
                                     std::shared_ptr<const void> owner = nullptr) &&
    {
        return std::move(bytes_borrowed(bytes, size, std::move(owner)));
    }
    // A public image that the service fetches itself: nothing is uploaded.
    Job &source_url(const std::string &url) & { return set(animaldetect_job_set_source_url, detail::whole(url)); }
    [[nodiscard]] Job source_url(const std::string &url) && { return std::move(source_url(url)); }
    // Read when the library asks: to hash the image, to upload it, and again for each retry. Without rewind it is read
    // once.
    Job &reader(std::uint64_t size, Read read, Rewind rewind = nullptr) &
    {
        auto kept = std::make_shared<Reader>(Reader{std::move(read), std::move(rewind), nullptr});
        lend(std::make_unique<std::shared_ptr<Reader>>(kept), [&](void *user) {
            return animaldetect_job_set_reader(get(), size, &Job::on_read, kept->rewind ? &Job::on_rewind : nullptr,
                                               user, detail::release<std::shared_ptr<Reader>>);
        });
        state().reader = kept;
        return *this;
    }
    [[nodiscard]] Job reader(std::uint64_t size, Read read, Rewind rewind = nullptr) &&
    {
        return std::move(reader(size, std::move(read), std::move(rewind)));
    }

    // ---- what goes with it ----
    // The name that the service sees. It is part of the payload, and so of the idempotency key.
    Job &filename(const std::string &name) & { return set(animaldetect_job_set_filename, detail::whole(name)); }
    [[nodiscard]] Job filename(const std::string &name) && { return std::move(filename(name)); }
    // Read from the first bytes of the image unless it is set.
    Job &content_type(const std::string &type) & { return set(animaldetect_job_set_content_type, detail::whole(type)); }
    [[nodiscard]] Job content_type(const std::string &type) && { return std::move(content_type(type)); }
    // Of the image in hex, where it is known already.
    Job &sha256(const std::string &hex) & { return set(animaldetect_job_set_sha256, detail::whole(hex)); }
    [[nodiscard]] Job sha256(const std::string &hex) && { return std::move(sha256(hex)); }
    // An id of the host's own system; part of the payload.
    Job &client_reference_id(const std::string &id) &
    {
        return set(animaldetect_job_set_client_reference_id, detail::whole(id));
    }
    [[nodiscard]] Job client_reference_id(const std::string &id) && { return std::move(client_reference_id(id)); }
    // Takes the place of the key that is derived from the payload.
    Job &idempotency_key(const std::string &key) &
    {
        return set(animaldetect_job_set_idempotency_key, detail::whole(key));
    }
    [[nodiscard]] Job idempotency_key(const std::string &key) && { return std::move(idempotency_key(key)); }
    // Smaller goes first; at any time.
    Job &priority(std::int32_t number) &
    {
        return set(animaldetect_job_set_priority, number);
    } // smaller first; any time
    [[nodiscard]] Job priority(std::int32_t number) && { return std::move(priority(number)); }
    // A text of the host's own; "" for none. Never sent; saved with the job. At any time.
    Job &note(const std::string &text) & { return set(animaldetect_job_set_note, detail::whole(text)); }
    [[nodiscard]] Job note(const std::string &text) && { return std::move(note(text)); }
    // Of a job that was not started yet; afterwards rerun() is the next run.
    Job &rerun(std::int32_t number) & { return set(animaldetect_job_set_rerun, number); }
    [[nodiscard]] Job rerun(std::int32_t number) && { return std::move(rerun(number)); }
    // How long each call on this job may take, from its start; nothing for no limit.
    Job &call_timeout(std::optional<milliseconds> limit) &
    {
        return set(animaldetect_job_set_call_timeout_ms, detail::limit(limit));
    }
    [[nodiscard]] Job call_timeout(std::optional<milliseconds> limit) && { return std::move(call_timeout(limit)); }
    // Detections with a lower score are dropped; 0.01 to 0.99.
    Job &threshold(double value) & { return set(animaldetect_job_set_threshold, value); }
    [[nodiscard]] Job threshold(double value) && { return std::move(threshold(value)); }
    // The country whose species are expected: a two- or three-letter code or an English name.
    Job &country(const std::string &name) & { return set(animaldetect_job_set_country, detail::whole(name)); }
    [[nodiscard]] Job country(const std::string &name) && { return std::move(country(name)); }
    // Names species, or only animal, human and vehicle.
    Job &classify(bool wanted) & { return set(animaldetect_job_set_classify, wanted ? 1 : 0); }
    [[nodiscard]] Job classify(bool wanted) && { return std::move(classify(wanted)); }
    // Returns the metadata found in the image.
    Job &metadata(bool wanted) & { return set(animaldetect_job_set_metadata, wanted ? 1 : 0); }
    [[nodiscard]] Job metadata(bool wanted) && { return std::move(metadata(wanted)); }
    // Gives similar animals of one image a common label.
    Job &smooth_herd(bool wanted) & { return set(animaldetect_job_set_smooth_herd, wanted ? 1 : 0); }
    [[nodiscard]] Job smooth_herd(bool wanted) && { return std::move(smooth_herd(wanted)); }
    // How many candidates each detection gets.
    Job &top_candidate(std::int32_t count) & { return set(animaldetect_job_set_top_candidate, count); }
    [[nodiscard]] Job top_candidate(std::int32_t count) && { return std::move(top_candidate(count)); }
    // Where the image was taken, in degrees; has effect only together with a country.
    Job &location(double latitude, double longitude) &
    {
        return set(animaldetect_job_set_location, latitude, longitude);
    }
    [[nodiscard]] Job location(double latitude, double longitude) &&
    {
        return std::move(location(latitude, longitude));
    }
    // An option that the service adds later, or any option as JSON.
    Job &option_json(const std::string &name, const std::string &json) &
    {
        return set(animaldetect_job_set_option_json, detail::whole(name), detail::whole(json));
    }
    [[nodiscard]] Job option_json(const std::string &name, const std::string &json) &&
    {
        return std::move(option_json(name, json));
    }

    // Begins a new run of the image: back to Stage::new_ with the next rerun number. What the service said of it is
    // forgotten, and the next call creates another job, which is billed. Save before it if that must survive a crash.
    Job &rerun() & { return set(animaldetect_job_rerun); }
    [[nodiscard]] Job rerun() && { return std::move(rerun()); }

    // ---- blocking ----
    // Asks the service for a job.
    void create() { finish(animaldetect_job_create(get())); }
    // Sends the image to where the service said.
    void upload() { finish(animaldetect_job_upload(get())); }
    // Tells the service that the image is there.
    void submit() { finish(animaldetect_job_submit(get())); }
    // Asks for the state once.
    void poll() { finish(animaldetect_job_poll(get())); }
    // Fetches the result of a job that succeeded.
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

#if defined(__cpp_lib_jthread)
    // As above; a stop that is requested before or during the call ends it with Status::canceled.
    Result run(std::stop_token stop)
    {
        std::stop_callback on_stop(std::move(stop), [this]() noexcept { animaldetect_job_cancel(get()); });
        return run();
    }
#endif

    // ---- non-blocking: the end comes from Client::next_done or from wait, whichever asks first ----
    // Starts create.
    void start_create()
    {
        begin(animaldetect_job_create_async(get()));
    }
    // Starts upload.
    void start_upload()
    {
        begin(animaldetect_job_upload_async(get()));
    }
    // Starts submit.
    void start_submit()
    {
        begin(animaldetect_job_submit_async(get()));
    }
    // Starts poll.
    void start_poll()
    {
        begin(animaldetect_job_poll_async(get()));
    }
    // Starts fetch.
    void start_fetch()
    {
        begin(animaldetect_job_fetch_async(get()));
    }
    // Starts run.
    void start_run()
    {
        begin(animaldetect_job_run_async(get()));
    }

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
    void cancel()
    {
        begin(animaldetect_job_cancel(get()));
    }
    // How the last call ended: nothing, or what it failed with. For ends that next_done gave.
    void check()
    {
        finish(animaldetect_job_status(get()));
    }
    // The result, once it was fetched.
    [[nodiscard]] Result result() const
    {
        animaldetect_result *handle = nullptr;
        std::int32_t status = animaldetect_job_result(get(), &handle);
        if (status != ANIMALDETECT_OK)
            throw Error(status, "the job has no result yet");
        return Result(handle);
    }
    // JSON without the key, for Client::restore.
    [[nodiscard]] std::string save() const
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
    [[nodiscard]] std::optional<std::string> result_json() const
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

    [[nodiscard]] animaldetect_job *get() const // the C handle, still this object's
    {
        if (!state_)
            throw Error(ANIMALDETECT_E_STATE, "the job was moved from");
        return state_->handle.get();
    }

private:
    friend class Client;
    friend class Awaited;
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
        void *coroutine = nullptr; // that goes on when the call has ended: await.hpp
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
    Kept &state() const
    {
        return *state_;
    }

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
    [[nodiscard]] static std::int64_t on_read(void *user, std::uint8_t *buffer, std::size_t size) noexcept
    {
        Reader &reader = **static_cast<std::shared_ptr<Reader> *>(user);
        return guarded(reader, [&] { return static_cast<std::int64_t>(reader.read(buffer, size)); });
    }
    [[nodiscard]] static std::int32_t on_rewind(void *user) noexcept
    {
        Reader &reader = **static_cast<std::shared_ptr<Reader> *>(user);
        return static_cast<std::int32_t>(guarded(reader, [&]() -> std::int64_t {
            reader.rewind();
            return 0;
        }));
    }

    std::unique_ptr<Kept> state_;
};

} // namespace animaldetect

#endif
