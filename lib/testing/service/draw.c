/* SPDX-License-Identifier: MIT */
/*
 * Generates detections: real species with invented identifiers; coordinates are fractions within the image.  Pure: the
 * digest is the only input.
 */
#include "testing/service/draw.h"

#include <math.h>
#include <string.h>

#include "base/rng.h"

struct species {
    const char *label, *id, *class_name, *order, *family, *genus, *name;
};

static const struct species all_species[] = {
    {"red fox", "00000001-0000-4000-8000-000000000001", "mammalia", "carnivora", "canidae", "vulpes", "vulpes"},
    {"canine family", "00000002-0000-4000-8000-000000000002", "mammalia", "carnivora", "canidae", "", ""},
    {"european roe deer", "00000003-0000-4000-8000-000000000003", "mammalia", "cetartiodactyla", "cervidae",
     "capreolus", "capreolus capreolus"},
    {"wild boar", "00000004-0000-4000-8000-000000000004", "mammalia", "cetartiodactyla", "suidae", "sus", "scrofa"},
    {"eurasian jay", "00000005-0000-4000-8000-000000000005", "aves", "passeriformes", "corvidae", "garrulus",
     "glandarius"},
    {"bird", "00000006-0000-4000-8000-000000000006", "aves", "", "", "", ""},
    {"human", "00000007-0000-4000-8000-000000000007", "mammalia", "primates", "hominidae", "homo", "sapiens"},
    {"vehicle", "00000008-0000-4000-8000-000000000008", "", "", "", "", ""},
};
#define SPECIES_COUNT (sizeof(all_species) / sizeof(all_species[0]))

static double rounded(double value)
{
    return round(value * 10000) / 10000;
}

static json_t *named(const struct species *species, double score)
{
    return json_pack("{s:f,s:s,s:{s:s,s:s,s:s,s:s,s:s,s:s}}", "score", rounded(score), "label", species->label,
                     "taxonomy", "id", species->id, "class", species->class_name, "order", species->order, "family",
                     species->family, "genus", species->genus, "species", species->name);
}

/* Other animals with decreasing scores. */
static json_t *candidates(struct ad_rng *rng, size_t chosen)
{
    json_t *list = json_array();
    double score = 0.4;

    for (size_t i = 0; i < 6; i++) {
        if (i == chosen)
            continue;
        score *= 0.2 + 0.7 * ad_rng_unit(rng);
        json_array_append_new(list, named(&all_species[i], score));
    }
    return list;
}

static json_t *annotation(struct ad_rng *rng, int id)
{
    size_t chosen = (size_t)ad_rng_upto(rng, SPECIES_COUNT - 1);
    double x = 0.8 * ad_rng_unit(rng);
    double y = 0.8 * ad_rng_unit(rng);
    double width = (1 - x) * (0.1 + 0.85 * ad_rng_unit(rng));
    double height = (1 - y) * (0.1 + 0.85 * ad_rng_unit(rng));
    json_t *object = named(&all_species[chosen], 0.05 + 0.9499 * sqrt(ad_rng_unit(rng)));

    json_object_set_new(object, "id", json_integer(id));
    json_object_set_new(object, "bbox",
                        json_pack("[f,f,f,f]", rounded(x), rounded(y), rounded(width), rounded(height)));
    json_object_set_new(object, "top_candidates", candidates(rng, chosen));
    return object;
}

json_t *svc_draw_annotations(const uint8_t *digest)
{
    json_t *list = json_array();
    struct ad_rng rng;
    uint64_t seed;
    int count;

    memcpy(&seed, digest, sizeof(seed));
    ad_rng_seed(&rng, seed);
    count = (int)ad_rng_upto(&rng, 4);
    for (int i = 0; i < count; i++)
        json_array_append_new(list, annotation(&rng, i));
    return list;
}
