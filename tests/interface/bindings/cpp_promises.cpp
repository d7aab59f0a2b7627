// SPDX-License-Identifier: MIT
//
// What C++ does to a handle: moves, scopes, exceptions out of callbacks. Each function is a promise; its name is printed.
#include <animaldetect/animaldetect.hpp>

#include <algorithm>
#include <cstdlib>
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

// A client of the service that this variable names.
ad::Client client_at(const char *variable)
{
    ad::Client made = client();
    made.base_url(std::getenv(variable));
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
    expect(failure_of([&] { static_cast<void>(one.job()); }).status == ad::Status::state, "a client that was moved from refuses");
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
    expect(failure_of([&] { job->run(); }).status == ad::Status::client_freed, "its client is gone");
    expect(job->id().has_value(), "it can still be read");
    job.reset();
    ad::Result copy = *result;
    result.reset();
    auto all = copy.detections();
    std::vector<ad::Detection> seen(all.begin(), all.end());
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
    one.log(ad::Log::debug, [&](const ad::LogRecord &) {
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
    one.log(ad::Log::debug, [&](const ad::LogRecord &) {
        refused = failure_of([&] { static_cast<void>(one.in_flight()); }).status == ad::Status::reentrant;
    });
    one.job().bytes(image, sizeof image).client_reference_id("inside").run();
    expect(refused, "it is inside");
}

void a_job_may_be_destroyed_inside_the_log()
{
    ad::Client one = client();
    std::optional<ad::Job> other = one.job();
    other->bytes(image, sizeof image).client_reference_id("destroyed").start_create();
    one.log(ad::Log::debug, [&](const ad::LogRecord &) { other.reset(); });
    one.job().bytes(image, sizeof image).client_reference_id("destroyer").run();
    expect(!other && one.in_flight() == 0, "it is gone");
    one.job().bytes(image, sizeof image).client_reference_id("destroyed").run();
}

void a_reader_may_fail_with_a_number_of_its_own()
{
    ad::Client one = client();
    ad::Job job = one.job();
    bool nested = false;
    job.filename("a.jpg").reader(sizeof image, [](std::uint8_t *, std::size_t) -> std::size_t {
        throw ad::Error(ANIMALDETECT_E_HOST - 7, "the card in slot 3");
    }, [] {});
    try {
        job.run();
    } catch (const ad::Error &error) {
        expect(static_cast<int>(error.status) == ANIMALDETECT_E_HOST - 7, "it is the host's number");
        expect(error.scope() == ad::Scope::caller && error.step == ad::Step::prepare, "with scope and step");
        try {
            std::rethrow_if_nested(error);
        } catch (const ad::Error &cause) {
            nested = std::string(cause.what()) == "the card in slot 3";
        }
    }
    expect(nested, "its exception is the cause");
}

void what_the_library_was_lent_lives_until_it_is_released()
{
    ad::Client one = client();
    auto bytes = std::make_shared<std::vector<std::uint8_t>>(std::begin(image), std::end(image));
    std::string saved;
    {
        ad::Job job = one.job();
        job.client_reference_id("lent").bytes_borrowed(bytes->data(), bytes->size(), bytes);
        expect(bytes.use_count() == 2, "the bytes are kept");
        auto again = [&] { job.bytes_borrowed(bytes->data(), bytes->size(), bytes); };
        expect(failure_of(again).status == ad::Status::state && bytes.use_count() == 2, "what is refused is not");
        saved = job.save();
        job.run();
    }
    expect(bytes.use_count() == 1, "they go with their job");
    ad::Job restored = one.restore(saved);
    restored.bytes_borrowed(bytes->data(), bytes->size(), bytes);
    restored.reader(bytes->size(), [bytes](std::uint8_t *, std::size_t) { return std::size_t{0}; }, [bytes] {});
    expect(bytes.use_count() == 3, "the reader has taken their place");
    restored.bytes(image, sizeof image).run();
    expect(bytes.use_count() == 1, "and has gone itself");
}

void what_hears_the_log_lives_until_it_is_replaced()
{
    auto heard = std::make_shared<int>(0);
    {
        ad::Client one = client();
        one.log(ad::Log::info, [heard](const ad::LogRecord &) { ++*heard; });
        one.job().bytes(image, sizeof image).client_reference_id("heard").run();
        expect(heard.use_count() == 2 && *heard == 1, "the callback runs");
        one.log(ad::Log::none, nullptr);
        expect(heard.use_count() == 1, "it was replaced");
        one.log(ad::Log::info, [heard](const ad::LogRecord &) { ++*heard; });
        expect(failure_of([&] { one.log(static_cast<ad::Log>(99), [heard](const ad::LogRecord &) {}); }).status ==
                   ad::Status::invalid_argument, "an unknown level is refused");
        expect(heard.use_count() == 2, "and what came with it is not kept");
    }
    expect(heard.use_count() == 1, "it goes with its client");
}

void a_record_of_the_log_tells_all()
{
    ad::Client one = client();
    std::optional<std::string> id;
    std::optional<std::string> note;
    bool fetched = false;
    int ends = 0;
    one.log(ad::Log::debug, [&](const ad::LogRecord &record) {
        expect(!record.text().empty() && record.client() == one.get(), "of this client");
        if (record.step() == ad::Step::fetch && record.http_status() == 200)
            fetched = record.level() == ad::Log::debug && record.request_id() && record.duration();
        if (record.step() == ad::Step::none && record.level() == ad::Log::info) {
            ends++;
            id = record.job()->id();
            note = record.job()->note();
        }
    });
    ad::Job job = one.job();
    job.bytes(image, sizeof image).client_reference_id("record").note("row 7").run();
    expect(fetched && ends == 1 && id == job.id() && note == "row 7", "with all that is known");
}

void a_client_that_is_stopped_ends_its_calls_and_begins_none()
{
    ad::Client one = client();
    one.poll_bounds(ad::milliseconds(60000), ad::milliseconds(60000));
    ad::Job job = one.job();
    job.bytes(image, sizeof image).client_reference_id("stopped");
    std::thread stopper([&] {
        while (job.stage() < ad::Stage::submitted)
            std::this_thread::sleep_for(ad::milliseconds(1));
        one.stop();
    });
    expect(failure_of([&] { job.run(); }).status == ad::Status::canceled, "the call has ended");
    stopper.join();
    expect(failure_of([&] { job.run(); }).status == ad::Status::canceled, "and none begins");
    expect(failure_of([&] { job.start_run(); }).status == ad::Status::canceled, "in either form");
    expect(failure_of([&] { one.wait(); }).status == ad::Status::canceled, "a wait has an end");
    client().restore(job.save()).run();
}

void a_client_that_is_paused_begins_nothing_until_it_goes_on()
{
    ad::Client one = client();
    one.pause(ad::Pause::all);
    ad::Job job = one.job();
    job.bytes(image, sizeof image).client_reference_id("paused").call_timeout(ad::milliseconds(50));
    expect(failure_of([&] { job.run(); }).status == ad::Status::call_timeout, "its timeout runs");
    expect(one.statistic(ad::Stat::requests_create) == 0, "nothing was sent");
    one.pause(ad::Pause::none).network_changed();
    job.call_timeout(std::nullopt).run();
}

void more_calls_than_permitted_are_refused()
{
    ad::Client one = client();
    one.max_jobs(1);
    ad::Job first = one.job();
    ad::Job second = one.job();
    first.bytes(image, sizeof image).client_reference_id("queue 1").start_run();
    second.bytes(image, sizeof image).client_reference_id("queue 2");
    ad::Error full = failure_of([&] { second.run(); });
    expect(full.status == ad::Status::queue_full && full.scope() == ad::Scope::caller, "the queue is full");
    expect(one.timeout().has_value(), "there is work");
    first.wait();
    second.run();
}

void a_client_is_configured_while_its_jobs_run()
{
    ad::Client one = client();
    ad::Job job = one.job();
    job.bytes(image, sizeof image).client_reference_id("configured").start_run();
    one.max_tries(2).max_requests(2).rate_limit(600, 10).add_header("traceparent", "00-1").add_header("traceparent", "");
    one.offline_patience(std::nullopt).offline_patience(ad::milliseconds(0)).max_retry_after(ad::milliseconds(1000));
    one.processing_timeout(std::nullopt).processing_timeout(std::chrono::hours(1));
    expect(failure_of([&] { one.max_retry_after(ad::milliseconds(-1)); }).status == ad::Status::invalid_argument,
           "a wait has an end");
    expect(failure_of([&] { job.rerun(); }).status == ad::Status::busy, "a call is in flight");
    job.priority(-5).note("set in flight");
    expect(job.priority() == -5 && job.note() == "set in flight", "also what it carries");
    expect(failure_of([&] { one.user_agent("late/1"); }).status == ad::Status::state, "what it is at its core stays");
    expect(failure_of([&] { one.add_header("Authorization", "no"); }).status == ad::Status::invalid_argument, "the key");
    job.wait();
}

void a_cancel_before_a_call_that_blocks_is_not_missed()
{
    ad::Client one = client();
    ad::Job job = one.job();
    job.bytes(image, sizeof image).client_reference_id("canceled before").cancel();
    expect(failure_of([&] { job.run(); }).status == ad::Status::canceled, "the call did not begin");
    job.cancel();
    job.start_run();
    job.wait();
}

void what_a_job_is_about_can_be_read()
{
    ad::Client one = client();
    ad::Job job = one.job(ad::filter);
    job.file("some/where.jpg").client_reference_id("getters").rerun(2).priority(7).note("row 9");
    expect(job.operation() == "filter" && job.path() == "some/where.jpg" && job.filename() == "where.jpg", "the file");
    expect(job.client_reference_id() == "getters" && job.rerun_number() == 2 && job.priority() == 7, "the numbers");
    expect(job.note() == "row 9" && !job.source_url() && !job.result_json() && !job.upload_expires_at(), "the rest");
    job.note("");
    expect(!job.note(), "none any more");
    ad::Job detecting = one.job();
    detecting.bytes(image, sizeof image).client_reference_id("read").note("kept");
    expect(one.restore(detecting.save()).note() == "kept", "a note is saved");
    ad::Result result = detecting.run();
    expect(result.kind() == ad::ResultKind::detections && detecting.result_json() == result.json(), "as it was sent");
}

void a_rerun_is_another_job_of_the_same_image()
{
    ad::Client one = client_at("FAILING_URL");
    ad::Job job = one.job();
    job.bytes(image, sizeof image).client_reference_id("rerun");
    expect(failure_of([&] { job.rerun(); }).status == ad::Status::state, "no call was made yet");
    expect(failure_of([&] { job.run(); }).status == ad::Status::job_failed, "the service has failed it");
    std::optional<std::string> id = job.id();
    std::optional<std::string> key = job.idempotency_key();
    expect(job.stage() == ad::Stage::finished && job.rerun_number() == 0, "it stays failed");
    job.rerun();
    expect(job.stage() == ad::Stage::new_ && job.state_of_service() == ad::State::none && !job.id(), "it begins anew");
    expect(failure_of([&] { job.run(); }).status == ad::Status::job_failed && job.rerun_number() == 1, "and fails");
    expect(job.id() && job.id() != id && job.idempotency_key() != key, "as another job");
    expect(one.restore(job.save()).rerun().rerun_number() == 2, "also one that was restored");
}

void a_retry_after_of_the_service_is_a_hold()
{
    ad::Client one = client_at("LIMITED_URL");
    one.max_retry_after(std::chrono::minutes(30));
    expect(one.hold_reason() == ad::Hold::none && !one.held_until(), "nothing is held");
    ad::Job job = one.job();
    job.bytes(image, sizeof image).client_reference_id("held").call_timeout(ad::milliseconds(5000));
    expect(failure_of([&] { job.run(); }).status == ad::Status::call_timeout, "it would be too late");
    auto left = [&] { return one.held_until().value() - std::chrono::system_clock::now(); };
    expect(one.hold_reason() == ad::Hold::rate_limit, "by the quota");
    expect(left() > std::chrono::minutes(28) && left() < std::chrono::minutes(31), "until it asks again");
    one.max_retry_after(std::chrono::minutes(1)).resume();
    expect(one.hold_reason() == ad::Hold::rate_limit && left() < std::chrono::minutes(2), "no matter of the account");
}

void a_refused_key_holds_creates_until_another_is_set()
{
    using time_point = std::chrono::system_clock::time_point;
    ad::Client one = client();
    one.api_key("sk_test_wrong");
    auto run = [&] { one.job().bytes(image, sizeof image).client_reference_id("refused").run(); };
    expect(failure_of(run).status == ad::Status::unauthorized, "a wrong key");
    expect(one.hold_reason() == ad::Hold::account && one.held_until() == time_point::max(), "only the host can end it");
    expect(failure_of(run).status == ad::Status::unauthorized, "the next is refused at once");
    expect(one.statistic(ad::Stat::requests_create) == 1, "and not sent");
    one.resume();
    expect(failure_of(run).status == ad::Status::unauthorized, "the host says that it may be asked again");
    expect(one.statistic(ad::Stat::requests_create) == 2, "and it is");
    ad::Job job = one.job();
    job.bytes(image, sizeof image).client_reference_id("refused").start_run();
    expect(!job.wait(ad::milliseconds(50)) && one.statistic(ad::Stat::requests_create) == 2, "what is started waits");
    one.api_key(std::getenv("AD_API_KEY"));
    job.wait();
    expect(one.hold_reason() == ad::Hold::none && !one.held_until(), "nothing is held any more");
}

void a_failure_says_whose_matter_it_is()
{
    const std::pair<int, ad::Scope> scopes[] = {
        {ANIMALDETECT_OK, ad::Scope::none},
        {ANIMALDETECT_E_QUEUE_FULL, ad::Scope::caller},
        {ANIMALDETECT_E_IMAGE_TYPE, ad::Scope::image},
        {ANIMALDETECT_E_JOB_FAILED, ad::Scope::job},
        {ANIMALDETECT_E_PAYMENT_REQUIRED, ad::Scope::account},
        {ANIMALDETECT_E_TLS, ad::Scope::network},
        {ANIMALDETECT_E_SERVICE, ad::Scope::service},
        {-999, ad::Scope::other},
    };
    for (const auto &[status, scope] : scopes)
        expect(ad::Error(status, "").scope() == scope, ad::Error(status, "").name());
}

void every_statistic_and_feature_has_a_name()
{
    ad::Client one = client();
    one.job().bytes(image, sizeof image).client_reference_id("statistics").run();
    std::vector<ad::Statistic> all = one.statistics();
    expect(all.size() > static_cast<std::size_t>(ad::Stat::iterations), "all are there");
    expect(all[0].name == "requests_create" && all[0].value == 1 && !all[0].is_gauge, "in their order");
    expect(all[static_cast<std::size_t>(ad::Stat::hold_ms)].is_gauge, "a gauge");
    auto features = ad::features();
    auto curl = std::find_if(features.begin(), features.end(), [](const auto &each) { return each.first == "libcurl"; });
    expect(curl != features.end() && !curl->second.empty(), "the libcurl that it runs on");
}

void text_with_a_nul_is_refused_and_not_cut()
{
    ad::Client one = client();
    expect(failure_of([&] { static_cast<void>(one.job().file(std::string("a.jpg\0.png", 10))); }).status ==
               ad::Status::invalid_argument,
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
    PROMISE(a_reader_may_fail_with_a_number_of_its_own)
    PROMISE(what_the_library_was_lent_lives_until_it_is_released)
    PROMISE(what_hears_the_log_lives_until_it_is_replaced)
    PROMISE(a_record_of_the_log_tells_all)
    PROMISE(a_client_that_is_stopped_ends_its_calls_and_begins_none)
    PROMISE(a_client_that_is_paused_begins_nothing_until_it_goes_on)
    PROMISE(more_calls_than_permitted_are_refused)
    PROMISE(a_client_is_configured_while_its_jobs_run)
    PROMISE(a_cancel_before_a_call_that_blocks_is_not_missed)
    PROMISE(what_a_job_is_about_can_be_read)
    PROMISE(a_rerun_is_another_job_of_the_same_image)
    PROMISE(a_retry_after_of_the_service_is_a_hold)
    PROMISE(a_refused_key_holds_creates_until_another_is_set)
    PROMISE(a_failure_says_whose_matter_it_is)
    PROMISE(every_statistic_and_feature_has_a_name)
    PROMISE(text_with_a_nul_is_refused_and_not_cut)
    PROMISE(a_value_of_a_newer_library_has_no_name_and_is_no_error)
    PROMISE(a_wakeup_ends_a_wait)
    return failed != 0;
}
