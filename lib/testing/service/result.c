/* SPDX-License-Identifier: MIT */
/*
 * Results: the detections of an image, in the format of the job's operation and options.  The same job always gives the
 * same bytes.  Loaded by the image's SHA-256, otherwise generated from it.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "testing/service/draw.h"
#include "testing/service/internal.h"

bool svc_load_answers(struct svc *svc, const char *path, char *error, size_t error_size)
{
    json_error_t where;
    json_t *root = json_load_file(path, JSON_REJECT_DUPLICATES, &where);
    const char *name;
    json_t *image;

    if (!root || !json_is_object(json_object_get(root, "images")) || svc->answers_root) {
        (void)snprintf(error, error_size, "answers \"%s\": %s", path,
                       svc->answers_root ? "loaded already" : (root ? "no object \"images\"" : where.text));
        json_decref(root);
        return false;
    }
    svc->answers_root = root;
    json_object_foreach(json_object_get(root, "images"), name, image)
    {
        const char *hex = json_string_value(json_object_get(image, "sha256"));
        json_t *answer = json_object_get(image, "animal_detect_like");
        uint8_t digest[SVC_DIGEST_SIZE];
        uint8_t *kept;

        if (!hex || !svc_parse_hex(hex, digest) || !json_is_object(answer))
            continue;
        kept = svc_alloc(SVC_DIGEST_SIZE);
        memcpy(kept, digest, SVC_DIGEST_SIZE);
        svc_table_put(&svc->answers, kept, SVC_DIGEST_SIZE, answer);
    }
    return true;
}

static const char *coarse_class(const char *label)
{
    if (strcmp(label, "human") == 0 || strcmp(label, "person") == 0)
        return "human";
    return strcmp(label, "vehicle") == 0 ? "vehicle" : "animal";
}

static json_t *coarse(const json_t *seen)
{
    json_t *object = json_object();

    json_object_set(object, "id", json_object_get(seen, "id"));
    json_object_set(object, "bbox", json_object_get(seen, "bbox"));
    json_object_set(object, "score", json_object_get(seen, "score"));
    json_object_set_new(object, "label", json_string(coarse_class(json_string_value(json_object_get(seen, "label")))));
    return object;
}

/* Keeps at most `count` candidates; none if the option is absent. */
static void keep_candidates(json_t *object, json_int_t count)
{
    json_t *list = json_object_get(object, "top_candidates");

    if (count <= 0) {
        json_object_del(object, "top_candidates");
        return;
    }
    while (json_array_size(list) > (size_t)count)
        json_array_remove(list, json_array_size(list) - 1);
}

/* One annotation or detection, or NULL if it is below the threshold. */
static json_t *shape_one(const struct svc_job *job, const json_t *options, json_t *seen, double threshold)
{
    bool filter = job->operation == SVC_FILTER || job->operation == SVC_FILTER_URBAN;
    json_t *object;

    if (json_number_value(json_object_get(seen, "score")) < threshold)
        return NULL;
    if (filter) {
        object = coarse(seen);
        json_object_set(object, "category", json_object_get(object, "label"));
        return object;
    }
    if (json_is_false(json_object_get(options, "classify")))
        return coarse(seen);
    object = json_deep_copy(seen);
    keep_candidates(object, json_integer_value(json_object_get(options, "top_candidate")));
    return object;
}

/* Animals of a herd are of one species: all get the label with the highest score. */
static void smooth(json_t *list)
{
    const json_t *surest = NULL;
    size_t i;
    json_t *one;

    json_array_foreach(list, i, one)
    {
        bool animal = strcmp(coarse_class(json_string_value(json_object_get(one, "label"))), "animal") == 0;

        if (animal && (!surest || json_number_value(json_object_get(one, "score")) >
                                      json_number_value(json_object_get(surest, "score"))))
            surest = one;
    }
    json_array_foreach(list, i, one)
    {
        if (one == surest || strcmp(coarse_class(json_string_value(json_object_get(one, "label"))), "animal") != 0)
            continue;
        json_object_set(one, "label", json_object_get(surest, "label"));
        json_object_set(one, "taxonomy", json_object_get(surest, "taxonomy"));
    }
}

