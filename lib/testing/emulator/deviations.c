/* SPDX-License-Identifier: MIT */
/*
 * Options that make the service deviate from its contract: their values, and shorthands for faults. The model validates such a fault.
 */
#include "testing/emulator/deviations.h"

#include <stdarg.h>
#include <string.h>

#include "testing/emulator/values.h"

bool emu_add_fault(struct emu_options *options, const char *spec)
{
    if (options->fault_count == EMU_MAX_FAULTS)
        return false;
    options->faults[options->fault_count++] = spec;
    return true;
}

/* Adds the fault that an option is shorthand for. */
static bool make_fault(struct emu_options *options, const char *format, ...) __attribute__((format(printf, 2, 3)));

static bool make_fault(struct emu_options *options, const char *format, ...)
{
    char *made;
    va_list arguments;
    int size;

    if (options->fault_count == EMU_MAX_FAULTS)
        return false;
    made = options->made_faults[options->fault_count];
    va_start(arguments, format);
    size = vsnprintf(made, EMU_FAULT_SIZE, format, arguments);
    va_end(arguments);
    return size > 0 && size < EMU_FAULT_SIZE && emu_add_fault(options, made);
}

bool emu_take_stuck(struct emu_options *options, const char *text)
{
    char copy[64];
    char *parts[2];
    size_t count = emu_split(text, copy, sizeof(copy), parts, 2);

    if (count == 0 || !emu_take_share(parts[0], &options->config.stuck_share))
        return false;
    return count == 1 || emu_take_number(parts[1], 1, EMU_MAX_MS, &options->config.stuck_ms);
}

/* A state of the contract would not be unknown. */
static bool take_unknown_word(struct emu_options *options, const char *word)
{
    static const char *const known[] = {"awaiting_upload", "queued", "running", "succeeded", "failed", "expired", NULL};
    int found;

    if (!*word || strlen(word) >= sizeof(options->unknown_state) || emu_take_word(word, known, &found))
        return false;
    memcpy(options->unknown_state, word, strlen(word) + 1);
    options->config.unknown_state = options->unknown_state;
    return true;
}

bool emu_take_unknown_state(struct emu_options *options, const char *text)
{
    static const char *const forms[] = {"drawn", "bare", "error", "result", "both", NULL};
    char copy[128];
    char *parts[3];
    size_t count = emu_split(text, copy, sizeof(copy), parts, 3);
    int form = SVC_UNKNOWN_DRAWN;

    if (count == 0 || !emu_take_share(parts[0], &options->config.unknown_share))
        return false;
    if (count > 1 && !take_unknown_word(options, parts[1]))
        return false;
    if (count > 2 && !emu_take_word(parts[2], forms, &form))
        return false;
    options->config.unknown_form = (enum svc_unknown_form)form;
    return true;
}

bool emu_take_key_in_use(struct emu_options *options, const char *text)
{
    struct svc_config *config = &options->config;
    char copy[64];
    char *parts[3];
    size_t count = emu_split(text, copy, sizeof(copy), parts, 3);

    if (count < 2 || !emu_take_share(parts[0], &config->key_in_use_share) ||
        !emu_take_number(parts[1], 0, EMU_MAX_MS, &config->key_in_use_ms))
        return false;
    return count == 2 || emu_take_number(parts[2], 1, INT64_C(4000000000), &config->key_in_use_retry_after_s);
}

bool emu_take_late_results(struct emu_options *options, const char *text)
{
    static const char *const forms[] = {"202", "204", "404", "409", NULL};
    static const int statuses[] = {202, 204, 404, 409};
    char copy[64];
    char *parts[2];
    int form;

    if (emu_split(text, copy, sizeof(copy), parts, 2) != 2 || !emu_take_word(parts[0], forms, &form))
        return false;
    options->config.late_result_status = statuses[form];
    return emu_take_number(parts[1], 0, EMU_MAX_MS, &options->config.late_result_ms);
}

bool emu_take_odd_fields(struct emu_options *options, const char *text)
{
    double share;

    return emu_take_share(text, &share) && make_fault(options, "api:odd:p=%s", text);
}

/* Refusals of key and account come from the API; other outages include the storage. */
static bool outage_kind(const char *kind, char *out, size_t out_size)
{
    int64_t status;

    if (strcmp(kind, "reset") == 0)
        (void)snprintf(out, out_size, "any:reset-before");
    else if (strncmp(kind, "html-", 5) == 0 && emu_take_number(kind + 5, 200, 599, &status))
        (void)snprintf(out, out_size, "any:html:status=%d:edge=1", (int)status);
    else if (emu_take_number(kind, 200, 599, &status))
        (void)snprintf(out, out_size, "%s:%d:edge=1", status == 401 || status == 402 ? "api" : "any", (int)status);
    else
        return false;
    return true;
}

bool emu_take_outage(struct emu_options *options, const char *text)
{
    char copy[128];
    char kind[48];
    char *parts[4];
    size_t count = emu_split(text, copy, sizeof(copy), parts, 4);

    if (count < 3 || !outage_kind(parts[2], kind, sizeof(kind)))
        return false;
    if (count == 3)
        return make_fault(options, "%s:begin=%s:end=%s", kind, parts[0], parts[1]);
    return make_fault(options, "%s:begin=%s:end=%s:repeat=%s", kind, parts[0], parts[1], parts[3]);
}

bool emu_take_move(struct emu_options *options, const char *text)
{
    const char *place = strchr(text, ':');
    char encoded[EMU_FAULT_SIZE] = "";
    size_t size = 0;

    if (!place || place == text)
        return false;
    for (const char *at = place + 1; *at && size + 4 < sizeof(encoded); at++)
        size += (size_t)snprintf(encoded + size, sizeof(encoded) - size, *at == ':' || *at == '%' ? "%%%02X" : "%c",
                                 (unsigned char)*at);
    if (strcmp(place + 1, "storage") == 0)
        return make_fault(options, "fetch:%.*s:to=storage", (int)(place - text), text);
    return make_fault(options, "api:%.*s:to=%s", (int)(place - text), text, encoded);
}
