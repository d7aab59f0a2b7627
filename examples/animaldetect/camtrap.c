/* SPDX-License-Identifier: MIT */
/*
 * Deployments, taxa, and the description of a Camtrap DP package.
 */
#include "camtrap.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "text.h"

#define SCHEMA "https://raw.githubusercontent.com/tdwg/camtrap-dp/1.0.2/"

FILE *camtrap_open(const struct camtrap *camtrap, const char *name)
{
    char path[PATH_MAX + 32];
    FILE *file;

    (void)snprintf(path, sizeof path, "%s/%s", camtrap->exporter->folder, name);
    file = fopen(path, "we");
    if (file == NULL)
        complain("cannot write %s: %s", path, strerror(errno));
    return file;
}

bool camtrap_close(FILE *file)
{
    bool is_written = file != NULL && fflush(file) == 0 && !ferror(file) && fsync(fileno(file)) == 0;

    if (file != NULL && fclose(file) != 0)
        is_written = false;
    if (!is_written)
        complain("cannot write the package: %s", strerror(errno));
    return is_written;
}

/* ---- deployments ---- */

/* DCIM, and 100RECNX: three digits and five letters, as the rule for camera file systems has it. */
static bool is_camera_folder(const char *name, size_t size)
{
    if (size == 4 && strncasecmp(name, "DCIM", 4) == 0)
        return true;
    return size == 8 && isdigit((unsigned char)name[0]) && isdigit((unsigned char)name[1]) &&
           isdigit((unsigned char)name[2]) && !isdigit((unsigned char)name[3]);
}

static void deployment_id(const char *path, char *out)
{
    char *slash;

    (void)snprintf(out, TEXT_PATH_MAX, "%s", path);
    while ((slash = strrchr(out, '/')) != NULL) {
        const char *name;

        *slash = '\0';
        name = strrchr(out, '/') != NULL ? strrchr(out, '/') + 1 : out;
        if (!is_camera_folder(name, strlen(name)))
            return;
    }
    (void)snprintf(out, TEXT_PATH_MAX, "root"); /* the images of the root itself */
}

static int compare_deployments(const void *one, const void *other)
{
    return strcmp(((const struct deployment *)one)->id, ((const struct deployment *)other)->id);
}

/* The list with room for one more; NULL when out of memory, and the old one is as it was. */
static void *with_room(void *list, size_t count)
{
    return count % 16 != 0 ? list : realloc(list, (count + 16) * sizeof(void *));
}

static struct deployment *new_deployment(struct camtrap *camtrap, const char *id)
{
    struct deployment **list = with_room(camtrap->deployments, camtrap->deployment_count);
    struct deployment *deployment = calloc(1, sizeof *deployment);

    if (list != NULL)
        camtrap->deployments = list;
    if (deployment == NULL || list == NULL || (deployment->id = strdup(id)) == NULL ||
        tsearch(deployment, &camtrap->deployment_tree, compare_deployments) == NULL) {
        if (deployment != NULL)
            free(deployment->id);
        free(deployment);
        return NULL;
    }
    deployment->latitude = deployment->longitude = NAN;
    camtrap->deployments[camtrap->deployment_count++] = deployment;
    return deployment;
}

struct deployment *camtrap_deployment(struct camtrap *camtrap, const struct export_row *row, const char *time)
{
    size_t length = strlen(time);
    char id[TEXT_PATH_MAX];
    struct deployment wanted = {.id = id};
    struct deployment *const *found;
    struct deployment *deployment;

    deployment_id(row->written, id);
    found = tfind(&wanted, &camtrap->deployment_tree, compare_deployments);
    deployment = found != NULL ? *found : new_deployment(camtrap, id);
    if (deployment == NULL || length >= sizeof deployment->first)
        return NULL;
    if (deployment->first[0] == '\0' || strcmp(time, deployment->first) < 0)
        memcpy(deployment->first, time, length + 1);
    if (strcmp(time, deployment->last) > 0)
        memcpy(deployment->last, time, length + 1);
    if (deployment->camera == NULL && row->camera != NULL)
        deployment->camera = strdup(row->camera);
    if (deployment->serial == NULL && row->serial != NULL)
        deployment->serial = strdup(row->serial);
    if (isnan(deployment->latitude) && !isnan(row->latitude)) {
        deployment->latitude = row->latitude;
        deployment->longitude = row->longitude;
    }
    return deployment;
}

/* ---- taxa ---- */

