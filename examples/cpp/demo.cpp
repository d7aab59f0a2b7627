// SPDX-License-Identifier: MIT
//
// Everything that the header does, against the emulator or the service; it judges its own results.
//
//     AD_API_KEY=... AD_API_BASE_URL=... ./demo FOLDER
//
// Sends the images of the folder (examples/images). Prints a line per part, and one with the number of jobs that the
// service should have counted. The exit code is 0 when all is well.
#include <animaldetect/animaldetect.hpp>

#include <poll.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <list>
#include <mutex>
#include <set>
#include <thread>

namespace ad = animaldetect;
namespace fs = std::filesystem;

namespace {

constexpr int many = 200;

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
    made.poll_mode(ad::Poll::latency).poll_bounds(ad::milliseconds(20), ad::milliseconds(200));
    return made;
}

class Demo {
public:
    explicit Demo(const fs::path &folder)
    {
        for (const auto &entry : fs::directory_iterator(folder))
            if (entry.path().extension() == ".jpg" || entry.path().extension() == ".png")
                images_.push_back(entry.path());
        std::sort(images_.begin(), images_.end());
        expect(!images_.empty(), "the folder has no image");
    }

    std::string one_image()
    {
        std::vector<std::string> lines;
        ad::Client one = client();
        one.log(ad::Log::info, [&](const ad::LogRecord &record) { lines.emplace_back(record.text()); });
        ad::Job job = one.job();
        ad::Result result = job.file(images_.front().string()).metadata(true).run();
        remember(job);
        expect(job.state_of_service() == ad::State::succeeded && job.stage() == ad::Stage::fetched, "it has succeeded");
        ad::Result again = ad::Result::parse(result.json());
        expect(again.json() == result.json(), "a result can be read again");
        expect(!lines.empty(), "the log tells of it");
        std::string words = images_.front().filename().string() + ":";
        for (const ad::Detection &seen : result.detections())
            words += " " + std::string(seen.label().value_or("?")) + " " + std::to_string(seen.score().value_or(0));
        return words;
    }

    std::string threads()
    {
        ad::Client one = client();
        std::atomic<std::size_t> next{0};
        std::vector<std::thread> crew;
        std::atomic<int> failed{0};
        one.max_requests(16);
        for (int i = 0; i < 4; i++)
            crew.emplace_back([&] {
                for (std::size_t at = next++; at < images_.size(); at = next++) {
                    try {
                        ad::Job job = one.job();
                        job.file(images_[at].string()).client_reference_id("threads").run();
                        remember(job);
                    } catch (const ad::Error &) {
                        failed++;
                    }
                }
            });
        for (std::thread &thread : crew)
            thread.join();
        expect(failed == 0 && one.in_flight() == 0, "every thread has its results");
        return std::to_string(images_.size()) + " images by 4 threads on one client";
    }

    std::string event_loop()
    {
        ad::Client one = client();
        std::list<ad::Job> jobs;
        int done = 0;
        for (int i = 0; i < many; i++) {
            jobs.push_back(one.job());
            jobs.back().file(images_.front().string()).client_reference_id("loop " + std::to_string(i)).start_run();
        }
        pollfd watched{one.fd(), POLLIN, 0};
        while (done < many) {
            expect(::poll(&watched, 1, 60000) > 0, "something happens within a minute");
            one.process();
            while (ad::Job *job = one.next_done()) {
                job->check();
                remember(*job);
                done++;
            }
        }
        return std::to_string(many) + " jobs at once on one thread; the middle one took " +
               std::to_string(one.latency(ad::Step::none, 0.5).value_or(ad::milliseconds(0)).count()) + " ms";
    }

    std::string reader()
    {
        ad::Client one = client();
        std::ifstream file(images_.front(), std::ios::binary);
        ad::Job job = one.job();
        job.filename("read.png").client_reference_id("reader").reader(
            fs::file_size(images_.front()),
            [&](std::uint8_t *buffer, std::size_t size) {
                file.read(reinterpret_cast<char *>(buffer), static_cast<std::streamsize>(size));
                return static_cast<std::size_t>(file.gcount());
            },
            [&] {
                file.clear();
                file.seekg(0);
            });
        job.run();
        remember(job);
        return std::to_string(job.upload_total()) + " bytes from a stream";
    }

    std::string errors()
    {
        ad::Client one = client();
        ad::Client stranger = client();
        stranger.api_key("sk_test_wrong");
        ad::Error refused = failure_of([&] { stranger.job().file(images_.front().string()).run(); });
        expect(refused.status == ad::Status::unauthorized && refused.http_status == 401, "a wrong key is refused");
        expect(refused.step == ad::Step::create && refused.service_message && !refused.is_retriable(), "with details");
        expect(stranger.hold_reason() == ad::Hold::account && stranger.held_until(), "and others wait");
        stranger.resume(); // or api_key: jobs may be created again
        expect(stranger.hold_reason() == ad::Hold::none && !stranger.held_until(), "until they are told");
        ad::Error missing = failure_of([&] { one.job().file("no such file.jpg").run(); });
        expect(missing.status == ad::Status::file, "a missing file is told");
        expect(std::string(missing.what()).find("no such file.jpg") != std::string::npos, "by its name");
        ad::Error unfit = failure_of([&] { static_cast<void>(one.job().threshold(7)); });
        expect(unfit.status == ad::Status::invalid_argument, "a value out of range is told");
        return refused.what();
    }

