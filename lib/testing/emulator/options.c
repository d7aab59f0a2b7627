/* SPDX-License-Identifier: MIT */
/*
 * Parses the command line.  Every value is validated here or by the model before a port is opened.  The API key is
 * never printed, not even when it is refused.
 */
#include "testing/emulator/options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "testing/emulator/deviations.h"
#include "testing/emulator/values.h"

enum {
    OPT_API_KEY = 256,
    OPT_PORT,
    OPT_STORAGE_PORT,
    OPT_BIND,
    OPT_PUBLIC_API,
    OPT_PUBLIC_STORAGE,
    OPT_THREADS,
    OPT_PROCESSING,
    OPT_FAIL,
    OPT_ANSWERS,
    OPT_RPM,
    OPT_WINDOW,
    OPT_RETRY_AFTER,
    OPT_RATE_HEADERS,
    OPT_RATE_WINDOW,
    OPT_POLL_HINT,
    OPT_CLOCK_SKEW,
    OPT_UPLOAD_TTL,
    OPT_JOB_TTL,
    OPT_EXPIRED_403,
    OPT_EXPIRED,
    OPT_REPLAY,
    OPT_SUBMIT,
    OPT_ERRORS,
    OPT_CHECKSUM,
    OPT_EQUAL_PAYLOADS,
    OPT_STUCK,
    OPT_UNKNOWN_STATE,
    OPT_LOST_SUBMITS,
    OPT_KEY_IN_USE,
    OPT_LATE_JOBS,
    OPT_LATE_RESULTS,
    OPT_ODD_FIELDS,
    OPT_OUTAGE,
    OPT_MOVE,
    OPT_FAULT,
    OPT_SEED,
    OPT_STATE,
    OPT_LEDGER,
    OPT_QUIET,
    OPT_HELP
};

static const struct option long_options[] = {
    {"api-key", required_argument, NULL, OPT_API_KEY},
    {"port", required_argument, NULL, OPT_PORT},
    {"storage-port", required_argument, NULL, OPT_STORAGE_PORT},
    {"bind", required_argument, NULL, OPT_BIND},
    {"public-api-url", required_argument, NULL, OPT_PUBLIC_API},
    {"public-storage-url", required_argument, NULL, OPT_PUBLIC_STORAGE},
    {"threads", required_argument, NULL, OPT_THREADS},
    {"processing", required_argument, NULL, OPT_PROCESSING},
    {"fail", required_argument, NULL, OPT_FAIL},
    {"answers", required_argument, NULL, OPT_ANSWERS},
    {"rpm", required_argument, NULL, OPT_RPM},
    {"burst-window", required_argument, NULL, OPT_WINDOW},
    {"retry-after", required_argument, NULL, OPT_RETRY_AFTER},
    {"rate-headers", optional_argument, NULL, OPT_RATE_HEADERS},
    {"rate-window", required_argument, NULL, OPT_RATE_WINDOW},
    {"poll-hint", required_argument, NULL, OPT_POLL_HINT},
    {"clock-skew", required_argument, NULL, OPT_CLOCK_SKEW},
    {"upload-ttl", required_argument, NULL, OPT_UPLOAD_TTL},
    {"job-ttl", required_argument, NULL, OPT_JOB_TTL},
    {"expired-403", no_argument, NULL, OPT_EXPIRED_403},
    {"expired", required_argument, NULL, OPT_EXPIRED},
    {"replay", required_argument, NULL, OPT_REPLAY},
    {"submit", required_argument, NULL, OPT_SUBMIT},
    {"errors", required_argument, NULL, OPT_ERRORS},
    {"checksum-field", required_argument, NULL, OPT_CHECKSUM},
    {"allow-equal-payloads", no_argument, NULL, OPT_EQUAL_PAYLOADS},
    {"stuck", required_argument, NULL, OPT_STUCK},
    {"unknown-state", required_argument, NULL, OPT_UNKNOWN_STATE},
    {"lost-submits", required_argument, NULL, OPT_LOST_SUBMITS},
    {"key-in-use", required_argument, NULL, OPT_KEY_IN_USE},
    {"late-jobs", required_argument, NULL, OPT_LATE_JOBS},
    {"late-results", required_argument, NULL, OPT_LATE_RESULTS},
    {"odd-fields", required_argument, NULL, OPT_ODD_FIELDS},
    {"outage", required_argument, NULL, OPT_OUTAGE},
    {"move", required_argument, NULL, OPT_MOVE},
    {"fault", required_argument, NULL, OPT_FAULT},
    {"seed", required_argument, NULL, OPT_SEED},
    {"state", required_argument, NULL, OPT_STATE},
    {"ledger", required_argument, NULL, OPT_LEDGER},
    {"quiet", no_argument, NULL, OPT_QUIET},
    {"help", no_argument, NULL, OPT_HELP},
    {NULL, 0, NULL, 0},
};

