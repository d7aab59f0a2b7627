/* SPDX-License-Identifier: MIT */
/*
 * Images that always wait for quota, at a service that never completes a share of its jobs: the figures of the whole
 * engine, on virtual time. Prints figures without judging them (tests/engine/test_stuck.c does); fails only when it
 * cannot run.
 *
 *     stuck [--quick] [--json]
 */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <animaldetect/types.h>

#include "engine/stuck_fleet.h"

#define MEASURED_MS 7200000
#define QUICK_MEASURED_MS 1800000

static const int32_t QUOTAS[] = {60, 300, 1000};
static const double SHARES[] = {0, 0.2};
static const char *const MODES[] = {"latency", "balanced", "throughput"};

struct options {
    bool quick;
    bool json;
};

static void print_row(const struct options *options, const struct stuck_fleet *fleet,
                      const struct stuck_figures *figures, bool first)
{
    double ratio = figures->images_per_minute / figures->ceiling;

    if (options->json)
        printf(
            "%s{\"per_minute\":%d,\"share\":%.1f,\"mode\":\"%s\",\"images_per_minute\":%.2f,\"polls_per_image\":%.3f,"
            "\"of_ceiling\":%.4f,\"delay_mean_ms\":%.0f,\"polls_per_stuck\":%.1f,\"unfinished\":%lld,\"throttled\":%"
            "llu}",
            first ? "" : ",\n", fleet->per_minute, fleet->stuck_share, MODES[fleet->mode], figures->images_per_minute,
            figures->polls_per_image, ratio, figures->delay_mean_ms, figures->polls_per_stuck,
            (long long)figures->unfinished, (unsigned long long)figures->throttled);
    else
        printf("%5d %5.1f  %-10s %9.1f %7.2f %9.3f %9.1f %9.1f %10lld %5llu\n", fleet->per_minute, fleet->stuck_share,
               MODES[fleet->mode], figures->images_per_minute, figures->polls_per_image, ratio,
               figures->delay_mean_ms / 1000, figures->polls_per_stuck, (long long)figures->unfinished,
               (unsigned long long)figures->throttled);
}

static bool run_all(const struct options *options)
{
    struct stuck_fleet fleet = {.measured_ms = options->quick ? QUICK_MEASURED_MS : MEASURED_MS, .seed = 1};
    struct stuck_figures figures;
    bool first = true;

    if (options->json)
        printf("[\n");
    else
        printf("%5s %5s  %-10s %9s %7s %9s %9s %9s %10s %5s\n", "rpm", "f", "mode", "img/min", "polls", "ratio",
               "delay s", "per stuck", "unfinished", "429");
    for (size_t share = 0; share < sizeof SHARES / sizeof SHARES[0]; share++) {
        for (size_t quota = 0; quota < sizeof QUOTAS / sizeof QUOTAS[0]; quota++) {
            fleet.stuck_share = SHARES[share];
            fleet.per_minute = QUOTAS[quota];
            for (fleet.mode = ANIMALDETECT_POLL_LATENCY; fleet.mode <= ANIMALDETECT_POLL_THROUGHPUT; fleet.mode++) {
                if (options->quick && fleet.per_minute != 300)
                    continue;
                if (!stuck_fleet_run(&fleet, &figures))
                    return false;
                print_row(options, &fleet, &figures, first);
                first = false;
            }
        }
    }
    if (options->json)
        printf("]\n");
    return true;
}

int main(int argc, char **argv)
{
    struct options options = {false, false};

    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--quick") == 0) {
            options.quick = true;
        } else if (strcmp(argv[i], "--json") == 0) {
            options.json = true;
        } else {
            fprintf(stderr, "usage: stuck [--quick] [--json]\n");
            return 2;
        }
    }
    if (run_all(&options))
        return 0;
    fprintf(stderr, "stuck: a call failed\n");
    return 1;
}