    std::string cancel()
    {
        ad::Client one = client();
        ad::Job job = one.job();
        job.file(images_.front().string()).client_reference_id("stopped");
        std::thread stopper([&] {
            while (job.stage() < ad::Stage::created)
                std::this_thread::sleep_for(ad::milliseconds(1));
            job.cancel();
        });
        ad::Error stopped = failure_of([&] { job.run(); });
        stopper.join();
        expect(stopped.status == ad::Status::canceled, "it was canceled");
        job.run(); // the service goes on meanwhile; running it again finds the same job
        remember(job);
        ad::Job late = one.job();
        late.file(images_.front().string()).client_reference_id("late").call_timeout(ad::milliseconds(1));
        expect(failure_of([&] { late.run(); }).status == ad::Status::call_timeout, "a call timeout ends a call");
        late.call_timeout(std::nullopt).run();
        remember(late);
        return std::string("stopped at stage ") + animaldetect_stage_name(static_cast<int>(stopped.stage)) +
               ", then run to its end";
    }

    std::string control()
    {
        ad::Client one = client();
        one.pause(ad::Pause::all).max_jobs(10).add_header("traceparent", "00-1");
        ad::Job job = one.job();
        job.file(images_.front().string()).client_reference_id("paused").note("row 7").priority(-1);
        job.call_timeout(ad::milliseconds(20));
        expect(failure_of([&] { job.run(); }).status == ad::Status::call_timeout, "a pause is a wait");
        expect(job.stage() == ad::Stage::new_ && job.note() == "row 7", "nothing was sent");
        one.pause(ad::Pause::none).network_changed();
        job.call_timeout(std::nullopt).run();
        remember(job);
        one.stop();
        ad::Error stopped = failure_of([&] { one.job().file(images_.front().string()).run(); });
        expect(stopped.status == ad::Status::canceled, "a stopped client begins nothing");
        std::string words = "paused, run, stopped;";
        for (const ad::Statistic &told : one.statistics())
            if (told.value > 0 && !told.is_gauge)
                words += " " + std::string(told.name) + " " + std::to_string(told.value);
        return words;
    }

    std::string rerun()
    {
        ad::Client one = client();
        ad::Job job = one.job();
        job.file(images_.front().string()).client_reference_id("rerun").run();
        remember(job);
        job.rerun();
        expect(job.stage() == ad::Stage::new_ && !job.id() && job.rerun_number() == 1, "it begins anew");
        job.run();
        remember(job);
        return "another job for the same image, with number " + std::to_string(job.rerun_number());
    }

    std::string save_and_restore()
    {
        std::string saved;
        std::string id;
        std::string submitted;
        {
            ad::Client first = client();
            ad::Job job = first.job();
            job.file(images_.front().string()).client_reference_id("saved").create();
            job.upload();
            saved = job.save();
            id = job.id().value();
            remember(job);
            ad::Job other = first.job();
            other.file(images_.front().string()).client_reference_id("attached").create();
            other.upload();
            other.submit();
            submitted = other.id().value();
            remember(other);
        }
        const char *key = std::getenv("AD_API_KEY");
        expect(key != nullptr && saved.find(key) == std::string::npos, "no key is saved");
        ad::Client second = client();
        ad::Job job = second.restore(saved);
        job.run();
        expect(job.id() == id, "it is the same job");
        second.attach(submitted).run();
        return std::to_string(saved.size()) + " bytes of JSON, finished by another client";
    }

    std::size_t jobs() const { return ids_.size(); }

private:
    void remember(const ad::Job &job)
    {
        std::lock_guard<std::mutex> locked(lock_);
        ids_.insert(job.id().value());
    }

    std::vector<fs::path> images_;
    std::set<std::string> ids_;
    std::mutex lock_;
};

} // namespace

int main(int argc, char **argv)
{
    try {
        Demo demo(argc > 1 ? argv[1] : "examples/images");
        std::cout << "libanimaldetect " << animaldetect_version() << ", C++ " << __cplusplus / 100 << "\n"
                  << "one image: " << demo.one_image() << "\n"
                  << "threads: " << demo.threads() << "\n"
                  << "event loop: " << demo.event_loop() << "\n"
                  << "reader: " << demo.reader() << "\n"
                  << "errors: " << demo.errors() << "\n"
                  << "cancel: " << demo.cancel() << "\n"
                  << "control: " << demo.control() << "\n"
                  << "rerun: " << demo.rerun() << "\n"
                  << "save and restore: " << demo.save_and_restore() << "\n"
                  << "expected jobs: " << demo.jobs() << std::endl;
        return 0;
    } catch (const std::exception &error) {
        std::cerr << "failed: " << error.what() << "\n";
        return 1;
    }
}
