/* SPDX-License-Identifier: MIT */
/*
 * The quota bench: how well the pacer and the planner use a requests-per-minute quota, compared with fixed intervals
 * and exponential backoff under the same pacer, on virtual time. Prints figures without judging them: it fails only
 * when it cannot run.
 *
 *     quota [--quick] [--json] [--svg FILE]
 */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>

#include "options.h"
#include "quota_curve.h"
#include "quota_sim.h"

#define WARM_MS 600000
#define END_MS 2400000
#define QUICK_WARM_MS 300000
#define QUICK_END_MS 900000
#define CALLS_BESIDE_POLLS 3.0
#define TUNED_TRIES 20
#define TUNED_FACTOR 1.35 /* 0.5 s to 150 s */

struct table {
    const struct options *options;
    bool is_first; /* no JSON row has been printed yet */
};

static const int32_t QUOTAS[] = {60, 300, 1000};

static void print_row(struct table *table, const struct quota_run *run, const char *policy,
                      const struct quota_figures *figures)
{
    double ceiling = run->per_minute / (CALLS_BESIDE_POLLS + figures->polls_per_job);
    double of_ceiling = figures->images_per_minute / ceiling;
    double of_quarter = figures->images_per_minute * 4 / run->per_minute;

    if (table->options->json) {
        printf("%s{\"service\":\"%s\",\"per_minute\":%d,\"policy\":\"%s\",\"images_per_minute\":%.2f,"
               "\"of_ceiling\":%.4f,\"of_quarter\":%.4f,\"polls_per_job\":%.3f,\"throttled\":%llu,"
               "\"delay_mean_ms\":%.0f,\"delay_p95_ms\":%.0f}",
               table->is_first ? "" : ",\n", quota_service_name(run->service), run->per_minute, policy,
               figures->images_per_minute, of_ceiling, of_quarter, figures->polls_per_job,
               (unsigned long long)figures->throttled, figures->delay_mean_ms, figures->delay_p95_ms);
    } else {
        printf("%-16s %5d  %-18s %8.1f %8.1f%% %7.1f%% %7.2f %5llu %9.2f %9.2f\n", quota_service_name(run->service),
               run->per_minute, policy, figures->images_per_minute, of_ceiling * 100, of_quarter * 100,
               figures->polls_per_job, (unsigned long long)figures->throttled, figures->delay_mean_ms / 1000,
               figures->delay_p95_ms / 1000);
    }
    table->is_first = false;
}

/*
 * The shortest interval that reaches at least 97 % of the maximum images per minute: the choice of somebody who has
 * tried all intervals on this very service.
 */
static bool tuned_interval(const struct quota_run *base, int64_t *interval_ms)
{
    double images[TUNED_TRIES];
    double best = 0.0;
    double interval = 500;
    struct quota_run run = *base;

    for (int i = 0; i < TUNED_TRIES; i++, interval *= TUNED_FACTOR) {
        struct quota_figures figures;

        run.interval_ms = (int64_t)interval;
        if (!quota_simulate(&run, &figures))
            return false;
        images[i] = figures.images_per_minute;
        best = fmax(best, images[i]);
    }
    interval = 500;
    for (int i = 0; images[i] < 0.97 * best; i++)
        interval *= TUNED_FACTOR;
    *interval_ms = (int64_t)interval;
    return true;
}

static bool bound_rows(struct table *table, enum quota_service service, int32_t per_minute)
{
    static const char *const modes[] = {"planner latency", "planner balanced", "planner throughput"};
    struct quota_run run = {.service = service, .per_minute = per_minute, .seed = 1};
    struct quota_figures figures;
    char name[32];

    run.warm_ms = table->options->quick ? QUICK_WARM_MS : WARM_MS;
    run.end_ms = table->options->quick ? QUICK_END_MS : END_MS;
    run.policy = QUOTA_PLANNER;
    for (int mode = AD_PLANNER_LATENCY; mode <= AD_PLANNER_THROUGHPUT; mode++) {
        run.mode = (enum ad_planner_mode)mode;
        if (!quota_simulate(&run, &figures))
            return false;
        print_row(table, &run, modes[mode], &figures);
    }
    run.policy = QUOTA_FIXED;
    run.interval_ms = 2000;
    if (!quota_simulate(&run, &figures))
        return false;
    print_row(table, &run, "fixed 2 s", &figures);
    if (!tuned_interval(&run, &run.interval_ms) || !quota_simulate(&run, &figures))
        return false;
    snprintf(name, sizeof(name), "fixed tuned %.1f s", (double)run.interval_ms / 1000);
    print_row(table, &run, name, &figures);
    run.policy = QUOTA_EXPONENTIAL;
    if (!quota_simulate(&run, &figures))
        return false;
    print_row(table, &run, "exponential", &figures);
    return true;
}

