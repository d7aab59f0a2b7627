/* SPDX-License-Identifier: MIT */
/*
 * The request's headers.  The list's nodes and text are in the slot's own memory, sized before they are written, so
 * that no growing buffer leaves a copy of the API key in freed memory, and wiping takes one call.
 */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "transport/curl/private.h"

#define BEARER_NAME "Authorization"
#define BEARER_PREFIX "Bearer "

struct header_writer {
    struct ad_slot *slot;
    size_t count;
};

static size_t line_size(const char *name, const char *prefix, const char *value)
{
    return strlen(name) + strlen(": ") + strlen(prefix) + strlen(value) + 1;
}

static void header_put(struct ad_slot *slot, const char *text)
{
    size_t size = strlen(text);

    memcpy(slot->header_text + slot->header_text_used, text, size);
    slot->header_text_used += size;
}

/* libcurl's syntax: "Name: value", "Name;" for an empty value, "Name:" to remove the header. */
static void add_line(struct header_writer *writer, const char *name, const char *separator, const char *prefix,
                     const char *value)
{
    struct ad_slot *slot = writer->slot;
    struct curl_slist *node = &slot->headers[writer->count];

    node->data = slot->header_text + slot->header_text_used;
    node->next = NULL;
    if (writer->count > 0)
        slot->headers[writer->count - 1].next = node;
    writer->count++;
    header_put(slot, name);
    header_put(slot, separator);
    header_put(slot, prefix);
    header_put(slot, value);
    slot->header_text[slot->header_text_used++] = '\0';
}

static size_t text_size(const struct ad_transfer *transfer)
{
    size_t size = line_size("Expect", "", "") + line_size("Content-Type", "", "");

    if (transfer->bearer != NULL)
        size += line_size(BEARER_NAME, BEARER_PREFIX, transfer->bearer);
    for (size_t i = 0; i < transfer->header_count; i++)
        size += line_size(transfer->headers[i].name, "", transfer->headers[i].value);
    return size;
}

static bool reserve(struct ad_slot *slot, size_t size)
{
    char *bigger;

    if (size <= slot->header_text_size)
        return true;
    bigger = malloc(size);
    if (bigger == NULL)
        return false;
    free(slot->header_text); /* contains nothing: wiped after the last transfer */
    slot->header_text = bigger;
    slot->header_text_size = size;
    return true;
}

struct curl_slist *ad_slot_headers(struct ad_slot *slot)
{
    const struct ad_transfer *transfer = slot->transfer;
    struct header_writer writer = {.slot = slot, .count = 0};
    bool has_type = false;

    if (!reserve(slot, text_size(transfer)))
        return NULL;
    slot->header_text_used = 0;
    if (transfer->bearer != NULL)
        add_line(&writer, BEARER_NAME, ": ", BEARER_PREFIX, transfer->bearer);
    for (size_t i = 0; i < transfer->header_count; i++) {
        const struct ad_header *header = &transfer->headers[i];

        has_type = has_type || ad_text_equal_nocase(header->name, "Content-Type");
        add_line(&writer, header->name, header->value[0] != '\0' ? ": " : ";", "", header->value);
    }
    /* Removes headers that libcurl would add: waiting for 100-continue, and the form type of a POST. */
    add_line(&writer, "Expect", ":", "", "");
    if (!has_type)
        add_line(&writer, "Content-Type", ":", "", "");
    return slot->headers;
}

void ad_slot_wipe_headers(struct ad_slot *slot)
{
    if (slot->header_text_used > 0)
        sodium_memzero(slot->header_text, slot->header_text_used);
    slot->header_text_used = 0;
}
