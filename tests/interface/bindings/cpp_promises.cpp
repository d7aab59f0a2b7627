// SPDX-License-Identifier: MIT
//
// What C++ does to a handle: moves, scopes, exceptions out of callbacks. Each function is a promise; its name is printed.
#include "animaldetect.hpp"

#include <algorithm>
#include <cstring>
#include <iostream>
#include <thread>
#include <type_traits>

namespace ad = animaldetect;

namespace {

const std::uint8_t image[] = {0xff, 0xd8, 0xff, 0xe0, 0, 1, 2, 3};

void expect(bool good, const char *what)
{
    if (!good)
        throw std::logic_error(what);
}

template <class Act> ad::Error failure_of(Act act)
{
    try {
        act();
    } catch (const ad::Error &error) {
        return error;
    }
    throw std::logic_error("it did not fail");
}

ad::Client client()
{
    ad::Client made = ad::Client::from_env();
    made.poll_bounds(ad::milliseconds(20), ad::milliseconds(200));
    return made;
}

void handles_are_moved_and_never_copied()
{
    static_assert(!std::is_copy_constructible_v<ad::Client> && !std::is_copy_assignable_v<ad::Client>);
    static_assert(!std::is_copy_constructible_v<ad::Job> && !std::is_copy_assignable_v<ad::Job>);
    static_assert(std::is_nothrow_move_constructible_v<ad::Client> && std::is_nothrow_move_assignable_v<ad::Client>);
    static_assert(std::is_nothrow_move_constructible_v<ad::Job> && std::is_nothrow_move_assignable_v<ad::Job>);
    static_assert(std::is_copy_constructible_v<ad::Result>);
    ad::Client one = client();
    ad::Client two = std::move(one);
    expect(failure_of([&] { one.job(); }).status == ad::Status::state, "a client that was moved from refuses");
    ad::Job first = two.job();
    ad::Job second = std::move(first);
    expect(failure_of([&] { first.run(); }).status == ad::Status::state, "a job that was moved from refuses");
    second = two.job(); // frees what it had
    second.bytes(image, sizeof image).run();
}

void a_job_that_was_moved_in_flight_is_found_where_it_is()
{
    ad::Client one = client();
    std::vector<ad::Job> jobs; // grows, and moves them while their calls are in flight
    for (int i = 0; i < 20; i++) {
        jobs.push_back(one.job());
        jobs.back().bytes(image, sizeof image).client_reference_id("moved " + std::to_string(i)).start_run();
    }
    std::size_t found = 0;
    while (found < jobs.size()) {
        one.wait();
        while (ad::Job *job = one.next_done()) {
            expect(job >= jobs.data() && job < jobs.data() + jobs.size(), "it is in the vector");
            job->check();
            found++;
        }
    }
    expect(one.next_done() == nullptr && one.in_flight() == 0, "each end is handed out once");
}

void a_job_ends_with_its_scope()
{
    ad::Client one = client();
    for (int i = 0; i < 20; i++)
        one.job().bytes(image, sizeof image).client_reference_id("scope").start_run();
    expect(one.in_flight() == 0, "nothing is left in flight");
    one.job().bytes(image, sizeof image).client_reference_id("scope").run();
}

void a_job_outlives_its_client_and_a_result_both()
{
    std::optional<ad::Job> job;
    std::optional<ad::Result> result;
    {
        ad::Client one = client();
        job = one.job();
        result = job->bytes(image, sizeof image).run();
    }
    expect(failure_of([&] { job->run(); }).status == ad::Status::state, "its client is gone");
    expect(job->id().has_value(), "it can still be read");
    job.reset();
    ad::Result copy = *result;
    result.reset();
    std::vector<ad::Detection> seen = copy.detections();
    copy = ad::Result::parse("{\"annotations\":[]}");
    expect(copy.detections().empty() && !copy.image_width() && !copy.threshold(), "what is absent is absent");
    for (const ad::Detection &one : seen)
        expect(!one.label() || !one.label()->empty(), "a detection keeps its result");
}

void what_a_reader_throws_is_nested_in_the_error()
{
    ad::Client one = client();
    ad::Job job = one.job();
    int reads = 0;
    bool nested = false;
    job.filename("a.jpg").reader(
        sizeof image,
        [&](std::uint8_t *buffer, std::size_t size) -> std::size_t {
            if (++reads == 1)
                throw std::range_error("the card was pulled");
            std::memcpy(buffer, image, std::min(size, sizeof image));
            return std::min(size, sizeof image);
        },
        [] {});
    try {
        job.run();
    } catch (const ad::Error &error) {
        expect(error.status == ad::Status::reader, "the reader has failed");
        try {
            std::rethrow_if_nested(error);
        } catch (const std::range_error &cause) {
            nested = std::string(cause.what()) == "the card was pulled";
        }
    }
    expect(nested, "its exception is the cause");
}

void what_a_log_throws_harms_nothing()
{
    ad::Client one = client();
    int lines = 0;
    one.log(ad::Log::debug, [&](ad::Log, std::string_view) {
        lines++;
        throw std::runtime_error("the disk is full");
    });
    one.job().bytes(image, sizeof image).client_reference_id("log").run();
    expect(lines > 0, "it was called");
    one.log(ad::Log::none, nullptr);
}

void a_call_from_inside_the_log_is_refused()
{
    ad::Client one = client();
    bool refused = false;
    one.log(ad::Log::debug, [&](ad::Log, std::string_view) {
        refused = failure_of([&] { one.in_flight(); }).status == ad::Status::busy;
    });
    one.job().bytes(image, sizeof image).client_reference_id("inside").run();
    expect(refused, "it is busy");
}

void a_job_may_be_destroyed_inside_the_log()
{
    ad::Client one = client();
    std::optional<ad::Job> other = one.job();
    other->bytes(image, sizeof image).client_reference_id("destroyed").start_create();
    one.log(ad::Log::debug, [&](ad::Log, std::string_view) { other.reset(); });
    one.job().bytes(image, sizeof image).client_reference_id("destroyer").run();
    expect(!other && one.in_flight() == 0, "it is gone");
    one.job().bytes(image, sizeof image).client_reference_id("destroyed").run();
}

void text_with_a_nul_is_refused_and_not_cut()
{
    ad::Client one = client();
    expect(failure_of([&] { one.job().file(std::string("a.jpg\0.png", 10)); }).status == ad::Status::invalid_argument,
           "it is refused");
}

void a_value_of_a_newer_library_has_no_name_and_is_no_error()
{
    ad::Error error(-999, "");
    expect(static_cast<int>(error.status) == -999 && std::string(error.name()) == "ANIMALDETECT_E_UNKNOWN", "unknown");
    expect(!error.is_retriable(), "and final");
}

void a_wakeup_ends_a_wait()
{
    ad::Client one = client();
    std::thread waker([&] { one.wakeup(); });
    expect(!one.wait(), "nothing is done");
    waker.join();
}

} // namespace

int main()
{
    int failed = 0;
#define PROMISE(name)                                                                                                  \
    try {                                                                                                              \
        name();                                                                                                        \
        std::cout << "ok " #name << std::endl;                                                                         \
    } catch (const std::exception &error) {                                                                            \
        std::cout << "not ok " #name ": " << error.what() << std::endl;                                                \
        failed++;                                                                                                      \
    }
    PROMISE(handles_are_moved_and_never_copied)
    PROMISE(a_job_that_was_moved_in_flight_is_found_where_it_is)
    PROMISE(a_job_ends_with_its_scope)
    PROMISE(a_job_outlives_its_client_and_a_result_both)
    PROMISE(what_a_reader_throws_is_nested_in_the_error)
    PROMISE(what_a_log_throws_harms_nothing)
    PROMISE(a_call_from_inside_the_log_is_refused)
    PROMISE(a_job_may_be_destroyed_inside_the_log)
    PROMISE(text_with_a_nul_is_refused_and_not_cut)
    PROMISE(a_value_of_a_newer_library_has_no_name_and_is_no_error)
    PROMISE(a_wakeup_ends_a_wait)
    return failed != 0;
}
