// SPDX-License-Identifier: MIT
//
// The Animal Detect service in memory, for tests of programs that use libanimaldetect: a service, a network and a
// clock, without a socket and without real time. Link libanimaldetect-mock (pkg-config animaldetect-mock). doc/mock.md
// of the library says what faults and scripts there are.
#ifndef ANIMALDETECT_MOCK_HPP
#define ANIMALDETECT_MOCK_HPP

#include <animaldetect/cpp/client.hpp>
#include <animaldetect/mock.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace animaldetect {

// How a request fails below HTTP. A number without a name is of a newer library.
enum class Failure : std::int32_t {
    connect = ANIMALDETECT_FAILURE_CONNECT, // certainly not sent
    broken = ANIMALDETECT_FAILURE_BROKEN,   // may have had its effect, as after a timeout
    timeout = ANIMALDETECT_FAILURE_TIMEOUT,
    tls = ANIMALDETECT_FAILURE_TLS,
    refused = ANIMALDETECT_FAILURE_REFUSED, // the transport cannot send such a request
};

// A request that was made, copied.
struct MockRequest {
    std::string route;  // "create", "upload", "submit", "poll", "fetch" or "other"
    std::string method; // such as "POST"
    std::string url;
    std::optional<std::string> body; // unless it is an image
    std::uint64_t body_size;
    int http_status; // 0 while it is pending, and when it got no response
    milliseconds start;
    std::optional<milliseconds> end; // nothing while it is pending
    const animaldetect_mock_request *view;

    // A header's value; its name in any case. As long as the Mock lives.
    [[nodiscard]] std::optional<std::string_view> header(const std::string &name) const
    {
        return detail::viewed(animaldetect_mock_request_header(view, detail::whole(name)));
    }
};

// Clients on a mock keep what they need of it: mock, clients and jobs may be destroyed in any order.
class Mock {
public:
    Mock()
    {
        detail::require_fitting_library();
        animaldetect_mock *handle = nullptr;
        checked(animaldetect_mock_new(&handle));
        handle_.reset(handle);
    }

    // A client with the mock's key. For a program that makes its own: use(client) before its first job.
    [[nodiscard]] Client client()
    {
        animaldetect_client *handle = nullptr;
        checked(animaldetect_mock_new_client(get(), &handle));
        return Client(handle);
    }
    // Gives the client this mock in place of the network; before its first job.
    void use(Client &client)
    {
        client.checked(animaldetect_client_set_transport(client.get(), animaldetect_mock_transport(get())));
    }

    // ---- the service, before its first request ----
    // The key that the service accepts; "sk_test_mock" unless it is set.
    Mock &api_key(const std::string &key) { return set(animaldetect_mock_set_api_key, detail::whole(key)); }
    // Seeds all random numbers, those of the clients included.
    Mock &seed(std::uint64_t number) { return set(animaldetect_mock_set_seed, number); }
    // How long an image is processed: "fixed:MS", "lognormal:MEDIAN_MS:SIGMA", "bimodal:MS1:MS2:P", "fifo:SERVICE_MS".
    Mock &processing(const std::string &how) { return set(animaldetect_mock_set_processing, detail::whole(how)); }
    // The round-trip time of a request.
    Mock &latency(milliseconds time) { return set(animaldetect_mock_set_latency_ms, time.count()); }
    // The quota of the key: API requests in any minute; 0 for none.
    Mock &rate_limit(std::int32_t per_minute) { return set(animaldetect_mock_set_rate_limit, per_minute); }
    // Reads the result for each image from a JSON file.
    Mock &load_answers(const std::string &path) { return set(animaldetect_mock_load_answers, detail::whole(path)); }