/* Names in the order of their enum. */
static const char *const window_words[] = {"sliding", "fixed", NULL};
static const char *const retry_words[] = {"seconds", "date", "none", NULL};
static const char *const rate_words[] = {"none", "x", "draft", NULL};
static const char *const rate_window_words[] = {"true", "none", "second", "day", "exhausted", NULL};
static const char *const expired_words[] = {"token", "s3", "azure", NULL};
static const char *const replay_words[] = {"fresh", "stale", "none", NULL};
static const char *const submit_words[] = {"202-job", "200-job", "202-empty", "200-other", NULL};
static const char *const error_words[] = {"object", "text", "message", "plain", NULL};

static void set_expired(struct svc_config *config, int word)
{
    config->expired_as_403 = word == 1;
    config->expired_as_azure = word == 2;
}

/* Options that select a variant of the service's behavior. */
static bool take_form(struct svc_config *config, int option, const char *value)
{
    int word = 0;
    bool good = false;

    if (option == OPT_WINDOW && (good = emu_take_word(value, window_words, &word)))
        config->window = (enum svc_window_kind)word;
    else if (option == OPT_RETRY_AFTER && (good = emu_take_word(value, retry_words, &word)))
        config->retry_after = (enum svc_retry_after)word;
    else if (option == OPT_RATE_HEADERS && (good = emu_take_word(value ? value : "x", rate_words, &word)))
        config->rate_headers = (enum svc_rate_headers)word;
    else if (option == OPT_RATE_WINDOW && (good = emu_take_word(value, rate_window_words, &word)))
        config->rate_window = (enum svc_rate_window)word;
    else if (option == OPT_EXPIRED && (good = emu_take_word(value, expired_words, &word)))
        set_expired(config, word);
    else if (option == OPT_REPLAY && (good = emu_take_word(value, replay_words, &word)))
        config->replay = (enum svc_replay_form)word;
    else if (option == OPT_SUBMIT && (good = emu_take_word(value, submit_words, &word)))
        config->submit = (enum svc_submit_form)word;
    else if (option == OPT_ERRORS && (good = emu_take_word(value, error_words, &word)))
        config->error_form = (enum svc_error_form)word;
    return good;
}

static bool take_service(struct svc_config *config, int option, const char *value)
{
    switch (option) {
    case OPT_API_KEY:
        return emu_take_text(value, &config->api_key);
    case OPT_PROCESSING:
        return emu_take_text(value, &config->processing);
    case OPT_FAIL:
        return emu_take_share(value, &config->fail_probability);
    case OPT_RPM:
        return emu_take_number(value, 0, 10000000, &config->rpm);
    case OPT_POLL_HINT:
        return emu_take_number(value, 0, 86400, &config->poll_hint_s);
    case OPT_CLOCK_SKEW:
        return emu_take_seconds(value, -1000000000, &config->clock_skew_ms);
    case OPT_UPLOAD_TTL:
        return emu_take_seconds(value, 0, &config->upload_ttl_ms);
    case OPT_JOB_TTL:
        return emu_take_seconds(value, 0, &config->job_ttl_ms);
    case OPT_EXPIRED_403:
        config->expired_as_403 = true;
        return true;
    case OPT_CHECKSUM:
        return emu_take_text(value, &config->checksum_field);
    case OPT_EQUAL_PAYLOADS:
        config->allow_equal_payloads = true;
        return true;
    case OPT_SEED:
        return emu_take_seed(value, &config->seed);
    default:
        return take_form(config, option, value);
    }
}

