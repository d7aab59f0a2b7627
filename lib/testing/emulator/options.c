/* SPDX-License-Identifier: MIT */
/*
 * Reads the command line.  Every value is checked here or by the model before a port is opened.
 * The API key is never printed, not even when it is refused.
 */
#include "testing/emulator/options.h"

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] =
    "usage: animaldetect-emulator --api-key KEY [option]...\n"
    "\n"
    "Answers like the Animal Detect asynchronous image API, with faults where asked.\n"
    "\n"
    "  --api-key KEY             the accepted key; else AD_API_KEY from the environment\n"
    "  --port N                  API port, 0 for any (default 0)\n"
    "  --storage-port N          storage port, 0 for any (default 0)\n"
    "  --bind ADDRESS            numeric address to listen on (default 127.0.0.1)\n"
    "  --public-api-url URL      what answers name the API as, when a proxy stands in front\n"
    "  --public-storage-url URL  the same for storage\n"
    "  --threads N               serving threads per port (default 1)\n"
    "  --processing SPEC         fixed:MS, lognormal:MEDIAN_MS:SIGMA, bimodal:MS1:MS2:P or fifo:SERVICE_MS\n"
    "  --fail P                  share of jobs that fail, 0 to 1\n"
    "  --answers FILE            answers by SHA-256 of the image\n"
    "  --rpm N                   API requests in 60 seconds, 0 for no limit (default 0)\n"
    "  --burst-window KIND       sliding or fixed\n"
    "  --retry-after FORM        seconds, date or none\n"
    "  --rate-headers[=FORM]     send rate headers: x (X-RateLimit-*) or draft (RateLimit)\n"
    "  --poll-hint SECONDS       Retry-After on the status of unfinished jobs\n"
    "  --clock-skew SECONDS      how far the service's clock is ahead\n"
    "  --upload-ttl SECONDS      life of an upload URL (default 900)\n"
    "  --job-ttl SECONDS         life of a job (default 30 days)\n"
    "  --expired-403             refuse an expired upload URL as S3 does\n"
    "  --replay FORM             upload in a replayed create: fresh, stale or none\n"
    "  --submit FORM             answer to submit: 202-job, 200-job, 202-empty or 200-other\n"
    "  --errors FORM             error bodies: object, text, message or plain\n"
    "  --checksum-field NAME     accept the content's SHA-256 under this name and check it\n"
    "  --fault SPEC              ROUTE:KIND[:key=value]..., may be repeated\n"
    "  --seed N                  for everything that is drawn (default 1)\n"
    "  --state FILE              journal: read at the start, then appended to; survives a kill\n"
    "  --ledger FILE             where the ledger goes at the end (default stdout)\n"
    "  --quiet                   no line per request on stderr\n"
    "  --help                    this text\n"
    "\n"
    "SIGTERM or SIGINT ends it and writes the ledger.\n";

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
    OPT_POLL_HINT,
    OPT_CLOCK_SKEW,
    OPT_UPLOAD_TTL,
    OPT_JOB_TTL,
    OPT_EXPIRED_403,
    OPT_REPLAY,
    OPT_SUBMIT,
    OPT_ERRORS,
    OPT_CHECKSUM,
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
    {"poll-hint", required_argument, NULL, OPT_POLL_HINT},
    {"clock-skew", required_argument, NULL, OPT_CLOCK_SKEW},
    {"upload-ttl", required_argument, NULL, OPT_UPLOAD_TTL},
    {"job-ttl", required_argument, NULL, OPT_JOB_TTL},
    {"expired-403", no_argument, NULL, OPT_EXPIRED_403},
    {"replay", required_argument, NULL, OPT_REPLAY},
    {"submit", required_argument, NULL, OPT_SUBMIT},
    {"errors", required_argument, NULL, OPT_ERRORS},
    {"checksum-field", required_argument, NULL, OPT_CHECKSUM},
    {"fault", required_argument, NULL, OPT_FAULT},
    {"seed", required_argument, NULL, OPT_SEED},
    {"state", required_argument, NULL, OPT_STATE},
    {"ledger", required_argument, NULL, OPT_LEDGER},
    {"quiet", no_argument, NULL, OPT_QUIET},
    {"help", no_argument, NULL, OPT_HELP},
    {NULL, 0, NULL, 0},
};

/* Words in the order of the enum that they stand for. */
static const char *const window_words[] = {"sliding", "fixed", NULL};
static const char *const retry_words[] = {"seconds", "date", "none", NULL};
static const char *const rate_words[] = {"none", "x", "draft", NULL};
static const char *const replay_words[] = {"fresh", "stale", "none", NULL};
static const char *const submit_words[] = {"202-job", "200-job", "202-empty", "200-other", NULL};
static const char *const error_words[] = {"object", "text", "message", "plain", NULL};

static bool take_word(const char *text, const char *const *words, int *out)
{
    for (int i = 0; words[i]; i++) {
        if (strcmp(words[i], text) == 0) {
            *out = i;
            return true;
        }
    }
    return false;
}

static bool take_number(const char *text, int64_t low, int64_t high, int64_t *out)
{
    char *end = NULL;

    errno = 0;
    *out = strtoll(text, &end, 10);
    return end != text && !*end && !errno && *out >= low && *out <= high;
}

