/* SPDX-License-Identifier: MIT */
/*
 * The doctor. It polls a job that cannot exist: a server that answers "no such job" has accepted the key. Whether the
 * key may create jobs is known only when one is created.
 */
#include "doctor.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

#include <animaldetect/animaldetect.h>

#include "connect.h"
#include "doctor_internal.h"
#include "place.h"
#include "screen.h"
#include "text.h"

#define NO_JOB "00000000-0000-4000-8000-000000000000"
#define PATIENCE_MS 15000
#define LOOK_MS 50
#define WRONG_CLOCK_MS 60000
#define LITTLE_SPACE 200000000

void say(struct findings *findings, bool is_good, const char *what, const char *format, ...)
{
    va_list arguments;
    char text[4096];

    findings->bad += !is_good;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    printf("%-3s  %-7s  ", is_good ? "ok" : "BAD", what);
    screen_wrap(stdout, screen_columns(stdout), SAY_INDENT, text);
}

static void check_clock(struct findings *findings)
{
    struct timex state = {0};
    time_t now = time(NULL);
    struct tm utc;
    char text[32] = "";
    bool is_known = adjtimex(&state) >= 0;
    bool is_synced = is_known && (state.status & STA_UNSYNC) == 0;

    if (gmtime_r(&now, &utc) != NULL)
        (void)strftime(text, sizeof text, "%Y-%m-%d %H:%M UTC", &utc);
    if (utc.tm_year + 1900 < 2024)
        say(findings, false, "clock", "this machine's clock says %s: set it, otherwise no certificate is valid", text);
    else
        say(findings, true, "clock", "%s%s", text,
            is_synced ? ", synchronized" : " (not synchronized: check it, or run a time service)");
}

/* The user and the password of a proxy are not for the screen. */
static const char *without_secret(const char *url)
{
    const char *at = strrchr(url, '@');

    return at != NULL ? at + 1 : url;
}

static void check_proxy(struct findings *findings, const struct options *options)
{
    static const char *const names[] = {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"};
    char shown[256];

    if (options_has(options, OPT_PROXY)) {
        say(findings, true, "proxy", "%s (--proxy)",
            text_shown(without_secret(options->values[OPT_PROXY]), 100, shown, sizeof shown));
        return;
    }
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *value = getenv(names[i]);

        if (value != NULL && *value != '\0') {
            say(findings, true, "proxy", "%s (from %s; --proxy \"\" is not needed for hosts in no_proxy)",
                text_shown(without_secret(value), 100, shown, sizeof shown), names[i]);
            return;
        }
    }
    say(findings, true, "proxy", "none");
}

static void check_disk(struct findings *findings, const struct options *options)
{
    struct place place;
    struct statvfs disk;
    char text[32];
    char folder[sizeof place.ledger];
    char *slash;
    static char here[] = ".";
    char *inputs[] = {here};
    bool is_found = options->input_count > 0
                        ? place_find(&place, options->inputs, options->input_count, options->values[OPT_LEDGER])
                        : place_find(&place, inputs, 1, options->values[OPT_LEDGER]);
    uint64_t space;

    if (!is_found || !place_make(&place)) {
        say(findings, false, "disk", "%s", place.message);
        return;
    }
    (void)snprintf(folder, sizeof folder, "%s", place.ledger);
    slash = strrchr(folder, '/');
    if (slash != NULL)
        slash[slash == folder] = '\0';
    if (statvfs(slash == NULL ? "." : folder, &disk) != 0 || access(slash == NULL ? "." : folder, W_OK) != 0) {
        say(findings, false, "disk", "the ledger's folder %s: %s; choose another ledger with --ledger", folder,
            strerror(errno));
        return;
    }
    space = (uint64_t)disk.f_bavail * disk.f_frsize;
    say(findings, space >= LITTLE_SPACE, "disk", "%s free for the ledger in %s%s", text_bytes(space, text), folder,
        space >= LITTLE_SPACE ? "" : ": free some space; a million images need about 1 GB");
}

/* ---- the service ---- */

static const char *advice(int32_t status)
{
    switch (status) {
    case ANIMALDETECT_E_TLS:
        return "check the clock; behind a TLS-inspecting proxy pass its certificate with --ca";
    case ANIMALDETECT_E_NETWORK:
    case ANIMALDETECT_E_TIMEOUT:
    case ANIMALDETECT_E_CALL_TIMEOUT:
        return "check network, DNS, firewall and proxy";
    case ANIMALDETECT_E_UNAUTHORIZED:
        return "check AD_API_KEY or --key-file against the key on your account's page";
    case ANIMALDETECT_E_PAYMENT_REQUIRED:
        return "check the plan and the balance of the account";
    case ANIMALDETECT_E_FORBIDDEN:
        return "the key lacks a permission: see your account's page";
    case ANIMALDETECT_E_HTTP:
    case ANIMALDETECT_E_PROTOCOL:
    case ANIMALDETECT_E_INSECURE_URL:
        return "check AD_API_BASE_URL or --service";
    default:
        return "try again later";
    }
}

