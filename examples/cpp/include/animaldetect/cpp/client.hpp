// SPDX-License-Identifier: MIT
//
// The client: key, settings, quota, event loop. One per API key and process, shared by all jobs.
#ifndef ANIMALDETECT_CPP_CLIENT_HPP
#define ANIMALDETECT_CPP_CLIENT_HPP

#include <animaldetect/cpp/job.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace animaldetect {

// What Client::report_permits gives, both as of the same moment.
struct PermitReport {
    std::vector<milliseconds> settled; // how long ago each; the oldest first
    std::int32_t outstanding = 0;
};

class Client {
public:
    // Runs inside a call on the client: it must not call the client. What it throws is dropped.
    using Hear = std::function<void(const LogRecord &record)>;

    [[nodiscard]] static Client from_env() // AD_API_KEY, AD_API_BASE_URL
    {
        Client client(made());
        client.configure_from_env();
        return client;
    }
    explicit Client(const std::string &api_key) : Client(made())
    {
        set(animaldetect_client_set_api_key, detail::whole(api_key));
    }

    // ---- settings, at any time: they count for what is sent next. The base URL, trusted origins, the user agent,
    // plain http and the checksum field are fixed with the first use (Status::state) ----
    Client &configure_from_env() & { return set(animaldetect_client_configure_from_env); }
    [[nodiscard]] Client configure_from_env() && { return std::move(configure_from_env()); }
    // Sent only to trusted origins, never logged. The next request carries it.
    Client &api_key(const std::string &key) & { return set(animaldetect_client_set_api_key, detail::whole(key)); }
    [[nodiscard]] Client api_key(const std::string &key) && { return std::move(api_key(key)); }
    // The URL of the service. Its origin becomes trusted with the key.
    Client &base_url(const std::string &url) & { return set(animaldetect_client_set_base_url, detail::whole(url)); }
    [[nodiscard]] Client base_url(const std::string &url) && { return std::move(base_url(url)); }
    // An origin to which the key may be sent when the service names a URL there.
    Client &add_trusted_origin(const std::string &origin) &
    {
        return set(animaldetect_client_add_trusted_origin, detail::whole(origin));
    }
    [[nodiscard]] Client add_trusted_origin(const std::string &origin) &&
    {
        return std::move(add_trusted_origin(origin));
    }
    // A file with the certificates of the authorities to trust (PEM), instead of the system's.
    Client &ca_file(const std::string &path) & { return set(animaldetect_client_set_ca_file, detail::whole(path)); }
    [[nodiscard]] Client ca_file(const std::string &path) && { return std::move(ca_file(path)); }
    // The same as text; it takes precedence over a file.
    Client &ca_pem(const std::string &pem) & { return set(animaldetect_client_set_ca_pem, pem.data(), pem.size()); }
    [[nodiscard]] Client ca_pem(const std::string &pem) && { return std::move(ca_pem(pem)); }
    // [scheme://][user[:password]@]host[:port]; "" for no proxy at all.
    Client &proxy(const std::string &url) & { return set(animaldetect_client_set_proxy, detail::whole(url)); }
    [[nodiscard]] Client proxy(const std::string &url) && { return std::move(proxy(url)); }
    Client &add_header(const std::string &name, const std::string &value) & // "" takes it away
    {
        return set(animaldetect_client_add_header, detail::whole(name), detail::whole(value));
    }
    [[nodiscard]] Client add_header(const std::string &name, const std::string &value) &&
    {
        return std::move(add_header(name, value));
    }
    // Added to the User-Agent header, after the library's own name and version.
    Client &user_agent(const std::string &text) &
    {
        return set(animaldetect_client_set_user_agent, detail::whole(text));
    }
    [[nodiscard]] Client user_agent(const std::string &text) && { return std::move(user_agent(text)); }
    // How long establishing a connection may take, TLS included.
    Client &connect_timeout(milliseconds time) &
    {
        return set(animaldetect_client_set_connect_timeout_ms, time.count());
    }
    [[nodiscard]] Client connect_timeout(milliseconds time) && { return std::move(connect_timeout(time)); }
    // How long a request may go without a byte moving.
    Client &stall_timeout(milliseconds time) & { return set(animaldetect_client_set_stall_timeout_ms, time.count()); }
    [[nodiscard]] Client stall_timeout(milliseconds time) && { return std::move(stall_timeout(time)); }
    // How long one API request may take in total. An upload gets more, by its size.
    Client &request_timeout(milliseconds time) &
    {
        return set(animaldetect_client_set_request_timeout_ms, time.count());
    }
    [[nodiscard]] Client request_timeout(milliseconds time) && { return std::move(request_timeout(time)); }
    // How long calls wait for a network: nothing for no end, 0 not to wait.
    Client &offline_patience(std::optional<milliseconds> patience) &
    {
        return set(animaldetect_client_set_offline_patience_ms, detail::limit(patience));
    }
    [[nodiscard]] Client offline_patience(std::optional<milliseconds> patience) &&
    {
        return std::move(offline_patience(patience));
    }
    // How long a wait that the service asked for is kept without asking again.
    Client &max_retry_after(milliseconds wait) &
    {
        return set(animaldetect_client_set_max_retry_after_ms, wait.count());
    }
    [[nodiscard]] Client max_retry_after(milliseconds wait) && { return std::move(max_retry_after(wait)); }
    // How long the service may take for a job, from its submit: then Status::overdue. Nothing for no limit.
    Client &processing_timeout(std::optional<milliseconds> time) &
    {
        return set(animaldetect_client_set_processing_timeout_ms, detail::limit(time));
    }
    [[nodiscard]] Client processing_timeout(std::optional<milliseconds> time) &&
    {
        return std::move(processing_timeout(time));
    }
    // How many requests may be on the wire at once.
    Client &max_requests(std::int32_t count) & { return set(animaldetect_client_set_max_requests, count); }
    [[nodiscard]] Client max_requests(std::int32_t count) && { return std::move(max_requests(count)); }
    Client &max_jobs(std::int64_t count) & { return set(animaldetect_client_set_max_jobs, count); } // 0: no limit
    [[nodiscard]] Client max_jobs(std::int64_t count) && { return std::move(max_jobs(count)); }
    // The quota of the key, and how many requests may go at once; 0 where it is not known.
    Client &rate_limit(std::int32_t per_minute, std::int32_t burst = 0) &
    {
        return set(animaldetect_client_set_rate_limit, per_minute, burst);
    }
    [[nodiscard]] Client rate_limit(std::int32_t per_minute, std::int32_t burst = 0) &&
    {
        return std::move(rate_limit(per_minute, burst));
    }
    // How often one request is tried in all.
    Client &max_tries(std::int32_t tries) & { return set(animaldetect_client_set_max_tries, tries); }
    [[nodiscard]] Client max_tries(std::int32_t tries) && { return std::move(max_tries(tries)); }
    // What polls are spent on: quick results, or few requests.
    Client &poll_mode(Poll mode) & { return set(animaldetect_client_set_poll_mode, static_cast<std::int32_t>(mode)); }
    [[nodiscard]] Client poll_mode(Poll mode) && { return std::move(poll_mode(mode)); }
    // The shortest and the longest time between two polls of a job.
    Client &poll_bounds(milliseconds least, milliseconds most) &
    {
        return set(animaldetect_client_set_poll_bounds_ms, least.count(), most.count());
    }
    [[nodiscard]] Client poll_bounds(milliseconds least, milliseconds most) &&
    {
        return std::move(poll_bounds(least, most));
    }
    // Permits plain http to hosts other than loopback. Anyone on the network path can then read the key.
    Client &allow_insecure_http(bool allowed) &
    {
        return set(animaldetect_client_set_allow_insecure_http, allowed ? 1 : 0);
    }
    [[nodiscard]] Client allow_insecure_http(bool allowed) && { return std::move(allow_insecure_http(allowed)); }
    // The name of the create request's optional checksum field; none is sent by default.
    Client &checksum_field(const std::string &name) &
    {
        return set(animaldetect_client_set_checksum_field, detail::whole(name));
    }
    [[nodiscard]] Client checksum_field(const std::string &name) && { return std::move(checksum_field(name)); }
    // The size above which an image is refused before anything is sent.
    Client &max_image_bytes(std::uint64_t bytes) & { return set(animaldetect_client_set_max_image_bytes, bytes); }
    [[nodiscard]] Client max_image_bytes(std::uint64_t bytes) && { return std::move(max_image_bytes(bytes)); }
    // The size above which a response is refused.
    Client &max_answer_bytes(std::uint64_t bytes) & { return set(animaldetect_client_set_max_answer_bytes, bytes); }
    [[nodiscard]] Client max_answer_bytes(std::uint64_t bytes) && { return std::move(max_answer_bytes(bytes)); }
    // Records of this level and below. An empty function ends the log.
    Client &log(Log level, Hear hear) &
    {
        auto kept = std::make_unique<Hear>(std::move(hear));
        set(animaldetect_client_set_log, static_cast<std::int32_t>(level), *kept ? &Client::on_record : nullptr,
            static_cast<void *>(kept.get()), detail::release<Hear>);
        static_cast<void>(kept.release()); // the library does it
        return *this;
    }
    [[nodiscard]] Client log(Log level, Hear hear) && { return std::move(log(level, std::move(hear))); }

