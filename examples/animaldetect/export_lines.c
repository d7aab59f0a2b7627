/* SPDX-License-Identifier: MIT */
/*
 * JSON lines: one object per image with the service's result as it was sent.  CSV: one row per detection, and one for
 * each image without any.
 */
#include <math.h>
#include <string.h>

#include <sodium.h>

#include "connect.h"
#include "export.h"
#include "summary.h"
#include "text.h"

/* ---- JSON lines ---- */

static void member(FILE *out, const char *name, const char *value)
{
    if (value == NULL)
        return;
    fprintf(out, ",\"%s\":", name);
    text_json(out, value, strlen(value));
}

/* The service's own bytes, digit for digit; line ends stand only between JSON tokens, so a blank will do. */
static void put_result(FILE *out, const struct export_row *row)
{
    fputs(",\"result\":", out);
    for (size_t i = 0; i < row->json_size; i++)
        putc(row->json[i] == '\n' || row->json[i] == '\r' ? ' ' : row->json[i], out);
}

static bool put_line(void *context, const struct export_row *row)
{
    FILE *out = ((const struct exporter *)context)->out;
    char hex[65] = "";
    char number[32];

    fputs("{\"file\":", out);
    text_json(out, row->written, strlen(row->written));
    fprintf(out, ",\"state\":\"%s\"", state_name(row->state));
    if (row->digest != NULL)
        member(out, "sha256", sodium_bin2hex(hex, sizeof hex, row->digest, 32));
    member(out, "job_id", row->job);
    member(out, "taken", row->taken);
    member(out, "camera", row->camera);
    member(out, "camera_serial", row->serial);
    if (!isnan(row->latitude)) {
        fprintf(out, ",\"latitude\":%s", text_decimal(row->latitude, 6, number));
        fprintf(out, ",\"longitude\":%s", text_decimal(row->longitude, 6, number));
    }
    if (row->state == STATE_FAILED || row->state == STATE_PENDING) {
        fputs(",\"error\":{\"message\":", out);
        text_json(out, row->error, strlen(row->error));
        member(out, "status", row->status);
        putc('}', out);
    }
    if (row->json != NULL)
        put_result(out, row);
    fputs("}\n", out);
    return !ferror(out);
}

int export_jsonl(struct exporter *exporter)
{
    return export_each(exporter, put_line, exporter) ? EXIT_DONE : EXIT_SOME_FAILED;
}

/* ---- CSV ---- */

static void field(FILE *out, const char *value)
{
    putc(',', out);
    text_csv(out, value);
}

static void number_field(FILE *out, int32_t status, double value, int decimals)
{
    char text[32];

    putc(',', out);
    if (status == ANIMALDETECT_OK)
        fputs(text_decimal(value, decimals, text), out);
}

static void put_begin(FILE *out, const struct export_row *row, size_t number)
{
    text_csv(out, row->written);
    field(out, state_name(row->state));
    field(out, row->taken);
    putc(',', out);
    if (number > 0)
        fprintf(out, "%zu", number);
}

static void put_box(FILE *out, const struct export_row *row, const animaldetect_detection *box, size_t number)
{
    static const char *const classes[] = {"", "animal", "person", "vehicle"};
    double bbox[4] = {0};
    double score = 0;
    int32_t scored = animaldetect_detection_score(box, &score);
    int32_t boxed = animaldetect_detection_bbox(box, bbox);

    put_begin(out, row, number);
    field(out, classes[class_of(box)]);
    field(out, animaldetect_detection_label(box));
    number_field(out, scored, score, 3);
    for (int i = 0; i < 4; i++)
        number_field(out, boxed, bbox[i], 4);
    for (int32_t rank = ANIMALDETECT_RANK_CLASS; rank <= ANIMALDETECT_RANK_SPECIES; rank++)
        field(out, animaldetect_detection_taxonomy(box, rank));
    fputs(",\r\n", out);
}

static bool put_rows(void *context, const struct export_row *row)
{
    FILE *out = ((const struct exporter *)context)->out;
    animaldetect_result *result = NULL;
    size_t count = 0;

    if (row->json != NULL && animaldetect_result_parse(row->json, row->json_size, &result) == ANIMALDETECT_OK)
        count = animaldetect_result_count(result);
    for (size_t i = 0; i < count; i++)
        put_box(out, row, animaldetect_result_at(result, i), i + 1);
    if (count == 0) {
        put_begin(out, row, 0);
        fputs(",,,,,,,,,,,,,", out); /* from category to species */
        text_csv(out, row->error);
        fputs("\r\n", out);
    }
    animaldetect_result_free(result);
    return !ferror(out);
}

int export_csv(struct exporter *exporter)
{
    fputs("file,state,taken,detection,category,label,score,x,y,width,height,class,order,family,genus,species,error\r\n",
          exporter->out);
    return export_each(exporter, put_rows, exporter) ? EXIT_DONE : EXIT_SOME_FAILED;
}
