/* SPDX-License-Identifier: MIT */
/*
 * Measures and draws the rows of uplink_table.h. The drawing is one SVG with a row for each link and a mark for each
 * policy: further right is better, and 1 is the best fixed number for that link.
 */
#include "uplink_table.h"

#include <math.h>
#include <string.h>

#define LEFT 330.0
#define WIDTH 640.0
#define LINE 17.0
#define HEAD 66.0
#define GROUP_GAP 22.0
#define LOW 0.0
#define HIGH 1.1

const int uplink_policies[UPLINK_POLICIES] = {1, 4, 16, 48, 0};

static double best_fixed(const struct uplink_figures figures[UPLINK_POLICIES])
{
    double best = INFINITY;

    for (int i = 0; i < UPLINK_POLICIES; i++) {
        if (uplink_policies[i] > 0 && figures[i].seconds > 0)
            best = fmin(best, figures[i].seconds);
    }
    return best;
}

static void add(struct uplink_cell *cell, const struct uplink_figures *figures, double best, int seeds)
{
    bool done = figures->seconds > 0;

    cell->of_best = fmin(cell->of_best, done && best < INFINITY ? best / figures->seconds : 0);
    cell->in_vain = fmax(cell->in_vain, figures->in_vain);
    cell->of_link = done ? fmax(cell->of_link, figures->of_link) : INFINITY;
    cell->at_once += figures->at_once / seeds;
    cell->creates += figures->creates / seeds;
    cell->connections += (double)figures->connections / seeds;
}

bool uplink_measure(const struct uplink_row *row, int seeds, struct uplink_result *result)
{
    struct uplink_figures figures[UPLINK_POLICIES];
    struct uplink_run run = row->run;

    memset(result, 0, sizeof(*result));
    result->row = row;
    for (int i = 0; i < UPLINK_POLICIES; i++)
        result->cells[i].of_best = INFINITY;
    for (int seed = 1; seed <= seeds; seed++) {
        run.seed = (uint64_t)seed;
        for (int i = 0; i < UPLINK_POLICIES; i++) {
            run.fixed = uplink_policies[i];
            if (!uplink_simulate(&run, &figures[i]))
                return false;
        }
        for (int i = 0; i < UPLINK_POLICIES; i++)
            add(&result->cells[i], &figures[i], best_fixed(figures), seeds);
    }
    for (int i = 0; i < UPLINK_POLICIES; i++) {
        if (result->cells[i].of_link == INFINITY)
            result->cells[i].of_link = 0;
    }
    return true;
}

static double across(double share)
{
    return LEFT + (fmax(LOW, fmin(share, HIGH)) - LOW) / (HIGH - LOW) * WIDTH;
}

static void draw_mark(FILE *file, int policy, double x, double y)
{
    static const char *const colors[] = {"#999", "#c90", "#c40", "#808", "#06c"};

    if (uplink_policies[policy] == 0)
        fprintf(file, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"5\" fill=\"%s\"/>\n", x, y, colors[policy]);
    else
        fprintf(file, "<rect x=\"%.1f\" y=\"%.1f\" width=\"7\" height=\"7\" fill=\"%s\" fill-opacity=\"0.75\"/>\n",
                x - 3.5, y - 3.5, colors[policy]);
}

static void draw_axis(FILE *file, double bottom)
{
    for (int i = 0; i <= 10; i += 2) {
        double x = across(i / 10.0);

        fprintf(file, "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\"/>", x, HEAD, x, bottom,
                i == 10 ? "#888" : "#ddd");
        fprintf(file, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%.1f</text>\n", x, bottom + 14, i / 10.0);
    }
}

static void draw_legend(FILE *file)
{
    double x = 14;

    fprintf(file,
            "<text x=\"10\" y=\"22\" font-size=\"14\">Time of the best fixed number of uploads at once / time, by "
            "link: to the right is better, 0 is not done</text>\n");
    for (int i = 0; i < UPLINK_POLICIES; i++, x += 80) {
        draw_mark(file, i, x, 42);
        if (uplink_policies[i] > 0)
            fprintf(file, "<text x=\"%.1f\" y=\"46\">fixed %d</text>\n", x + 9, uplink_policies[i]);
        else
            fprintf(file, "<text x=\"%.1f\" y=\"46\">this library</text>\n", x + 9);
    }
}

void uplink_draw(FILE *file, const struct uplink_result *results, size_t count)
{
    double bottom = HEAD + LINE * (double)count + GROUP_GAP * UPLINK_GROUPS + LINE;
    double y = HEAD;

    fprintf(file,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%.0f\" font-family=\"sans-serif\" "
            "font-size=\"11\">\n<!-- SPDX-License-Identifier: MIT; drawn by tests/bench/uplink -->\n"
            "<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n",
            LEFT + WIDTH + 20, bottom + 24);
    draw_legend(file);
    draw_axis(file, bottom);
    for (size_t i = 0; i < count; i++) {
        char name[128];

        if (i == 0 || results[i].row->group != results[i - 1].row->group) {
            y += GROUP_GAP;
            fprintf(file, "<text x=\"10\" y=\"%.1f\" font-weight=\"bold\">%s</text>\n", y,
                    uplink_group_name(results[i].row->group));
        }
        y += LINE;
        uplink_row_name(results[i].row, name, sizeof(name));
        fprintf(file, "<text x=\"10\" y=\"%.1f\">%s</text>\n", y + 4, name);
        fprintf(file, "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"#eee\"/>\n", LEFT, y,
                LEFT + WIDTH, y);
        for (int policy = 0; policy < UPLINK_POLICIES; policy++)
            draw_mark(file, policy, across(results[i].cells[policy].of_best), y);
    }
    fprintf(file, "</svg>\n");
}