static bool bound_table(const struct options *options)
{
    struct table table = {options, true};

    if (options->json)
        printf("{\"quota\":[\n");
    else
        printf("%-16s %5s  %-18s %8s %9s %8s %7s %5s %9s %9s\n", "service", "rpm", "polls by", "img/min", "R/(3+p)",
               "R/4", "polls", "429", "delay s", "p95 s");
    for (int service = 0; service < QUOTA_SERVICES; service++) {
        for (size_t i = 0; i < sizeof(QUOTAS) / sizeof(QUOTAS[0]); i++) {
            if (options->quick && QUOTAS[i] != 300)
                continue;
            if (!bound_rows(&table, (enum quota_service)service, QUOTAS[i]))
                return false;
        }
    }
    if (options->json)
        printf("],\n");
    return true;
}

static void print_points(const struct options *options, enum quota_service service, const struct curve *curve)
{
    for (size_t i = 0; i < curve->planner_count; i++) {
        const struct curve_point *point = &curve->planner[i];
        double ratio = curve_ratio(curve, point);

        if (options->json)
            printf("%s{\"service\":\"%s\",\"price_ms\":%.0f,\"polls_per_job\":%.3f,\"delay_mean_ms\":%.0f,"
                   "\"of_best_fixed\":%.3f}",
                   i == 0 && service == 0 ? "" : ",\n", quota_service_name(service), point->setting_ms, point->polls,
                   point->delay_ms, ratio);
        else
            printf("%-16s %9.2f %7.2f %9.2f %11.2f\n", quota_service_name(service), point->setting_ms / 1000,
                   point->polls, point->delay_ms / 1000, ratio);
    }
    if (!options->json)
        printf("%-16s %9s %7.2f %9.2f %11.2f\n", quota_service_name(service), "exponent.", curve->exponential.polls,
               curve->exponential.delay_ms / 1000, curve_ratio(curve, &curve->exponential));
}

/* Without quota: the geometric mean of the ratios is one figure for each service. */
static bool free_table(const struct options *options, struct curve *curves)
{
    if (options->json)
        printf("\"free\":[\n");
    else
        printf("\nWithout a quota; last column: the delay over that of the best fixed interval with no more polls\n"
               "%-16s %9s %7s %9s %11s\n", "service", "price s", "polls", "delay s", "/ fixed");
    for (int service = 0; service < QUOTA_SERVICES; service++) {
        if (!curve_measure((enum quota_service)service, options->quick, &curves[service]))
            return false;
        print_points(options, (enum quota_service)service, &curves[service]);
    }
    if (options->json)
        printf("],\n\"free_mean_of_best_fixed\":{");
    for (int service = 0; service < QUOTA_SERVICES; service++) {
        double sum = 0.0;
        int count = 0;

        for (size_t i = 0; i < curves[service].planner_count; i++) {
            double ratio = curve_ratio(&curves[service], &curves[service].planner[i]);

            if (ratio > 0.0) {
                sum += log(ratio);
                count++;
            }
        }
        printf(options->json ? "%s\"%s\":%.3f" : "%s%-16s mean %.3f\n", options->json && service > 0 ? "," : "",
               quota_service_name((enum quota_service)service), count > 0 ? exp(sum / count) : 0.0);
    }
    if (options->json)
        printf("}}\n");
    return true;
}

int main(int argc, char **argv)
{
    static struct curve curves[QUOTA_SERVICES];
    struct options options;
    FILE *file;

    if (!options_read(argc, argv, &options))
        return 2;
    if (!bound_table(&options) || !free_table(&options, curves)) {
        fprintf(stderr, "quota: out of memory\n");
        return 1;
    }
    if (options.svg == NULL)
        return 0;
    file = fopen(options.svg, "w");
    if (file == NULL) {
        perror(options.svg);
        return 1;
    }
    curve_draw(file, curves, QUOTA_SERVICES);
    return fclose(file) == 0 ? 0 : 1;
}
