/* SPDX-License-Identifier: MIT */
/*
 * The upload bench: how well the rule of engine/uplink.h uses slow, long, lossy and changing links, compared with a
 * fixed number of concurrent uploads, on virtual time. Prints figures without judging them: it fails only when it
 * cannot run.
 *
 *     uplink [--quick] [--json] [--svg FILE]
 */
#include <stdbool.h>
#include <stdio.h>

#include "options.h"
#include "uplink_table.h"

#define SEEDS 4
#define QUICK_SEEDS 1
#define ROWS 64

static void print_head(void)
{
    printf("time of the best fixed number / time, the least of the seeds, 0 not done in 6 times what the link needs\n"
           "(bytes in vain at most, uploads in flight on average); last: creates per image, time / bytes at the link's "
           "bandwidth at most\n%-56s",
           "");
    for (int i = 0; i < UPLINK_POLICIES - 1; i++)
        printf("%13s %-3d", "fixed", uplink_policies[i]);
    printf("%17s\n", "this library");
}

static void print_text(const struct uplink_result *result, bool is_first)
{
    const struct uplink_cell *own = &result->cells[UPLINK_POLICIES - 1];
    char name[128];

    if (is_first)
        printf("%s\n", uplink_group_name(result->row->group));
    uplink_row_name(result->row, name, sizeof(name));
    printf("  %-54s", name);
    for (int i = 0; i < UPLINK_POLICIES; i++)
        printf(" %4.2f (%4.0f%% %4.1f)", result->cells[i].of_best, result->cells[i].in_vain * 100,
               result->cells[i].at_once);
    printf("  %.2f %.2f\n", own->creates, own->of_link);
}

static void print_json(const struct uplink_result *result, bool is_first)
{
    char name[128];

    uplink_row_name(result->row, name, sizeof(name));
    for (int i = 0; i < UPLINK_POLICIES; i++) {
        const struct uplink_cell *cell = &result->cells[i];

        printf("%s{\"group\":\"%s\",\"link\":\"%s\",\"fixed\":%d,\"of_best\":%.4f,\"of_link\":%.4f,\"in_vain\":%.4f,"
               "\"at_once\":%.2f,\"creates_per_image\":%.3f,\"connections\":%.1f}",
               is_first && i == 0 ? "" : ",\n", uplink_group_name(result->row->group), name, uplink_policies[i],
               cell->of_best, cell->of_link, cell->in_vain, cell->at_once, cell->creates, cell->connections);
    }
}

static bool measure(const struct options *options, struct uplink_result *results, size_t *count)
{
    if (options->json)
        printf("{\"uplink\":[\n");
    else
        print_head();
    for (size_t i = 0; i < uplink_row_count && *count < ROWS; i++) {
        struct uplink_result *result = &results[*count];

        if (options->quick && !uplink_rows[i].is_quick)
            continue;
        if (!uplink_measure(&uplink_rows[i], options->quick ? QUICK_SEEDS : SEEDS, result))
            return false;
        if (options->json)
            print_json(result, *count == 0);
        else
            print_text(result, *count == 0 || result[-1].row->group != result->row->group);
        (*count)++;
    }
    if (options->json)
        printf("]}\n");
    return true;
}

int main(int argc, char **argv)
{
    static struct uplink_result results[ROWS];
    struct options options;
    size_t count = 0;
    FILE *file;

    if (!options_read(argc, argv, &options))
        return 2;
    if (!measure(&options, results, &count)) {
        fprintf(stderr, "uplink: out of memory\n");
        return 1;
    }
    if (options.svg == NULL)
        return 0;
    file = fopen(options.svg, "w");
    if (file == NULL) {
        perror(options.svg);
        return 1;
    }
    uplink_draw(file, results, count);
    return fclose(file) == 0 ? 0 : 1;
}
