/* SPDX-License-Identifier: MIT */
/*
 * Camtrap DP 1.0.2: a folder with datapackage.json, deployments.csv, media.csv and observations.csv.
 *
 * One observation for each detection, on the level of media files. An image without a time is left out and counted: the
 * format requires a time, and the file's own time is not when the image was taken. EXIF times have no zone; --timezone
 * sets it.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "camtrap.h"
#include "connect.h"
#include "summary.h"
#include "text.h"

static const char media_columns[] = "mediaID,deploymentID,captureMethod,timestamp,filePath,filePublic,fileName,"
                                    "fileMediatype,exifData,favorite,mediaComments\r\n";
static const char observation_columns[] =
    "observationID,deploymentID,mediaID,eventID,eventStart,eventEnd,observationLevel,observationType,cameraSetupType,"
    "scientificName,count,lifeStage,sex,behavior,individualID,individualPositionRadius,individualPositionAngle,"
    "individualSpeed,bboxX,bboxY,bboxWidth,bboxHeight,classificationMethod,classifiedBy,classificationTimestamp,"
    "classificationProbability,observationTags,observationComments\r\n";

/* What the row is about, for the columns that every observation has. */
struct subject {
    const struct export_row *row;
    const struct deployment *deployment;
    const char *time;
    const char *model;
};

/* The format's own rule for a path. */
static bool is_good_path(const char *path)
{
    return strchr("./~", *path) == NULL && strstr(path, "..") == NULL;
}

static const char *media_type(const char *path)
{
    const char *dot = strrchr(path, '.');

    if (dot != NULL && strcasecmp(dot, ".png") == 0)
        return "image/png";
    if (dot != NULL && strcasecmp(dot, ".webp") == 0)
        return "image/webp";
    return dot != NULL && strncasecmp(dot, ".hei", 4) == 0 ? "image/heic" : "image/jpeg";
}

static void put_media(struct camtrap *camtrap, const struct subject *subject)
{
    const char *path = subject->row->written;
    const char *slash = strrchr(path, '/');

    text_csv(camtrap->media, path);
    putc(',', camtrap->media);
    text_csv(camtrap->media, subject->deployment->id);
    fprintf(camtrap->media, ",activityDetection,%s,", subject->time);
    text_csv(camtrap->media, path);
    fputs(",false,", camtrap->media);
    text_csv(camtrap->media, slash != NULL ? slash + 1 : path);
    fprintf(camtrap->media, ",%s,,,", media_type(path));
    text_csv(camtrap->media, subject->row->error);
    fputs("\r\n", camtrap->media);
}

/* Up to observationType. */
static void put_begin(FILE *out, const struct subject *subject, size_t number, const char *type)
{
    char id[TEXT_PATH_MAX + 32];

    (void)snprintf(id, sizeof id, "%s#%zu", subject->row->written, number);
    text_csv(out, id);
    putc(',', out);
    text_csv(out, subject->deployment->id);
    putc(',', out);
    text_csv(out, subject->row->written);
    fprintf(out, ",,%s,%s,media,%s,,", subject->time, subject->time, type);
}

/* Clamped into the image; a box without an extent has no place in the format. */
static void put_box(FILE *out, const animaldetect_detection *box)
{
    double bbox[4];
    char number[32];

    if (animaldetect_detection_bbox(box, bbox) != ANIMALDETECT_OK || !(bbox[2] >= 0.00005) || !(bbox[3] >= 0.00005)) {
        fputs(",,,", out);
        return;
    }
    for (int i = 0; i < 4; i++)
        fprintf(out, "%s%s", i > 0 ? "," : "", text_decimal(bbox[i] < 0 ? 0 : bbox[i] > 1 ? 1 : bbox[i], 4, number));
}