static int compare_taxa(const void *one, const void *other)
{
    return strcmp(((const struct taxon *)one)->name, ((const struct taxon *)other)->name);
}

static void keep_taxon(struct camtrap *camtrap, const char *name, const char *rank)
{
    struct taxon wanted = {.name = (char *)(uintptr_t)name};
    struct taxon **list;
    struct taxon *taxon;

    if (tfind(&wanted, &camtrap->taxon_tree, compare_taxa) != NULL)
        return;
    list = with_room(camtrap->taxa, camtrap->taxon_count);
    if (list == NULL)
        return;
    camtrap->taxa = list;
    taxon = calloc(1, sizeof *taxon);
    if (taxon == NULL || (taxon->name = strdup(name)) == NULL) {
        free(taxon);
        return;
    }
    taxon->rank = rank;
    camtrap->taxa[camtrap->taxon_count++] = taxon;
    (void)tsearch(taxon, &camtrap->taxon_tree, compare_taxa);
}

static const char *rank_of(const animaldetect_detection *box, int32_t rank)
{
    const char *name = animaldetect_detection_taxonomy(box, rank);

    return name != NULL ? name : "";
}

/* The service sends the epithet or the binomial as the species; above it the lowest rank that it names. */
const char *camtrap_taxon(struct camtrap *camtrap, const animaldetect_detection *box, char out[256])
{
    static const char *const ranks[] = {"", "class", "order", "family", "genus", "species"};
    const char *genus = rank_of(box, ANIMALDETECT_RANK_GENUS);
    const char *species = rank_of(box, ANIMALDETECT_RANK_SPECIES);
    int32_t rank = ANIMALDETECT_RANK_SPECIES;

    *out = '\0';
    if (*species != '\0' && strchr(species, ' ') == NULL && *genus != '\0')
        (void)snprintf(out, 256, "%.100s %.100s", genus, species);
    else
        (void)snprintf(out, 256, "%.200s", species);
    while (*out == '\0' && --rank >= ANIMALDETECT_RANK_CLASS)
        (void)snprintf(out, 256, "%.200s", rank_of(box, rank));
    if (*out == '\0')
        return out;
    *out = (char)toupper((unsigned char)*out);
    keep_taxon(camtrap, out, ranks[rank]);
    return out;
}

/* ---- the package ---- */

static bool put_deployments(struct camtrap *camtrap)
{
    FILE *out = camtrap_open(camtrap, "deployments.csv");
    double latitude = NAN;
    double longitude = NAN;
    char number[32];

    if (out == NULL)
        return false;
    (void)options_location(camtrap->exporter->options, &latitude, &longitude);
    fputs(
        "deploymentID,locationID,locationName,latitude,longitude,coordinateUncertainty,deploymentStart,deploymentEnd,"
        "setupBy,cameraID,cameraModel,cameraDelay,cameraHeight,cameraDepth,cameraTilt,cameraHeading,detectionDistance,"
        "timestampIssues,baitUse,featureType,habitat,deploymentGroups,deploymentTags,deploymentComments\r\n",
        out);
    for (size_t i = 0; i < camtrap->deployment_count; i++) {
        struct deployment *deployment = camtrap->deployments[i];

        if (isnan(deployment->latitude)) {
            deployment->latitude = latitude;
            deployment->longitude = longitude;
        }
        if (isnan(deployment->latitude)) {
            complain("no image of %s has a location: set --location LAT,LON", deployment->id);
            (void)fclose(out);
            return false;
        }
        text_csv(out, deployment->id);
        fprintf(out, ",,,%s,", text_decimal(deployment->latitude, 6, number));
        fprintf(out, "%s,,%s,%s,,", text_decimal(deployment->longitude, 6, number), deployment->first,
                deployment->last);
        text_csv(out, deployment->serial);
        putc(',', out);
        text_csv(out, deployment->camera);
        fputs(",,,,,,,,,,,,,\r\n", out);
    }
    return camtrap_close(out);
}

static void put_spatial(const struct camtrap *camtrap, FILE *out)
{
    double west = 180, east = -180, south = 90, north = -90;
    char w[32], e[32], s[32], n[32];

    for (size_t i = 0; i < camtrap->deployment_count; i++) {
        const struct deployment *deployment = camtrap->deployments[i];

        west = fmin(west, deployment->longitude);
        east = fmax(east, deployment->longitude);
        south = fmin(south, deployment->latitude);
        north = fmax(north, deployment->latitude);
    }
    if (camtrap->deployment_count == 0)
        west = east = south = north = 0;
    (void)text_decimal(west, 6, w), (void)text_decimal(east, 6, e);
    (void)text_decimal(south, 6, s), (void)text_decimal(north, 6, n);
    fprintf(out,
            "  \"spatial\": {\"type\": \"Polygon\", \"coordinates\": [[[%s, %s], [%s, %s], [%s, %s], [%s, %s], [%s, "
            "%s]]]},\n",
            w, s, e, s, e, n, w, n, w, s);
}

