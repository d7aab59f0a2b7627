// SPDX-License-Identifier: MIT
//
// How to test a program that uses libanimaldetect: the program's own function gets its client from outside, and the
// test gives it one on the service in memory. No socket, no waiting: an hour without the service passes at once.
//
//     c++ -std=c++17 import_test.cpp $(pkg-config --cflags --libs animaldetect-cpp animaldetect-mock) -o import_test
#include <animaldetect/animaldetect.hpp>
#include <animaldetect/mock.hpp>

#include <iostream>
#include <list>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

// ---- the program: sends images, and returns how many animals of each kind there are ----

struct Image {
    std::string name;
    std::string bytes;
};

struct Report {
    std::map<std::string, int> animals;
    std::vector<std::string> later; // what the next import should try again
    std::vector<std::string> bad;   // what a person should look at
};

Report import_images(animaldetect::Client &client, const std::vector<Image> &images)
{
    Report report;
    std::list<animaldetect::Job> jobs;
    for (const Image &image : images) {
        jobs.push_back(client.job().bytes(image.bytes.data(), image.bytes.size()).filename(image.name));
        jobs.back().start_run();
    }
    while (client.in_flight() > 0) {
        client.wait();
        while (animaldetect::Job *job = client.next_done()) {
            try {
                job->check();
                animaldetect::Result result = job->result();
                for (const animaldetect::Detection &seen : result.detections())
                    report.animals[std::string(seen.label().value_or("unknown"))]++;
            } catch (const animaldetect::Error &error) {
                (error.is_retriable() ? report.later : report.bad).push_back(job->filename().value_or("?"));
            }
        }
    }
    return report;
}

// ---- its tests ----

const std::vector<Image> images = {{"a.jpg", "\xff\xd8\xff\xe0 the first"}, {"b.jpg", "\xff\xd8\xff\xe0 the second"}};

void expect(bool good, const char *what)
{
    if (!good)
        throw std::logic_error(what);
}

void every_image_is_counted()
{
    animaldetect::Mock service;
    animaldetect::Client client = service.client();
    Report report = import_images(client, images);
    expect(!report.animals.empty() && report.later.empty() && report.bad.empty(), "all are done");
    expect(service.jobs().size() == 2 && service.violations().empty(), "two images are billed");
}

void an_hour_behind_a_portal_only_delays()
{
    animaldetect::Mock service;
    animaldetect::Client client = service.client();
    client.offline_patience(std::nullopt);
    animaldetect::milliseconds begin = service.now();
    service.add_fault("any:html:status=511:edge=1:end=3600000"); // a portal answers in place of the service
    Report report = import_images(client, images);
    expect(report.later.empty() && report.bad.empty(), "nothing fails");
    expect(service.now() - begin >= std::chrono::hours(1), "an hour has passed");
    expect(service.jobs().size() == 2, "and nothing is billed twice");
}

void a_lost_answer_bills_nothing_twice()
{
    animaldetect::Mock service;
    animaldetect::Client client = service.client();
    service.add_fault("create:reset-after:n=1").add_fault("submit:reset-after:n=1");
    Report report = import_images(client, images);
    expect(report.later.empty() && service.jobs().size() == 2, "the same jobs are found again");
}

void what_the_service_refuses_is_for_a_person()
{
    animaldetect::Mock service;
    animaldetect::Client client = service.client();
    service.answer("create", 1, 400, R"({"error":{"code":"bad_image","message":"not an image"}})");
    Report report = import_images(client, images);
    expect(report.bad.size() == 1 && report.later.empty(), "one image is set aside");
    expect(service.requests("create").front().http_status == 400, "since the service has refused it");
}

} // namespace

int main()
{
    try {
        every_image_is_counted();
        an_hour_behind_a_portal_only_delays();
        a_lost_answer_bills_nothing_twice();
        what_the_service_refuses_is_for_a_person();
    } catch (const std::exception &error) {
        std::cerr << "failed: " << error.what() << "\n";
        return 1;
    }
    std::cout << "4 tests passed\n";
    return 0;
}