/* CCA3 of a country given as CCA2, CCA3 or name; a country not in this short list is returned unchanged. */
static const char *country_code(const char *given)
{
    static const char *const known[][3] = {
        {"US", "USA", "United States"}, {"NL", "NLD", "Netherlands"}, {"DK", "DNK", "Denmark"},
        {"DE", "DEU", "Germany"},       {"TZ", "TZA", "Tanzania"},    {"CO", "COL", "Colombia"},
        {"NO", "NOR", "Norway"},        {"BR", "BRA", "Brazil"},      {"GB", "GBR", "United Kingdom"},
    };

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        for (size_t j = 0; j < 3; j++) {
            if (svc_equal_nocase(known[i][j], given))
                return known[i][1];
        }
    }
    return given;
}

static json_t *info_json(const struct svc *svc, const struct svc_job *job, const json_t *options, double threshold)
{
    static const char *const models[SVC_OPERATION_END] = {"mdv1000-speciesnet", "mdv1000-urban", "mdv1000-redwood",
                                                          "mdv1000-redwood-urban"};
    const char *country = json_string_value(json_object_get(options, "country"));
    const char *model = models[job->operation];
    json_t *info = json_object();

    json_object_set_new(info, "processing_time_ms", json_integer(job->done_ms - job->running_ms));
    json_object_set_new(info, "model_version", json_string(model));
    if (!svc->config.old_info)
        json_object_set_new(info, "model_id", json_string(model));
    if (country)
        json_object_set_new(info, "country_processed", json_string(country_code(country)));
    json_object_set_new(info, "threshold_applied", json_real(threshold));
    return info;
}

static json_t *metadata_json(const struct svc_job *job, const json_t *answer)
{
    json_t *metadata = json_deep_copy(json_object_get(answer, "metadata"));

    if (metadata)
        return metadata;
    metadata = json_object();
    json_object_set_new(metadata, "image_width", json_integer(64 + job->digest[8] * 16));
    json_object_set_new(metadata, "image_height", json_integer(48 + job->digest[9] * 12));
    if (job->size)
        json_object_set_new(metadata, "file_size", json_integer((json_int_t)job->size));
    return metadata;
}

static json_t *seen_json(const struct svc_job *job, const json_t *options, const json_t *answer, double threshold)
{
    json_t *all = answer ? json_incref(json_object_get(answer, "annotations")) : svc_draw_annotations(job->digest);
    json_t *list = json_array();
    json_t *seen;
    size_t i;

    json_array_foreach(all, i, seen)
    {
        json_t *shaped = shape_one(job, options, seen, threshold);

        if (shaped)
            json_array_append_new(list, shaped);
    }
    json_decref(all);
    if (json_is_true(json_object_get(options, "smooth_herd")))
        smooth(list);
    return list;
}

json_t *svc_result_json(const struct svc *svc, const struct svc_job *job)
{
    bool filter = job->operation == SVC_FILTER || job->operation == SVC_FILTER_URBAN;
    const json_t *answer = svc_table_get(&svc->answers, job->digest, SVC_DIGEST_SIZE);
    json_t *options = job->options ? json_loads(job->options, 0, NULL) : NULL;
    const json_t *given = json_object_get(options, "threshold");
    double threshold = given ? json_number_value(given) : 0.2;
    json_t *root = json_object();
    struct ad_rng rng;
    char id[SVC_ID_SIZE];
    char when[32];

    /* A different random stream than the job's id: the id of the frame is that of the result. */
    ad_rng_seed(&rng, ~svc->config.seed + job->serial);
    svc_make_uuid(&rng, id);
    svc_format_iso(job->expires_ms + svc->config.clock_skew_ms, when);
    json_object_set_new(root, "id", json_string(id));
    json_object_set_new(root, "expires_at", json_string(when));
    json_object_set_new(root, filter ? "detections" : "annotations", seen_json(job, options, answer, threshold));
    if (json_is_true(json_object_get(options, "metadata")))
        json_object_set_new(root, "metadata", metadata_json(job, answer));
    json_object_set_new(root, "info", info_json(svc, job, options, threshold));
    json_decref(options);
    return root;
}