static void put_temporal(const struct camtrap *camtrap, FILE *out, const char *today)
{
    const char *first = today;
    const char *last = today;

    for (size_t i = 0; i < camtrap->deployment_count; i++) {
        const struct deployment *deployment = camtrap->deployments[i];

        if (i == 0 || strcmp(deployment->first, first) < 0)
            first = deployment->first;
        if (i == 0 || strcmp(deployment->last, last) > 0)
            last = deployment->last;
    }
    fprintf(out, "  \"temporal\": {\"start\": \"%.10s\", \"end\": \"%.10s\"},\n", first, last);
}

static void put_taxonomic(const struct camtrap *camtrap, FILE *out)
{
    fputs("  \"taxonomic\": [", out);
    for (size_t i = 0; i < camtrap->taxon_count; i++) {
        fprintf(out, "%s\n    {\"scientificName\": ", i > 0 ? "," : "");
        text_json(out, camtrap->taxa[i]->name, strlen(camtrap->taxa[i]->name));
        fprintf(out, ", \"taxonRank\": \"%s\"}", camtrap->taxa[i]->rank);
    }
    fputs("\n  ]\n}\n", out);
}

bool camtrap_package(struct camtrap *camtrap)
{
    static const char *const tables[] = {"deployments", "media", "observations"};
    char *root = ledger_get(camtrap->exporter->ledger, "root");
    const char *title = root != NULL && strrchr(root, '/') != NULL ? strrchr(root, '/') + 1 : "images";
    char written[TEXT_PATH_MAX];
    time_t now = time(NULL);
    struct tm utc;
    char created[32] = "";
    FILE *out;
    bool is_written = put_deployments(camtrap) && (out = camtrap_open(camtrap, "datapackage.json")) != NULL;

    if (is_written && gmtime_r(&now, &utc) != NULL) {
        (void)strftime(created, sizeof created, "%Y-%m-%dT%H:%M:%SZ", &utc);
        fputs("{\n  \"resources\": [", out);
        for (size_t i = 0; i < 3; i++)
            fprintf(
                out,
                "%s\n    {\"name\": \"%s\", \"path\": \"%s.csv\", \"profile\": \"tabular-data-resource\", \"format\": "
                "\"csv\", \"mediatype\": \"text/csv\", \"encoding\": \"utf-8\", \"schema\": \"" SCHEMA
                "%s-table-schema.json\"}",
                i > 0 ? "," : "", tables[i], tables[i], tables[i]);
        fprintf(out, "\n  ],\n  \"profile\": \"" SCHEMA "camtrap-dp-profile.json\",\n  \"created\": \"%s\",\n",
                created);
        fputs("  \"contributors\": [{\"title\": \"to be named\", \"role\": \"contact\"}],\n  \"project\": {\"title\": ",
              out);
        (void)text_path(title, strlen(title), written);
        text_json(out, written, strlen(written));
        fputs(", \"samplingDesign\": \"opportunistic\", \"captureMethod\": [\"activityDetection\"],\n"
              "    \"individualAnimals\": false, \"observationLevel\": [\"media\"]},\n",
              out);
        put_spatial(camtrap, out);
        put_temporal(camtrap, out, created);
        put_taxonomic(camtrap, out);
        is_written = camtrap_close(out);
    }
    free(root);
    return is_written;
}

static void keep_node(void *node)
{
    (void)node; /* the list owns it */
}

void camtrap_free(struct camtrap *camtrap)
{
    tdestroy(camtrap->taxon_tree, keep_node);
    tdestroy(camtrap->deployment_tree, keep_node);
    for (size_t i = 0; i < camtrap->taxon_count; i++) {
        free(camtrap->taxa[i]->name);
        free(camtrap->taxa[i]);
    }
    for (size_t i = 0; i < camtrap->deployment_count; i++) {
        free(camtrap->deployments[i]->id);
        free(camtrap->deployments[i]->camera);
        free(camtrap->deployments[i]->serial);
        free(camtrap->deployments[i]);
    }
    free(camtrap->taxa);
    free(camtrap->deployments);
}
