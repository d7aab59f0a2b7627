/* SPDX-License-Identifier: MIT */
/*
 * MegaDetector's batch format 1.6, which Timelapse, AddaxAI and MegaDetector's own tools read.
 *
 * Categories are 1 animal, 2 person, 3 vehicle.  A label that says more is a classification.  Images come first and the
 * names of the classes behind them, so that one pass over the ledger is enough.  Scores never stand as bare integers, a
 * failure has `detections: null`, and an image without classes has no such key: Timelapse refuses the rest.
 */
#include <stdlib.h>
#include <string.h>

#include "connect.h"
#include "export.h"
#include "names.h"
#include "summary.h"
#include "text.h"

#define TAXONOMY_MAX 1024
#define MODELS_MAX 4

struct md {
    struct exporter *exporter;
    struct names *names;
    bool is_first;
    char models[MODELS_MAX][64]; /* as the results name them, in the order of their paths */
};

/* SpeciesNet's form, from which its tools get everything back. */
static void taxonomy_of(const char *label, const char *(*rank)(const void *of, int32_t rank), const void *of,
                        char out[TAXONOMY_MAX])
{
    size_t used = 0;

    for (int32_t i = ANIMALDETECT_RANK_ID; i <= ANIMALDETECT_RANK_SPECIES; i++) {
        const char *name = rank(of, i);

        used += (size_t)snprintf(out + used, TAXONOMY_MAX - used, "%.120s;", name != NULL ? name : "");
    }
    (void)snprintf(out + used, TAXONOMY_MAX - used, "%.200s", label);
}

static const char *box_rank(const void *box, int32_t rank)
{
    return animaldetect_detection_taxonomy(box, rank);
}

static const char *candidate_rank(const void *candidate, int32_t rank)
{
    return animaldetect_candidate_taxonomy(candidate, rank);
}

struct class
{
    int number;
    double score;
};

static int by_score(const void *one, const void *other)
{
    double a = ((const struct class *)one)->score;
    double b = ((const struct class *)other)->score;

    return a < b ? 1 : a > b ? -1 : 0;
}

/* The label and the candidates that say more than the category, the best first; how many. */
static size_t classes_of(struct md *md, const animaldetect_detection *box, struct class *classes, size_t room)
{
    const char *label = animaldetect_detection_label(box);
    char taxonomy[TAXONOMY_MAX];
    size_t count = 0;

    if (!label_is_class(label)) {
        taxonomy_of(label, box_rank, box, taxonomy);
        (void)animaldetect_detection_score(box, &classes[count].score);
        classes[count++].number = names_number(md->names, label, taxonomy);
    }
    for (size_t i = 0; i < animaldetect_detection_candidate_count(box) && count < room; i++) {
        const animaldetect_candidate *candidate = animaldetect_detection_candidate(box, i);
        const char *other = animaldetect_candidate_label(candidate);

        if (label_is_class(other) || (label != NULL && strcmp(other, label) == 0))
            continue;
        taxonomy_of(other, candidate_rank, candidate, taxonomy);
        classes[count].score = 0;
        (void)animaldetect_candidate_score(candidate, &classes[count].score);
        classes[count++].number = names_number(md->names, other, taxonomy);
    }
    /* the label is the service's choice, whatever the candidates score: it stays in front */
    if (count > 1)
        qsort(classes + (label_is_class(label) ? 0 : 1), count - (label_is_class(label) ? 0 : 1), sizeof *classes,
              by_score);
    for (size_t i = 1; i < count; i++) {
        if (classes[i].score > classes[i - 1].score)
            classes[i].score = classes[i - 1].score; /* the format wants them descending */
    }
    return count;
}

static double fraction(double value)
{
    return value > 1 ? 1 : value > 0 ? value : 0;
}

static void put_box(struct md *md, const animaldetect_detection *box, bool is_first)
{
    FILE *out = md->exporter->out;
    struct class classes[64] = {{0, 0}};
    size_t count = classes_of(md, box, classes, sizeof classes / sizeof classes[0]);
    double bbox[4] = {0, 0, 1, 1}; /* the whole image, when the service names no place */
    double score = 0;
    char number[32];

    (void)animaldetect_detection_score(box, &score);
    (void)animaldetect_detection_bbox(box, bbox);
    fprintf(out, "%s\n    {\"category\": \"%d\", \"conf\": %s, \"bbox\": [", is_first ? "" : ",", class_of(box),
            text_decimal(fraction(score), 3, number));
    for (int i = 0; i < 4; i++)
        fprintf(out, "%s%s", i > 0 ? ", " : "", text_decimal(fraction(bbox[i]), 4, number));
    putc(']', out);
    for (size_t i = 0; i < count; i++)
        fprintf(out, "%s[\"%d\", %s]", i == 0 ? ", \"classifications\": [" : ", ", classes[i].number,
                text_decimal(fraction(classes[i].score), 3, number));
    fputs(count > 0 ? "]}" : "}", out);
}

