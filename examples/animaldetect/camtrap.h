/* SPDX-License-Identifier: MIT */
/*
 * The parts of a Camtrap DP package other than media and observations: deployments, and the observed taxa. A deployment
 * is a folder of images; the folders that cameras make themselves (DCIM, 100RECNX) do not count.
 */
#ifndef TOOL_CAMTRAP_H
#define TOOL_CAMTRAP_H

#include <animaldetect/animaldetect.h>

#include "export.h"

struct deployment {
    char *id;
    char first[32]; /* times with their zone */
    char last[32];
    char *camera; /* NULL: not known */
    char *serial;
    double latitude; /* NAN: not known yet */
    double longitude;
};

struct taxon {
    char *name;
    const char *rank;
};

struct camtrap {
    struct exporter *exporter;
    const char *zone;
    FILE *media;
    FILE *observations;
    struct deployment **deployments; /* in the order of their paths */
    size_t deployment_count;
    struct taxon **taxa;
    size_t taxon_count;
    void *taxon_tree;
    void *deployment_tree;
    int64_t left_out;
};

/* The deployment of an image, a new one when it is the first of it; NULL when out of memory. */
struct deployment *camtrap_deployment(struct camtrap *camtrap, const struct export_row *row, const char *time);

/* The scientific name of a detection, "" when it has none; it is kept for the package. */
const char *camtrap_taxon(struct camtrap *camtrap, const animaldetect_detection *box, char out[256]);

/* Writes deployments.csv and datapackage.json; false after a word on stderr. */
bool camtrap_package(struct camtrap *camtrap);
void camtrap_free(struct camtrap *camtrap);

/* A file of the package that is being written. */
FILE *camtrap_open(const struct camtrap *camtrap, const char *name);
bool camtrap_close(FILE *file);

#endif