    // ---- control ----
    // Ends the client for good: calls in flight end with Status::canceled, and so does each that is begun later.
    void stop() { checked(animaldetect_client_stop(get())); }
    // What not to begin for now. Requests on the wire are finished; calls wait, and their timeouts run.
    Client &pause(Pause what) & { return set(animaldetect_client_set_paused, static_cast<std::int32_t>(what)); }
    [[nodiscard]] Client pause(Pause what) && { return std::move(pause(what)); }
    // The machine has another network: makes new connections, and tries at once what waits after a failure of it.
    void network_changed() { checked(animaldetect_client_network_changed(get())); }

    // What keeps requests back now; of several holds the one that holds the most.
    [[nodiscard]] Hold hold_reason() const { return static_cast<Hold>(animaldetect_client_hold_reason(get())); }
    // When the hold ends, or the client next asks by itself whether it does; to a second. Nothing without a hold;
    // time_point::max() when only the host can end it, by api_key or resume.
    [[nodiscard]] std::optional<std::chrono::system_clock::time_point> held_until() const
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

    // ---- permits: several clients share the quota of one key, see permits.h and doc/guide.md of the library ----
    // Whether API requests need permits.
    Client &permits(bool needed) & { return set(animaldetect_client_set_permits, needed ? 1 : 0); }
    [[nodiscard]] Client permits(bool needed) && { return std::move(permits(needed)); }
    // What the client may send in a minute while nothing was granted for so long; 0 to wait.
    Client &permit_share(std::int32_t per_minute, milliseconds after) &
    {
        return set(animaldetect_client_set_permit_share, per_minute, after.count());
    }
    [[nodiscard]] Client permit_share(std::int32_t per_minute, milliseconds after) &&
    {
        return std::move(permit_share(per_minute, after));
    }
    // How much later than it was sent a request may still arrive at the service.
    Client &permit_lag(milliseconds lag) & { return set(animaldetect_client_set_permit_lag_ms, lag.count()); }
    [[nodiscard]] Client permit_lag(milliseconds lag) && { return std::move(permit_lag(lag)); }
    // How many permits the client could use now or within a second, beyond those that it has.
    [[nodiscard]] std::int32_t permits_wanted() const
    {
        std::int32_t count = 0;
        checked(animaldetect_client_permits_wanted(get(), &count));
        return count;
    }
    // Those that are unused when their life is over are gone.
    void grant_permits(std::int32_t count, milliseconds life)
    {
        checked(animaldetect_client_grant_permits(get(), count, life.count()));
    }
    std::int32_t return_permits(std::int32_t count) // how many there were
    {
        std::int32_t returned = 0;
        checked(animaldetect_client_return_permits(get(), count, &returned));
        return returned;
    }
    // Which were settled how long ago since the last report, at most so many, and how many are outstanding.
    [[nodiscard]] PermitReport report_permits(std::int32_t most = 10000)
    {
        PermitReport report;
        std::vector<std::int64_t> ages(static_cast<std::size_t>(most < 0 ? 0 : most));
        std::int32_t settled = 0;
        report.settled.reserve(ages.size()); // what was taken must not be lost
        checked(animaldetect_client_report_permits(get(), ages.data(), most, &settled, &report.outstanding));
        for (std::int32_t i = 0; i < settled; i++)
            report.settled.emplace_back(ages[static_cast<std::size_t>(i)]);
        return report;
    }
    // The responses 429 since the last call, and how much longer requests are held for that.
    [[nodiscard]] std::pair<std::int32_t, milliseconds> take_rate_limits()
    {
        std::int32_t count = 0;
        std::int64_t wait = 0;
        checked(animaldetect_client_take_rate_limits(get(), &count, &wait));
        return {count, milliseconds(wait)};
    }
    // Holds all API requests, as after a response 429 that another client got.
    void hold_requests(milliseconds wait) { checked(animaldetect_client_hold_requests(get(), wait.count())); }