static void check_quota(struct findings *findings, animaldetect_client *client, const struct options *options)
{
    int64_t pace = 0;
    int64_t limited = 0;

    (void)animaldetect_client_statistic(client, ANIMALDETECT_STAT_PACE_PER_MINUTE, &pace);
    (void)animaldetect_client_statistic(client, ANIMALDETECT_STAT_RATE_LIMITED, &limited);
    if (limited > 0 || animaldetect_client_hold_reason(client) == ANIMALDETECT_HOLD_RATE_LIMIT)
        say(findings, false, "quota",
            "used up for now: another program uses this key; give each program its share with --rpm");
    else if (options_has(options, OPT_RPM))
        say(findings, true, "quota", "%s requests per minute (--rpm): about %.0f images", options->values[OPT_RPM],
            options_number(options, OPT_RPM, 0) / 4);
    else if (pace > 0)
        say(findings, true, "quota", "%" PRId64 " requests per minute", pace);
    else
        say(findings, true, "quota", "not reported by the service; set it with --rpm to avoid 429 responses");
}

/* The library's words, without the number of the job that there is not. */
static const char *message_of(const animaldetect_job *job, char out[512])
{
    const char *message = animaldetect_job_message(job);

    (void)snprintf(out, 512, "%s", message != NULL ? message : "");
    if (strstr(out, " [job ") != NULL)
        *strstr(out, " [job ") = '\0';
    return out;
}

/* One response is enough: by default a 404 is retried for a minute, since the job might be new. */
static int32_t ask(animaldetect_client *client, animaldetect_job **job)
{
    int32_t status = animaldetect_client_set_max_tries(client, 1);

    if (status == ANIMALDETECT_OK)
        status = animaldetect_client_set_offline_patience_ms(client, 0);
    if (status == ANIMALDETECT_OK)
        status = animaldetect_job_attach(client, NO_JOB, job);
    if (status == ANIMALDETECT_OK)
        status = animaldetect_job_set_call_timeout_ms(*job, PATIENCE_MS);
    if (status == ANIMALDETECT_OK)
        status = animaldetect_job_poll_async(*job);
    while (status == ANIMALDETECT_OK && (status = animaldetect_job_wait(*job, LOOK_MS)) == ANIMALDETECT_AGAIN) {
        if (animaldetect_job_http_status(*job) != 0)
            (void)animaldetect_job_cancel(*job);
        status = ANIMALDETECT_OK;
    }
    return status;
}

/* Certificates and the waits that the service asks for bear a minute; EXIF times and signed URLs do not bear hours. */
static void check_offset(struct findings *findings, animaldetect_client *client)
{
    int64_t offset_ms = 0;
    char text[32];

    (void)animaldetect_client_statistic(client, ANIMALDETECT_STAT_CLOCK_OFFSET_MS, &offset_ms);
    if (llabs(offset_ms) >= WRONG_CLOCK_MS)
        say(findings, false, "clock", "%s %s the clock of the service: set it, or run a time service",
            text_duration(llabs(offset_ms) / 1000, text), offset_ms > 0 ? "behind" : "ahead of");
}

static void check_service(struct findings *findings, animaldetect_client *client, const struct options *options)
{
    const char *address =
        options->values[OPT_SERVICE] != NULL ? options->values[OPT_SERVICE] : getenv("AD_API_BASE_URL");
    animaldetect_job *job = NULL;
    int64_t took_ms = 0;
    char text[512];
    int32_t status;
    int32_t http;

    if (address == NULL || *address == '\0')
        address = "https://api.animaldetect.com/v1";
    status = ask(client, &job);
    check_offset(findings, client);
    http = animaldetect_job_http_status(job);
    (void)animaldetect_client_latency_ms(client, ANIMALDETECT_STEP_POLL, 0.5, &took_ms);
    if (http == 404 || status == ANIMALDETECT_OK) {
        say(findings, true, "address", "%s responds in %" PRId64 " ms", address, took_ms);
        say(findings, true, "TLS", "%s",
            strncmp(address, "http:", 5) == 0 ? "not used on loopback" : "the certificate is valid");
        say(findings, true, "key", "accepted");
    } else if (animaldetect_status_scope(status) == ANIMALDETECT_SCOPE_ACCOUNT) {
        say(findings, true, "address", "%s responds in %" PRId64 " ms", address, took_ms);
        say(findings, false, "key", "%s: %s", message_of(job, text), advice(status));
        findings->key = true;
    } else {
        say(findings, false, "address", "%s: %s: %s", address, message_of(job, text), advice(status));
    }
    if (http != 0)
        check_quota(findings, client, options);
    animaldetect_job_free(job);
}

int command_doctor(const struct options *options)
{
    struct findings findings = {0};
    animaldetect_client *client = NULL;
    int code;

    setvbuf(stdout, NULL, _IOLBF, 0);
    printf("animaldetect, libanimaldetect %s\n", animaldetect_version());
    check_clock(&findings);
    check_disk(&findings, options);
    check_proxy(&findings, options);
    if (options_has(options, OPT_QUOTA))
        check_redis(&findings, options);
    code = connect_client(options, &client);
    if (code == EXIT_DONE)
        check_service(&findings, client, options);
    else if (code == EXIT_KEY)
        say(&findings, false, "key", "missing: set AD_API_KEY, or use --key-file");
    else
        say(&findings, false, "options", "see above");
    animaldetect_client_free(client);
    if (code != EXIT_DONE)
        return code;
    return findings.key ? EXIT_KEY : findings.bad > 0 ? EXIT_SOME_FAILED : EXIT_DONE;
}
