// SPDX-License-Identifier: MIT
//
// C++ for the bench of the bindings: the loop of the package's README. See loop.c.
#include <animaldetect/animaldetect.hpp>

#include <chrono>
#include <fstream>
#include <iostream>
#include <poll.h>
#include <string>
#include <unordered_map>

namespace ad = animaldetect;

static long rss_kib()
{
    std::ifstream file("/proc/self/statm");
    long total = 0, resident = 0;

    file >> total >> resident;
    return resident * 4;
}

int main(int, char **argv)
{
    long jobs = std::stol(argv[1]), window = std::stol(argv[2]), started = 0, done = 0, found = 0, early = 0;
    auto client = ad::Client::from_env();
    std::unordered_map<long, ad::Job> running;
    std::unordered_map<ad::Job *, long> numbers;

    client.max_requests(64)
        .poll_mode(ad::Poll::latency)
        .poll_bounds(std::chrono::milliseconds(10), std::chrono::milliseconds(100));
    auto start = [&] {
        long number = started++;
        std::string image = "\xff\xd8\xff\xe0 cpp " + std::to_string(number);
        image.resize(2048, '\7');
        auto &job = running.emplace(number, client.job()).first->second;
        numbers[&job] = number;
        job.bytes(image.data(), image.size()).start_run();
    };
    while (started < window && started < jobs)
        start();
    pollfd watched{client.fd(), POLLIN, 0};
    while (done < jobs) {
        ::poll(&watched, 1, -1);
        client.process();
        while (ad::Job *job = client.next_done()) {
            job->check();
            auto result = job->result();
            for (const auto &seen : result.detections())
                found += seen.label() && seen.score();
            auto number = numbers.find(job);
            long of = number->second;
            numbers.erase(number);
            running.erase(of);
            if (++done == 5000)
                early = rss_kib();
            if (started < jobs)
                start();
        }
    }
    std::cout << "{\"jobs\": " << done << ", \"found\": " << found << ", \"early_kib\": " << early
              << ", \"rss_kib\": " << rss_kib() << "}\n";
}