    // ---- what goes wrong: at any time ----
    // A fault of the service's own, such as "submit:reset-after:n=1".
    Mock &add_fault(const std::string &fault) { return set(animaldetect_mock_add_fault, detail::whole(fault)); }
    // Removes all faults and scripts.
    Mock &clear_faults() { return set(animaldetect_mock_clear_faults); }
    // In place of the service's response to the nth request of a route, counted from 1; 0 for each.
    Mock &answer(const std::string &route, std::int32_t nth, std::int32_t http_status, const std::string &body = "",
                 const std::string &headers = "")
    {
        return set(animaldetect_mock_answer, detail::whole(route), nth, http_status,
                   headers.empty() ? nullptr : detail::whole(headers), body.empty() ? nullptr : detail::whole(body));
    }
    // A failure of the network for the nth request of a route; 0 for each.
    Mock &fail(const std::string &route, std::int32_t nth, Failure failure)
    {
        return set(animaldetect_mock_fail, detail::whole(route), nth, static_cast<std::int32_t>(failure));
    }
    // Delays the response to the nth request of a route; 0 for each.
    Mock &delay(const std::string &route, std::int32_t nth, milliseconds time)
    {
        return set(animaldetect_mock_delay, detail::whole(route), nth, time.count());
    }
    // Puts a job of the service into a state, such as "failed" or "expired".
    Mock &job_state(const std::string &job_id, const std::string &state)
    {
        return set(animaldetect_mock_set_job_state, detail::whole(job_id), detail::whole(state));
    }
    // Makes every upload URL that was issued so far expire now.
    Mock &expire_uploads() { return set(animaldetect_mock_expire_uploads); }

    // ---- time: virtual. It moves on by itself whenever a thread would block ----
    // The virtual time since the mock was made.
    [[nodiscard]] milliseconds now() const { return milliseconds(animaldetect_mock_now_ms(get())); }
    // Lets time pass.
    Mock &advance(milliseconds time) { return set(animaldetect_mock_advance_ms, time.count()); }
    // To the next event; nothing when none would ever come.
    std::optional<milliseconds> step()
    {
        std::int64_t time = animaldetect_mock_step(get());
        if (time < -1)
            checked(static_cast<std::int32_t>(time));
        return time < 0 ? std::nullopt : std::optional<milliseconds>(time);
    }
    // For a program with an event loop that runs as it is.
    Mock &auto_advance(bool wanted) { return set(animaldetect_mock_set_auto_advance, wanted ? 1 : 0); }

    // ---- what to assert ----
    // How many requests of a route were made.
    [[nodiscard]] std::size_t request_count(const std::string &route = "any") const
    {
        return animaldetect_mock_request_count(get(), detail::whole(route));
    }
    // Those of a route, in the order in which they were started.
    [[nodiscard]] std::vector<MockRequest> requests(const std::string &route = "any") const
    {
        std::vector<MockRequest> all;
        for (std::size_t i = 0; auto *view = animaldetect_mock_request_at(get(), detail::whole(route), i); i++) {
            std::int64_t end = animaldetect_mock_request_end_ms(view);
            all.push_back({animaldetect_mock_request_route(view), animaldetect_mock_request_method(view),
                           animaldetect_mock_request_url(view), detail::copied(animaldetect_mock_request_body(view)),
                           animaldetect_mock_request_body_size(view), animaldetect_mock_request_http_status(view),
                           milliseconds(animaldetect_mock_request_start_ms(view)),
                           end < 0 ? std::nullopt : std::optional<milliseconds>(end), view});
        }
        return all;
    }
    // The jobs of the service: what would be billed.
    [[nodiscard]] std::vector<std::string> jobs() const
    {
        std::vector<std::string> all;
        for (std::size_t i = 0; const char *id = animaldetect_mock_job_id(get(), i); i++)
            all.emplace_back(id);
        return all;
    }
    // The service's word for the state of a job; nothing for an unknown one.
    [[nodiscard]] std::optional<std::string> state_of(const std::string &job_id) const
    {
        return detail::copied(animaldetect_mock_job_state(get(), detail::whole(job_id)));
    }
    // What a client did that the service's contract forbids; the library keeps this empty.
    [[nodiscard]] std::vector<std::string> violations() const
    {
        std::vector<std::string> all;
        for (std::size_t i = 0; const char *words = animaldetect_mock_violation(get(), i); i++)
            all.emplace_back(words);
        return all;
    }

    [[nodiscard]] animaldetect_mock *get() const { return handle_.get(); } // the C handle, still this object's

private:
    void checked(std::int32_t status) const
    {
        if (status != ANIMALDETECT_OK)
            throw Error(status, animaldetect_mock_message(get()));
    }
    template <class Setter, class... Values> Mock &set(Setter setter, Values... values)
    {
        checked(setter(get(), values...));
        return *this;
    }

    std::unique_ptr<animaldetect_mock, detail::Freed<animaldetect_mock_free>> handle_;
};

} // namespace animaldetect

#endif