    // ---- jobs ----
    // A new job; nothing is sent.
    [[nodiscard]] Job job(const std::string &operation = detect)
    {
        return made_job(
            [&](animaldetect_job **out) { return animaldetect_job_new(get(), detail::whole(operation), out); });
    }
    // From what Job::save gave, in any process.
    [[nodiscard]] Job restore(const std::string &saved)
    {
        return made_job(
            [&](animaldetect_job **out) { return animaldetect_job_restore(get(), saved.data(), saved.size(), out); });
    }
    // A job of which only the service's id is known.
    [[nodiscard]] Job attach(const std::string &job_id)
    {
        return made_job(
            [&](animaldetect_job **out) { return animaldetect_job_attach(get(), detail::whole(job_id), out); });
    }

    // ---- event loop ----
    [[nodiscard]] int fd() const // watch it for reading; then process once and take all that is done
    {
        std::int32_t fd = animaldetect_client_fd(get());
        if (fd < 0)
            throw error(fd);
        return fd;
    }
    // Does the work that is ready, a bounded amount.
    void process() { checked(animaldetect_client_process(get())); }
    // The job whose call has ended, where it is now; nullptr when there is none. Then Job::check or Job::result.
    [[nodiscard]] Job *next_done()
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
    // Ends a wait, from any thread.
    void wakeup() { checked(animaldetect_client_wakeup(get())); }
    // How long a loop that cannot watch the descriptor may sleep before it calls process; nothing for no limit.
    [[nodiscard]] std::optional<milliseconds> timeout() const
    {
        std::int64_t time = animaldetect_client_timeout_ms(get());
        if (time < -1)
            throw error(static_cast<std::int32_t>(time));
        return time < 0 ? std::nullopt : std::optional<milliseconds>(time);
    }
    // Calls in flight, with those whose completion was not collected.
    [[nodiscard]] std::int64_t in_flight() const
    {
        std::int64_t count = animaldetect_client_in_flight(get());
        if (count < 0)
            throw error(static_cast<std::int32_t>(count));
        return count;
    }
    // One counter or gauge.
    [[nodiscard]] std::int64_t statistic(Stat which) const
    {
        std::int64_t value = 0;
        checked(animaldetect_client_statistic(get(), static_cast<std::int32_t>(which), &value));
        return value;
    }
    [[nodiscard]] std::vector<Statistic>
    statistics() const // all that the library has, also those that have no name here
    {
        std::vector<Statistic> all;
        for (std::int32_t i = 0; const char *name = animaldetect_statistic_name(i); i++)
            all.push_back(
                {static_cast<Stat>(i), name, animaldetect_statistic_is_gauge(i) != 0, statistic(static_cast<Stat>(i))});
        return all;
    }
    // How long a step takes, as a quantile from 0 to 1; nothing before the first. Step::none: the whole job.
    [[nodiscard]] std::optional<milliseconds> latency(Step step, double quantile) const
    {
        std::int64_t value = 0;
        std::int32_t status = animaldetect_client_latency_ms(get(), static_cast<std::int32_t>(step), quantile, &value);
        if (status == ANIMALDETECT_ABSENT)
            return std::nullopt;
        checked(status);
        return milliseconds(value);
    }

    [[nodiscard]] animaldetect_client *get() const // the C handle, still this object's
    {
        if (!handle_)
            throw Error(ANIMALDETECT_E_STATE, "the client was moved from");
        return handle_.get();
    }

private:
    explicit Client(animaldetect_client *handle) : handle_(handle) {}
    [[nodiscard]] static animaldetect_client *made()
    {
        detail::require_fitting_library();
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
    friend class Mock;
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
