/* SPDX-License-Identifier: MIT */
/*
 * The preview: one pass over the ledger.
 */
#include "preview.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <animaldetect/animaldetect.h>

#include "connect.h"
#include "export.h"
#include "out.h"
#include "page.h"
#include "reader.h"
#include "summary.h"
#include "text.h"

struct preview {
    struct exporter exporter;
    FILE *out;
    bool hides_people;
    bool is_first;
    int64_t hidden;
};

/* A path as a relative URL; in it only unreserved characters and slashes stand for themselves. */
static void put_url(FILE *out, const char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        unsigned char byte = (unsigned char)bytes[i];

        if ((byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') ||
            (byte != '\0' && strchr("-._~/", byte) != NULL))
            putc(byte, out);
        else
            fprintf(out, "%%%02X", byte);
    }
}

static bool is_its_own_url(const struct export_row *row)
{
    for (size_t i = 0; i < row->path_size; i++) {
        if (strchr("-._~/0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", row->path[i]) == NULL)
            return false;
    }
    return true;
}

static bool has_people(const animaldetect_result *result)
{
    for (size_t i = 0; i < animaldetect_result_count(result); i++) {
        if (class_of(animaldetect_result_at(result, i)) == CLASS_PERSON)
            return true;
    }
    return false;
}

static void put_box(FILE *out, const animaldetect_detection *box, bool is_first)
{
    static const char *const classes[] = {"", "animal", "person", "vehicle"};
    const char *label = animaldetect_detection_label(box);
    double bbox[4] = {0, 0, 1, 1};
    double score = 0;
    char number[32];

    (void)animaldetect_detection_bbox(box, bbox);
    (void)animaldetect_detection_score(box, &score);
    fputs(is_first ? "[" : ",[", out);
    for (int i = 0; i < 4; i++)
        fprintf(out, "%s,", text_decimal(bbox[i] < 0 ? 0 : bbox[i] > 1 ? 1 : bbox[i], 4, number));
    fprintf(out, "%s,%d,", text_decimal(score, 3, number), class_of(box));
    if (label == NULL || *label == '\0')
        label = classes[class_of(box)];
    text_json(out, label, strlen(label));
    putc(']', out);
}

static bool put_image(void *context, const struct export_row *row)
{
    struct preview *preview = context;
    animaldetect_result *result = NULL;
    FILE *out = preview->out;

    if (row->json != NULL)
        (void)animaldetect_result_parse(row->json, row->json_size, &result);
    if (preview->hides_people && (has_people(result) || row->state == STATE_PENDING)) {
        preview->hidden++; /* who is on one that is not processed is not known */
        animaldetect_result_free(result);
        return true;
    }
    fputs(preview->is_first ? "\n[" : ",\n[", out);
    preview->is_first = false;
    text_json(out, row->written, strlen(row->written));
    putc(',', out);
    if (is_its_own_url(row)) {
        putc('0', out);
    } else {
        putc('"', out);
        put_url(out, row->path, row->path_size);
        putc('"', out);
    }
    fprintf(out, ",\"%s\",\"%s\",[", state_name(row->state), row->taken != NULL ? row->taken : "");
    for (size_t i = 0; i < animaldetect_result_count(result); i++)
        put_box(out, animaldetect_result_at(result, i), i == 0);
    fputs("],", out);
    text_json(out, row->error, strlen(row->error));
    putc(']', out);
    animaldetect_result_free(result);
    return !ferror(out);
}

/* ---- the folder ---- */

/* The way from the page's folder to the root, both real paths. */
static void put_base(FILE *out, const char *page, const char *root)
{
    size_t common = 0;

    for (size_t i = 0;; i++) {
        bool ends = (page[i] == '\0' || page[i] == '/') && (root[i] == '\0' || root[i] == '/');

        if (ends && (page[i] == root[i] || page[i] == '\0' || root[i] == '\0'))
            common = i;
        if (page[i] == '\0' || page[i] != root[i])
            break;
    }
    putc('"', out);
    for (const char *at = page + common; *at != '\0'; at++) {
        if (*at == '/')
            fputs("../", out);
    }
    if (root[common] == '/' && root[common + 1] != '\0') {
        put_url(out, root + common + 1, strlen(root + common + 1));
        putc('/', out);
    }
    putc('"', out);
}

static FILE *open_in(const char *folder, const char *name)
{
    char path[PATH_MAX + 32];
    FILE *file;

    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    file = fopen(path, "we");
    if (file == NULL)
        complain("cannot write %s: %s", path, strerror(errno));
    return file;
}

static bool finish_file(FILE *file)
{
    bool is_written = fflush(file) == 0 && !ferror(file) && fsync(fileno(file)) == 0;

    if (fclose(file) != 0)
        is_written = false;
    if (!is_written)
        complain("cannot write the page: %s", strerror(errno));
    return is_written;
}

static bool write_page(const char *folder)
{
    FILE *file = open_in(folder, "index.html");

    if (file == NULL)
        return false;
    (void)fwrite(page_html, 1, sizeof page_html, file);
    return finish_file(file);
}

static bool write_data(struct preview *preview, const char *folder, const char *root)
{
    const char *title = strrchr(root, '/') != NULL && strrchr(root, '/')[1] != '\0' ? strrchr(root, '/') + 1 : root;
    char written[TEXT_PATH_MAX];
    char real[PATH_MAX];
    bool is_written;

    if (realpath(folder, real) == NULL || (preview->out = open_in(folder, "data.js")) == NULL)
        return false;
    fputs("window.AD = {\"title\": ", preview->out);
    (void)text_path(title, strlen(title), written);
    text_json(preview->out, written, strlen(written));
    fputs(", \"base\": ", preview->out);
    put_base(preview->out, real, root);
    fputs(", \"images\": [", preview->out);
    is_written = export_each(&preview->exporter, put_image, preview);
    fprintf(preview->out, "\n], \"hidden\": %lld};\n", (long long)preview->hidden);
    return finish_file(preview->out) && is_written;
}

int preview_write(struct ledger *ledger, const struct options *options, const char *root)
{
    struct preview preview = {.exporter = {.ledger = ledger, .options = options},
                              .hides_people = options_has(options, OPT_HIDE_PEOPLE),
                              .is_first = true};
    const char *name = options->values[OPT_OUTPUT];
    struct out out;

    if (name == NULL || strcmp(name, "-") == 0) {
        complain("a preview is a folder: set it with --output");
        return EXIT_USAGE;
    }
    if (!out_open(&out, name, true))
        return EXIT_SOME_FAILED;
    if (!write_page(out.temporary) || !write_data(&preview, out.temporary, root)) {
        out_cancel(&out);
        return EXIT_SOME_FAILED;
    }
    if (!out_finish(&out))
        return EXIT_SOME_FAILED;
    fprintf(stderr, "wrote %s/index.html\n", out.name);
    return EXIT_DONE;
}

int command_preview(const struct options *options)
{
    struct place place;
    struct ledger *ledger = reader_open(options, &place);
    int code;

    if (ledger == NULL)
        return EXIT_USAGE;
    code = preview_write(ledger, options, place.root);
    ledger_close(ledger);
    return code;
}