/* Options that make the service deviate from its contract. */
static bool take_deviation(struct emu_options *options, int option, const char *value)
{
    switch (option) {
    case OPT_STUCK:
        return emu_take_stuck(options, value);
    case OPT_UNKNOWN_STATE:
        return emu_take_unknown_state(options, value);
    case OPT_LOST_SUBMITS:
        return emu_take_share(value, &options->config.lost_submit_share);
    case OPT_KEY_IN_USE:
        return emu_take_key_in_use(options, value);
    case OPT_LATE_JOBS:
        return emu_take_number(value, 0, EMU_MAX_MS, &options->config.late_job_ms);
    case OPT_LATE_RESULTS:
        return emu_take_late_results(options, value);
    case OPT_ODD_FIELDS:
        return emu_take_odd_fields(options, value);
    case OPT_OUTAGE:
        return emu_take_outage(options, value);
    case OPT_MOVE:
        return emu_take_move(options, value);
    default:
        return take_service(&options->config, option, value);
    }
}

static bool take(struct emu_options *options, int option, const char *value)
{
    switch (option) {
    case OPT_PORT:
        return emu_take_number(value, 0, 65535, &options->port);
    case OPT_STORAGE_PORT:
        return emu_take_number(value, 0, 65535, &options->storage_port);
    case OPT_BIND:
        return emu_take_address(value, &options->bind_address);
    case OPT_PUBLIC_API:
        return emu_take_text(value, &options->public_api_url);
    case OPT_PUBLIC_STORAGE:
        return emu_take_text(value, &options->public_storage_url);
    case OPT_THREADS:
        return emu_take_number(value, 1, 64, &options->threads);
    case OPT_ANSWERS:
        return emu_take_text(value, &options->answers);
    case OPT_FAULT:
        return emu_add_fault(options, value);
    case OPT_STATE:
        return emu_take_text(value, &options->state);
    case OPT_LEDGER:
        return emu_take_text(value, &options->ledger);
    case OPT_QUIET:
        options->quiet = true;
        return true;
    default:
        return take_deviation(options, option, value);
    }
}

static enum emu_parse parse_all(struct emu_options *options, int argc, char **argv)
{
    int option;
    int index = 0;

    /* NOLINTNEXTLINE(concurrency-mt-unsafe): no thread has been started yet */
    while ((option = getopt_long(argc, argv, "", long_options, &index)) != -1) {
        if (option == OPT_HELP) {
            (void)fputs(emu_help, stdout);
            return EMU_PARSE_HELP;
        }
        if (option == '?' || option == ':')
            return EMU_PARSE_BAD;
        if (!take(options, option, optarg)) {
            (void)fprintf(stderr, "animaldetect-emulator: invalid value of --%s; see --help\n",
                          long_options[index].name);
            return EMU_PARSE_BAD;
        }
    }
    if (optind < argc) {
        (void)fprintf(stderr, "animaldetect-emulator: unknown option \"%s\"; see --help\n", argv[optind]);
        return EMU_PARSE_BAD;
    }
    return EMU_PARSE_RUN;
}

enum emu_parse emu_options_parse(struct emu_options *options, int argc, char **argv)
{
    enum emu_parse parse;

    *options = (struct emu_options){.bind_address = "127.0.0.1", .threads = 1};
    svc_config_default(&options->config);
    options->config.api_key = getenv("AD_API_KEY"); /* NOLINT(concurrency-mt-unsafe): no thread has been started yet */
    options->config.old_api_origin = NULL;
    parse = parse_all(options, argc, argv);
    if (parse == EMU_PARSE_RUN && (!options->config.api_key || !*options->config.api_key)) {
        (void)fputs("animaldetect-emulator: no API key; use --api-key or set AD_API_KEY\n", stderr);
        return EMU_PARSE_BAD;
    }
    return parse;
}