static bool take_seconds(const char *text, int64_t low, int64_t *out_ms)
{
    bool good = take_number(text, low, INT64_C(4000000000), out_ms);

    *out_ms *= 1000;
    return good;
}

static bool take_share(const char *text, double *out)
{
    char *end = NULL;

    *out = strtod(text, &end);
    return end != text && !*end && *out >= 0 && *out <= 1;
}

static bool take_seed(const char *text, uint64_t *out)
{
    int64_t value = 0;
    bool good = take_number(text, 0, INT64_MAX, &value);

    *out = (uint64_t)value;
    return good;
}

static bool take_text(const char *text, const char **out)
{
    *out = text;
    return *text != '\0';
}

static bool take_address(const char *text, const char **out)
{
    struct in6_addr address;

    *out = text;
    return inet_pton(AF_INET, text, &address) == 1 || inet_pton(AF_INET6, text, &address) == 1;
}

static bool take_fault(const char *text, struct emu_options *options)
{
    if (options->fault_count == EMU_MAX_FAULTS)
        return false;
    options->faults[options->fault_count++] = text;
    return true;
}

/* Options that choose a form of the service's behavior. */
static bool take_form(struct svc_config *config, int option, const char *value)
{
    int word = 0;
    bool good = false;

    if (option == OPT_WINDOW && (good = take_word(value, window_words, &word)))
        config->window = (enum svc_window_kind)word;
    else if (option == OPT_RETRY_AFTER && (good = take_word(value, retry_words, &word)))
        config->retry_after = (enum svc_retry_after)word;
    else if (option == OPT_RATE_HEADERS && (good = take_word(value ? value : "x", rate_words, &word)))
        config->rate_headers = (enum svc_rate_headers)word;
    else if (option == OPT_REPLAY && (good = take_word(value, replay_words, &word)))
        config->replay = (enum svc_replay_form)word;
    else if (option == OPT_SUBMIT && (good = take_word(value, submit_words, &word)))
        config->submit = (enum svc_submit_form)word;
    else if (option == OPT_ERRORS && (good = take_word(value, error_words, &word)))
        config->error_form = (enum svc_error_form)word;
    return good;
}

static bool take_service(struct svc_config *config, int option, const char *value)
{
    switch (option) {
    case OPT_API_KEY:
        return take_text(value, &config->api_key);
    case OPT_PROCESSING:
        return take_text(value, &config->processing);
    case OPT_FAIL:
        return take_share(value, &config->fail_probability);
    case OPT_RPM:
        return take_number(value, 0, 10000000, &config->rpm);
    case OPT_POLL_HINT:
        return take_number(value, 0, 86400, &config->poll_hint_s);
    case OPT_CLOCK_SKEW:
        return take_seconds(value, -1000000000, &config->clock_skew_ms);
    case OPT_UPLOAD_TTL:
        return take_seconds(value, 0, &config->upload_ttl_ms);
    case OPT_JOB_TTL:
        return take_seconds(value, 0, &config->job_ttl_ms);
    case OPT_EXPIRED_403:
        config->expired_as_403 = true;
        return true;
    case OPT_CHECKSUM:
        return take_text(value, &config->checksum_field);
    case OPT_SEED:
        return take_seed(value, &config->seed);
    default:
        return take_form(config, option, value);
    }
}

static bool take(struct emu_options *options, int option, const char *value)
{
    switch (option) {
    case OPT_PORT:
        return take_number(value, 0, 65535, &options->port);
    case OPT_STORAGE_PORT:
        return take_number(value, 0, 65535, &options->storage_port);
    case OPT_BIND:
        return take_address(value, &options->bind_address);
    case OPT_PUBLIC_API:
        return take_text(value, &options->public_api_url);
    case OPT_PUBLIC_STORAGE:
        return take_text(value, &options->public_storage_url);
    case OPT_THREADS:
        return take_number(value, 1, 64, &options->threads);
    case OPT_ANSWERS:
        return take_text(value, &options->answers);
    case OPT_FAULT:
        return take_fault(value, options);
    case OPT_STATE:
        return take_text(value, &options->state);
    case OPT_LEDGER:
        return take_text(value, &options->ledger);
    case OPT_QUIET:
        options->quiet = true;
        return true;
    default:
        return take_service(&options->config, option, value);
    }
}

static enum emu_parse parse_all(struct emu_options *options, int argc, char **argv)
{
    int option;
    int index = 0;

    /* NOLINTNEXTLINE(concurrency-mt-unsafe): no thread has been started yet */
    while ((option = getopt_long(argc, argv, "", long_options, &index)) != -1) {
        if (option == OPT_HELP) {
            (void)fputs(help, stdout);
            return EMU_PARSE_HELP;
        }
        if (option == '?' || option == ':')
            return EMU_PARSE_BAD;
        if (!take(options, option, optarg)) {
            (void)fprintf(stderr, "animaldetect-emulator: the value of --%s is refused; see --help\n",
                          long_options[index].name);
            return EMU_PARSE_BAD;
        }
    }
    if (optind < argc) {
        (void)fprintf(stderr, "animaldetect-emulator: \"%s\" is not an option; see --help\n", argv[optind]);
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
        (void)fputs("animaldetect-emulator: no API key; give --api-key or set AD_API_KEY\n", stderr);
        return EMU_PARSE_BAD;
    }
    return parse;
}
