// SPDX-License-Identifier: MIT
//
// libanimaldetect for coroutines (C++20): co_await a call, on one thread and without blocking it.
//
//     Task one(animaldetect::Client &client, std::string path)
//     {
//         auto job = client.job().file(path);
//         auto result = co_await animaldetect::run(job);
//     }
//
// The coroutine goes on inside `resume_done`, which the loop calls after Client::process; `run_until_done` is a loop
// for a program that has none. A failed call throws its Error out of co_await, and so does one that could not be
// started. The job must stay where it is and alive until then: a local variable of the coroutine does. A coroutine that
// is destroyed while it waits cancels its call. All of a client's coroutines and its loop belong to one thread; a stop
// may be requested from any.
#ifndef ANIMALDETECT_AWAIT_HPP
#define ANIMALDETECT_AWAIT_HPP

#include <animaldetect/animaldetect.hpp>

#include <coroutine>
#include <cstddef>
#include <optional>
#include <stop_token>
#include <utility>

namespace animaldetect {

class Awaited {
public:
    Awaited(Job &job, void (Job::*start)(), std::stop_token stop) : job_(job), start_(start), stop_(std::move(stop)) {}
    Awaited(const Awaited &) = delete;
    Awaited &operator=(const Awaited &) = delete;
    ~Awaited()
    {
        if (!waiting_)
            return;
        job_.state().coroutine = nullptr;
        animaldetect_job_cancel(job_.get());
    }

    // For the compiler: a call is never complete before it is started.
    bool await_ready() const noexcept { return false; }
    // For the compiler: starts the call.
    void await_suspend(std::coroutine_handle<> coroutine)
    {
        (job_.*start_)();
        job_.state().coroutine = coroutine.address();
        waiting_ = true;
        on_stop_.emplace(std::move(stop_), Cancel{job_.get()});
    }
    // For the compiler: throws what the call failed with.
    void await_resume()
    {
        waiting_ = false;
        on_stop_.reset();
        job_.check();
    }

    // The coroutine that waits for the job, which it does no longer; none when nobody does.
    static std::coroutine_handle<> take(Job &job)
    {
        return std::coroutine_handle<>::from_address(std::exchange(job.state().coroutine, nullptr));
    }

protected:
    Job &job_;

private:
    struct Cancel {
        animaldetect_job *job;
        void operator()() const noexcept { animaldetect_job_cancel(job); }
    };
    void (Job::*start_)();
    std::stop_token stop_;
    bool waiting_ = false;
    std::optional<std::stop_callback<Cancel>> on_stop_;
};

class AwaitedResult : public Awaited {
public:
    using Awaited::Awaited;
    // For the compiler: the result, or throws what the call failed with.
    Result await_resume()
    {
        Awaited::await_resume();
        return job_.result();
    }
};

// ---- the calls of Job; a stop ends one with Status::canceled ----
[[nodiscard]] inline Awaited create(Job &job, std::stop_token stop = {})
{
    return Awaited(job, &Job::start_create, std::move(stop));
}
[[nodiscard]] inline Awaited upload(Job &job, std::stop_token stop = {})
{
    return Awaited(job, &Job::start_upload, std::move(stop));
}
[[nodiscard]] inline Awaited submit(Job &job, std::stop_token stop = {})
{
    return Awaited(job, &Job::start_submit, std::move(stop));
}
[[nodiscard]] inline Awaited poll(Job &job, std::stop_token stop = {})
{
    return Awaited(job, &Job::start_poll, std::move(stop));
}
[[nodiscard]] inline AwaitedResult fetch(Job &job, std::stop_token stop = {})
{
    return AwaitedResult(job, &Job::start_fetch, std::move(stop));
}
[[nodiscard]] inline AwaitedResult run(Job &job, std::stop_token stop = {})
{
    return AwaitedResult(job, &Job::start_run, std::move(stop));
}

// ---- the loop's side ----

// Takes all that is done: a coroutine that waited for it goes on; a job for which none waits is given to `other`.
// Returns how many there were.
template <class Other> std::size_t resume_done(Client &client, Other other)
{
    std::size_t count = 0;
    for (; Job *job = client.next_done(); count++) {
        if (auto coroutine = Awaited::take(*job))
            coroutine.resume();
        else
            other(*job);
    }
    return count;
}
inline std::size_t resume_done(Client &client)
{
    return resume_done(client, [](Job &) {});
}

// Blocks until no call is in flight, also none that a coroutine has started meanwhile.
inline void run_until_done(Client &client)
{
    while (client.in_flight() > 0) {
        client.wait();
        resume_done(client);
    }
}

} // namespace animaldetect

#endif
