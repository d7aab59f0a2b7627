/* SPDX-License-Identifier: MIT */
/*
 * Sweeps and draws the curves of quota_curve.h. The drawing is one SVG with a panel for each kind of service, with both
 * axes logarithmic: down and to the left is better.
 */
#include "quota_curve.h"

#include <math.h>
#include <string.h>

#define EVERY_MS 500 /* interval between new images */
#define WARM_MS 300000
#define END_MS 2100000
#define QUICK_END_MS 600000

#define PANEL_WIDTH 300.0
#define PANEL_HEIGHT 220.0
#define MARGIN 52.0
#define HEAD 56.0
#define COLUMNS 3
#define POLLS_LOW 1.0
#define POLLS_HIGH 60.0
#define DELAY_LOW 100.0
#define DELAY_HIGH 60000.0

static bool measure(const struct quota_run *run, double setting_ms, struct curve_point *point)
{
    struct quota_figures figures;

    if (!quota_simulate(run, &figures))
        return false;
    point->setting_ms = setting_ms;
    point->polls = figures.polls_per_job;
    point->delay_ms = figures.delay_mean_ms;
    return true;
}

bool curve_measure(enum quota_service service, bool quick, struct curve *curve)
{
    double factor = quick ? 1.6 : 1.12;
    struct quota_run run = {.service = service, .every_ms = EVERY_MS, .warm_ms = WARM_MS, .seed = 2};

    memset(curve, 0, sizeof(*curve));
    run.end_ms = quick ? QUICK_END_MS : END_MS;
    run.policy = QUOTA_PRICED;
    for (double price = 50; price <= 8000; price *= quick ? 4 : 1.41) {
        run.price_ms = price;
        if (!measure(&run, price, &curve->planner[curve->planner_count++]))
            return false;
    }
    run.policy = QUOTA_FIXED;
    for (double interval = 250; interval <= 120000 && curve->fixed_count < CURVE_POINTS; interval *= factor) {
        run.interval_ms = (int64_t)interval;
        if (!measure(&run, interval, &curve->fixed[curve->fixed_count++]))
            return false;
    }
    run.policy = QUOTA_EXPONENTIAL;
    return measure(&run, 0.0, &curve->exponential);
}

double curve_ratio(const struct curve *curve, const struct curve_point *point)
{
    double best = INFINITY;

    for (size_t i = 0; i < curve->fixed_count; i++) {
        if (curve->fixed[i].polls <= point->polls * 1.005 && curve->fixed[i].delay_ms < best)
            best = curve->fixed[i].delay_ms;
    }
    return best < INFINITY && best > 0.0 ? point->delay_ms / best : 0.0;
}

static double across(double left, double polls)
{
    double share = log(fmax(POLLS_LOW, fmin(polls, POLLS_HIGH)) / POLLS_LOW) / log(POLLS_HIGH / POLLS_LOW);

    return left + share * PANEL_WIDTH;
}

static double down(double top, double delay_ms)
{
    double share = log(fmax(DELAY_LOW, fmin(delay_ms, DELAY_HIGH)) / DELAY_LOW) / log(DELAY_HIGH / DELAY_LOW);

    return top + (1.0 - share) * PANEL_HEIGHT;
}

static void draw_points(FILE *file, const struct curve_point *points, size_t count, double left, double top,
                        const char *colour)
{
    fprintf(file, "<g fill=\"%s\" stroke=\"%s\"><polyline fill=\"none\" stroke-width=\"1.5\" points=\"", colour,
            colour);
    for (size_t i = 0; i < count; i++)
        fprintf(file, "%.1f,%.1f ", across(left, points[i].polls), down(top, points[i].delay_ms));
    fprintf(file, "\"/>");
    for (size_t i = 0; i < count; i++)
        fprintf(file, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"2\"/>", across(left, points[i].polls),
                down(top, points[i].delay_ms));
    fprintf(file, "</g>\n");
}

static void draw_axes(FILE *file, double left, double top)
{
    static const double polls[] = {1, 2, 5, 10, 20, 50};
    static const double delays[] = {100, 1000, 10000, 60000};
    static const char *const words[] = {"0.1 s", "1 s", "10 s", "60 s"};

    fprintf(file, "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"none\" stroke=\"#888\"/>\n", left,
            top, PANEL_WIDTH, PANEL_HEIGHT);
    for (size_t i = 0; i < sizeof(polls) / sizeof(polls[0]); i++) {
        double x = across(left, polls[i]);

        fprintf(file, "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"#ddd\"/>", x, top, x,
                top + PANEL_HEIGHT);
        fprintf(file, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"middle\">%.0f</text>\n", x, top + PANEL_HEIGHT + 14,
                polls[i]);
    }
    for (size_t i = 0; i < sizeof(delays) / sizeof(delays[0]); i++) {
        double y = down(top, delays[i]);

        fprintf(file, "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"#ddd\"/>", left, y,
                left + PANEL_WIDTH, y);
        fprintf(file, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"end\">%s</text>\n", left - 5, y + 4, words[i]);
    }
}

void curve_draw(FILE *file, const struct curve *curves, size_t count)
{
    double cell_width = PANEL_WIDTH + MARGIN + 20;
    double cell_height = PANEL_HEIGHT + 58;
    double rows = ceil((double)count / COLUMNS);

    fprintf(file, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%.0f\" font-family=\"sans-serif\" "
                  "font-size=\"11\">\n<!-- SPDX-License-Identifier: MIT; drawn by tests/bench/quota -->\n"
                  "<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n",
            COLUMNS * cell_width + 10, rows * cell_height + HEAD);
    fprintf(file, "<text x=\"%.0f\" y=\"22\" font-size=\"14\">Polls per job (across) and mean delay until the "
                  "completion is noticed (up), without a quota: down and left is better</text>\n", MARGIN);
    fprintf(file, "<text x=\"%.0f\" y=\"40\"><tspan fill=\"#06c\">planner, price 50 ms to 8 s</tspan> &#160; "
                  "<tspan fill=\"#c40\">fixed interval, 0.25 s to 120 s</tspan> &#160; "
                  "<tspan fill=\"#083\">exponential backoff, 1 s to 20 s</tspan></text>\n", MARGIN);
    for (size_t i = 0; i < count; i++) {
        double left = MARGIN + (double)(i % COLUMNS) * cell_width;
        double top = HEAD + 14 + (double)(i / COLUMNS) * cell_height;

        fprintf(file, "<text x=\"%.1f\" y=\"%.1f\" font-size=\"12\">%s</text>\n", left, top - 5,
                quota_service_name((enum quota_service)i));
        draw_axes(file, left, top);
        draw_points(file, curves[i].fixed, curves[i].fixed_count, left, top, "#c40");
        draw_points(file, &curves[i].exponential, 1, left, top, "#083");
        draw_points(file, curves[i].planner, curves[i].planner_count, left, top, "#06c");
    }
    fprintf(file, "</svg>\n");
}