static void note_model(struct md *md, const char *model)
{
    if (model == NULL)
        return;
    for (size_t i = 0; i < MODELS_MAX; i++) {
        if (md->models[i][0] == '\0')
            (void)snprintf(md->models[i], sizeof md->models[i], "%s", model);
        if (strncmp(md->models[i], model, sizeof md->models[i] - 1) == 0)
            return;
    }
}

static void put_result(struct md *md, const animaldetect_result *result)
{
    FILE *out = md->exporter->out;
    size_t count = animaldetect_result_count(result);
    int64_t width = 0;
    int64_t height = 0;

    note_model(md, animaldetect_result_model_version(result));
    if (animaldetect_result_image_width(result, &width) == ANIMALDETECT_OK &&
        animaldetect_result_image_height(result, &height) == ANIMALDETECT_OK)
        fprintf(out, ", \"width\": %lld, \"height\": %lld", (long long)width, (long long)height);
    fputs(", \"detections\": [", out);
    for (size_t i = 0; i < count; i++)
        put_box(md, animaldetect_result_at(result, i), i == 0);
    fputs("]}", out);
}

static bool put_image(void *context, const struct export_row *row)
{
    struct md *md = context;
    FILE *out = md->exporter->out;
    animaldetect_result *result = NULL;

    fprintf(out, "%s\n  {\"file\": ", md->is_first ? "" : ",");
    md->is_first = false;
    text_json(out, row->written, strlen(row->written));
    if (row->json != NULL && animaldetect_result_parse(row->json, row->json_size, &result) == ANIMALDETECT_OK) {
        put_result(md, result);
    } else {
        fputs(", \"failure\": ", out);
        text_json(out, row->error, strlen(row->error));
        fputs(", \"detections\": null}", out);
    }
    animaldetect_result_free(result);
    return !ferror(out);
}

/* One pair of a JSON object, on a line of its own. */
static void put_pair(FILE *out, size_t number, const char *value)
{
    fprintf(out, "%s\n  \"%zu\": ", number > 0 ? "," : "", number);
    text_json(out, value, strlen(value));
}

static void put_end(struct md *md)
{
    FILE *out = md->exporter->out;
    char *asked = ledger_get(md->exporter->ledger, "asked");
    const char *said = asked != NULL ? strstr(asked, "threshold=") : NULL;
    double threshold = said != NULL ? strtod(said + strlen("threshold="), NULL) : 0.2;
    char detector[16 + MODELS_MAX * 66] = "animal-detect";
    char number[32];

    for (size_t i = 0; i < MODELS_MAX && md->models[i][0] != '\0'; i++)
        (void)snprintf(detector + strlen(detector), sizeof detector - strlen(detector), "%s%s", i > 0 ? ", " : " ",
                       md->models[i]);
    fputs("\n ],\n \"detection_categories\": {\"1\": \"animal\", \"2\": \"person\", \"3\": \"vehicle\"},\n"
          " \"classification_categories\": {",
          out);
    for (size_t i = 0; i < names_count(md->names); i++)
        put_pair(out, i, names_label(md->names, i));
    fputs("\n },\n \"classification_category_descriptions\": {", out);
    for (size_t i = 0; i < names_count(md->names); i++)
        put_pair(out, i, names_taxonomy(md->names, i));
    fputs("\n },\n \"info\": {\n  \"format_version\": \"1.6\",\n  \"detector\": ", out);
    text_json(out, detector, strlen(detector));
    fputs(",\n", out);
    fprintf(out, "  \"detector_metadata\": {\"typical_detection_threshold\": %s, ", text_decimal(threshold, 3, number));
    fprintf(out, "\"conservative_detection_threshold\": %s},\n", text_decimal(threshold / 2, 3, number));
    fprintf(out, "  \"classifier_metadata\": {\"typical_classification_threshold\": %s}\n }\n}\n",
            text_decimal(threshold, 3, number));
    free(asked);
}

int export_md(struct exporter *exporter)
{
    struct md md = {.exporter = exporter, .names = names_open(exporter->ledger), .is_first = true};
    bool is_written;

    if (md.names == NULL)
        return EXIT_SOME_FAILED;
    fputs("{\n \"images\": [", exporter->out);
    is_written = export_each(exporter, put_image, &md);
    if (is_written)
        put_end(&md);
    if (is_written && !names_keep(md.names)) {
        complain("%s", ledger_message(exporter->ledger));
        is_written = false;
    }
    names_free(md.names);
    return is_written ? EXIT_DONE : EXIT_SOME_FAILED;
}