static void put_detection(struct camtrap *camtrap, const struct subject *subject, const animaldetect_detection *box,
                          size_t number)
{
    static const char *const types[] = {"unknown", "animal", "human", "vehicle"};
    FILE *out = camtrap->observations;
    const char *uuid = animaldetect_detection_taxonomy(box, ANIMALDETECT_RANK_ID);
    const char *label = animaldetect_detection_label(box);
    double score = 0;
    char text[256];

    put_begin(out, subject, number, types[class_of(box)]);
    text_csv(out, class_of(box) == CLASS_VEHICLE ? "" : camtrap_taxon(camtrap, box, text));
    fputs(",1,,,,,,,,", out);
    put_box(out, box);
    fputs(",machine,", out);
    text_csv(out, subject->model);
    fputs(",,", out);
    if (animaldetect_detection_score(box, &score) == ANIMALDETECT_OK && score >= 0 && score <= 1)
        fputs(text_decimal(score, 3, text), out);
    putc(',', out);
    if (uuid != NULL && *uuid != '\0') {
        (void)snprintf(text, sizeof text, "speciesNetID:%.100s", uuid);
        text_csv(out, text);
    }
    putc(',', out);
    text_csv(out, label);
    fputs("\r\n", out);
}

static void put_without_box(struct camtrap *camtrap, const struct subject *subject)
{
    bool is_blank = subject->row->state == STATE_EMPTY;
    FILE *out = camtrap->observations;

    put_begin(out, subject, 0, is_blank ? "blank" : "unclassified");
    fputs(",,,,,,,,,,,,", out); /* scientificName to bboxHeight */
    fputs(is_blank ? ",machine," : ",,", out);
    text_csv(out, subject->model);
    fputs(",,,,", out);
    text_csv(out, subject->row->error);
    fputs("\r\n", out);
}

static bool put_image(void *context, const struct export_row *row)
{
    struct camtrap *camtrap = context;
    animaldetect_result *result = NULL;
    char time[64];
    struct subject subject = {.row = row, .time = time};
    size_t count = 0;

    if (row->taken == NULL || !is_good_path(row->written)) {
        camtrap->left_out++;
        return true;
    }
    (void)snprintf(time, sizeof time, "%.19s%s", row->taken, camtrap->zone);
    subject.deployment = camtrap_deployment(camtrap, row, time);
    if (subject.deployment == NULL)
        return false;
    put_media(camtrap, &subject);
    if (row->json != NULL && animaldetect_result_parse(row->json, row->json_size, &result) == ANIMALDETECT_OK) {
        count = animaldetect_result_count(result);
        subject.model = animaldetect_result_model_version(result);
    }
    for (size_t i = 0; i < count; i++)
        put_detection(camtrap, &subject, animaldetect_result_at(result, i), i + 1);
    if (count == 0)
        put_without_box(camtrap, &subject);
    animaldetect_result_free(result);
    return !ferror(camtrap->media) && !ferror(camtrap->observations);
}

int export_camtrap(struct exporter *exporter)
{
    struct camtrap camtrap = {.exporter = exporter, .zone = exporter->options->values[OPT_TIMEZONE]};
    bool is_written = false;

    if (camtrap.zone == NULL) {
        complain("camtrap-dp requires the time zone of the cameras' clocks: set --timezone +HH:MM");
        return EXIT_USAGE;
    }
    camtrap.media = camtrap_open(&camtrap, "media.csv");
    camtrap.observations = camtrap_open(&camtrap, "observations.csv");
    if (camtrap.media != NULL && camtrap.observations != NULL) {
        fputs(media_columns, camtrap.media);
        fputs(observation_columns, camtrap.observations);
        is_written = export_each(exporter, put_image, &camtrap);
    }
    is_written = camtrap_close(camtrap.media) && is_written;
    is_written = camtrap_close(camtrap.observations) && is_written;
    if (is_written && camtrap.left_out > 0)
        complain("%lld images are left out: no time in their EXIF data, or a path that the format does not allow",
                 (long long)camtrap.left_out);
    is_written = is_written && camtrap_package(&camtrap);
    camtrap_free(&camtrap);
    return is_written ? EXIT_DONE : EXIT_SOME_FAILED;
}
