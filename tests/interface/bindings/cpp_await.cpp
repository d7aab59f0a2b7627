// SPDX-License-Identifier: MIT
//
// Coroutines and stop tokens (C++20), on the service in memory. Each function is a promise; its name is printed.
#include <animaldetect/await.hpp>
#include <animaldetect/mock.hpp>

#include <chrono>
#include <coroutine>
#include <cstdint>
#include <exception>
#include <iostream>
#include <memory>
#include <optional>
#include <stdexcept>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace ad = animaldetect;

namespace {

const std::uint8_t image[] = {0xff, 0xd8, 0xff, 0xe0, 0, 1, 2, 3};

void expect(bool good, const char *what)
{
    if (!good)
        throw std::logic_error(what);
}

// What a program brings of its own: starts at once, and is destroyed with its owner.
class Task {
public:
    struct promise_type {
        std::exception_ptr thrown;
        Task get_return_object() { return Task(std::coroutine_handle<promise_type>::from_promise(*this)); }
        std::suspend_never initial_suspend() { return {}; }
        std::suspend_always final_suspend() noexcept { return {}; }
        void return_void() {}
        void unhandled_exception() { thrown = std::current_exception(); }
    };
    Task(Task &&other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
    ~Task()
    {
        if (handle_)
            handle_.destroy();
    }
    bool done() const { return handle_.done(); }
    std::optional<ad::Status> failed() const
    {
        if (!handle_.promise().thrown)
            return std::nullopt;
        try {
            std::rethrow_exception(handle_.promise().thrown);
        } catch (const ad::Error &error) {
            return error.status;
        }
    }

private:
    explicit Task(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
    std::coroutine_handle<promise_type> handle_;
};

Task send(ad::Client &client, std::string reference, int &good, std::stop_token stop = {})
{
    auto job = client.job().bytes(image, sizeof image).client_reference_id(reference);
    auto result = co_await ad::run(job, std::move(stop));
    good += !result.json().empty();
}

void a_coroutine_waits_for_its_call_alone()
{
    ad::Mock service;
    ad::Client client = service.client();
    std::vector<Task> tasks;
    int good = 0;
    for (int i = 0; i < 50; i++)
        tasks.push_back(send(client, std::to_string(i), good));
    expect(good == 0 && client.in_flight() == 50, "all are on their way");
    ad::run_until_done(client);
    expect(good == 50 && service.jobs().size() == 50, "all are done");
    for (const Task &task : tasks)
        expect(task.done() && !task.failed(), "without an error");
}

Task step_by_step(ad::Client &client, std::string &steps)
{
    auto job = client.job().bytes(image, sizeof image);
    co_await ad::create(job);
    steps += job.stage() == ad::Stage::created ? "c" : "?";
    co_await ad::upload(job);
    steps += job.stage() == ad::Stage::uploaded ? "u" : "?";
    co_await ad::submit(job);
    steps += job.stage() >= ad::Stage::submitted ? "s" : "?";
    while (job.stage() < ad::Stage::finished)
        co_await ad::poll(job);
    auto result = co_await ad::fetch(job);
    steps += result.json().empty() ? "?" : "f";
}

void each_step_can_be_awaited()
{
    ad::Mock service;
    service.processing("fixed:0");
    ad::Client client = service.client();
    std::string steps;
    Task task = step_by_step(client, steps);
    ad::run_until_done(client);
    expect(task.done() && !task.failed() && steps == "cusf", "step after step");
}

void a_failure_is_thrown_where_it_is_awaited()
{
    ad::Mock service;
    ad::Client client = service.client();
    int good = 0;
    service.answer("create", 1, 400);
    Task refused = send(client, "refused", good);
    ad::run_until_done(client);
    expect(refused.failed() == ad::Status::bad_request && good == 0, "what the service refused");
    client.stop();
    Task late = send(client, "late", good);
    expect(late.done() && late.failed() == ad::Status::canceled, "and what could not be started");
}

void a_stop_ends_the_calls_that_have_its_token()
{
    ad::Mock service;
    ad::Client client = service.client();
    std::stop_source source;
    std::vector<Task> tasks;
    int good = 0;
    for (int i = 0; i < 20; i++)
        tasks.push_back(send(client, std::to_string(i), good, i % 2 ? source.get_token() : std::stop_token()));
    source.request_stop();
    Task late = send(client, "late", good, source.get_token());
    ad::run_until_done(client);
    expect(good == 10 && late.failed() == ad::Status::canceled, "the others go on");
    for (std::size_t i = 0; i < tasks.size(); i++)
        expect(tasks[i].failed() == (i % 2 ? std::optional(ad::Status::canceled) : std::nullopt), "these do not");
    expect(service.jobs().size() == 10, "and nothing of them was created");
}

void a_coroutine_that_is_destroyed_cancels_its_call()
{
    ad::Mock service;
    ad::Client client = service.client();
    int good = 0;
    {
        Task gone = send(client, "gone", good);
        expect(!gone.done(), "it waits");
    }
    ad::Job kept = client.job().bytes(image, sizeof image);
    auto wait_for_it = [](ad::Job &job) -> Task { co_await ad::run(job); };
    {
        Task gone = wait_for_it(kept);
        expect(!gone.done(), "it waits for a job of somebody else's");
    }
    ad::run_until_done(client);
    expect(good == 0 && kept.status() == ad::Status::canceled, "nobody waits any more");
    kept.run();
}

void what_no_coroutine_waits_for_is_handed_on()
{
    ad::Mock service;
    ad::Client client = service.client();
    ad::Job job = client.job().bytes(image, sizeof image);
    ad::Job *handed = nullptr;
    job.start_run();
    while (client.in_flight() > 0) {
        client.wait();
        ad::resume_done(client, [&](ad::Job &other) { handed = &other; });
    }
    expect(handed == &job && job.status() == ad::Status::ok, "its job");
}

void a_blocking_run_ends_with_its_token()
{
    ad::Mock service;
    ad::Client client = service.client();
    std::stop_source source;
    auto canceled = [&](ad::Job &job) {
        try {
            static_cast<void>(job.run(source.get_token()));
        } catch (const ad::Error &error) {
            return error.status == ad::Status::canceled;
        }
        return false;
    };
    ad::Job before = client.job().bytes(image, sizeof image);
    static_cast<void>(before.run(source.get_token()));
    source.request_stop();
    ad::Job after = client.job().bytes(image, sizeof image).client_reference_id("after");
    expect(canceled(after) && service.jobs().size() == 1, "a stop before the call is not missed");
}

void requests_wait_for_permits()
{
    ad::Mock service;
    ad::Client client = service.client().permits(true).permit_lag(std::chrono::seconds(5));
    ad::Job job = client.job().bytes(image, sizeof image);
    job.start_run();
    client.process();
    expect(client.permits_wanted() == 1 && service.requests().empty(), "nothing is sent without one");
    client.grant_permits(20, std::chrono::minutes(1));
    client.wait();
    job.check();
    ad::PermitReport report = client.report_permits();
    expect(report.settled.size() + static_cast<std::size_t>(report.outstanding) == 20, "each is accounted for");
    expect(client.return_permits(100) == report.outstanding && client.take_rate_limits().first == 0, "all are back");
    client.hold_requests(std::chrono::seconds(30));
    expect(client.hold_reason() == ad::Hold::rate_limit, "as another client says");
}

} // namespace

int main()
{
    int failed = 0;
#define PROMISE(name)                                                   \
    try {                                                               \
        name();                                                         \
        std::cout << "ok " #name << std::endl;                          \
    } catch (const std::exception &error) {                             \
        std::cout << "not ok " #name ": " << error.what() << std::endl; \
        failed++;                                                       \
    }
    PROMISE(a_coroutine_waits_for_its_call_alone)
    PROMISE(each_step_can_be_awaited)
    PROMISE(a_failure_is_thrown_where_it_is_awaited)
    PROMISE(a_stop_ends_the_calls_that_have_its_token)
    PROMISE(a_coroutine_that_is_destroyed_cancels_its_call)
    PROMISE(what_no_coroutine_waits_for_is_handed_on)
    PROMISE(a_blocking_run_ends_with_its_token)
    PROMISE(requests_wait_for_permits)
    return failed != 0;
}
