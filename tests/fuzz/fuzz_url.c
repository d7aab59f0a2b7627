/* SPDX-License-Identifier: MIT */
/*
 * Fuzzes base/origin and the origin rule of the engine: an accepted URL has the host that a plain reader of the text
 * finds, its origin reads back as written, and the API key is never sent to an untrusted host. Input: one URL, or a
 * reference.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <animaldetect/types.h>

#include "base/text.h"
#include "engine/config.h"
#include "fuzz.h"

/*
 * The host according to the text: between "//" and the port, path, query or fragment; lower case, without one dot at
 * the end. Written without any knowledge of libcurl.
 */
static void plain_host(const char *url, char *out, size_t size)
{
    const char *at = strstr(url, "://");
    size_t length;

    at = at ? at + 3 : url;
    length = *at == '[' ? strcspn(at, "]") + 1 : strcspn(at, ":/?#");
    FUZZ_CHECK(length < size && strcspn(at, "@\\%") >= strcspn(at, "/?#"));
    for (size_t i = 0; i < length; i++)
        out[i] = (char)tolower((unsigned char)at[i]);
    if (length > 0 && out[length - 1] == '.')
        length--;
    out[length] = '\0';
}

/* Only digits, dots and hex marks: libcurl writes such addresses in dotted form. */
static bool is_number_like(const char *host)
{
    return host[strspn(host, "0123456789abcdefx.")] == '\0';
}

static bool is_address4(const char *host)
{
    return host[strspn(host, "0123456789.")] == '\0';
}

static void check_host(const char *url, const struct ad_origin *origin)
{
    char host[8192 + 1];

    plain_host(url, host, sizeof(host));
    if (origin->host[0] == '[')
        FUZZ_CHECK(host[0] == '[' && origin->host[strlen(origin->host) - 1] == ']');
    else if (is_address4(origin->host))
        FUZZ_CHECK(is_number_like(host));
    else
        FUZZ_CHECK(strcmp(host, origin->host) == 0);
    for (const char *c = origin->host; *c; c++)
        FUZZ_CHECK((islower((unsigned char)*c) || isdigit((unsigned char)*c) || strchr("-_.:[]", *c)));
    FUZZ_CHECK(origin->port != 0);
    FUZZ_CHECK(origin->https == (strncasecmp(url, "https:", 6) == 0));
    if (ad_origin_is_loopback(origin))
        FUZZ_CHECK(strncmp(origin->host, "127.", 4) == 0 || strcmp(origin->host, "[::1]") == 0 ||
                   strcmp(origin->host + strlen(origin->host) - 9, "localhost") == 0);
}

static void check_text(const struct ad_origin *origin)
{
    char text[AD_ORIGIN_TEXT_SIZE];
    struct ad_origin again;

    ad_origin_format(origin, text, sizeof(text));
    FUZZ_CHECK(ad_text_is_visible_ascii(text));
    FUZZ_CHECK(ad_origin_parse(text, &again) == ANIMALDETECT_OK);
    FUZZ_CHECK(ad_origin_equal(origin, &again));
    again.port ^= 1;
    FUZZ_CHECK(!ad_origin_equal(origin, &again));
    again = *origin;
    again.https = !again.https;
    FUZZ_CHECK(!ad_origin_equal(origin, &again));
}

static void check_base(const char *url, const struct ad_origin *origin)
{
    char *once = NULL;
    char *twice = NULL;
    struct ad_origin again;
    int32_t status = ad_base_url_normalize(url, &once);

    if (status != ANIMALDETECT_OK) {
        FUZZ_CHECK(status == ANIMALDETECT_E_INVALID_ARGUMENT && once == NULL);
        FUZZ_CHECK(!origin || strpbrk(url, "?#"));
        return;
    }
    FUZZ_CHECK(origin != NULL && !strpbrk(url, "?#"));
    FUZZ_CHECK(*once && once[strlen(once) - 1] != '/' && ad_text_is_visible_ascii(once));
    FUZZ_CHECK(ad_origin_parse(once, &again) == ANIMALDETECT_OK && ad_origin_equal(origin, &again));
    FUZZ_CHECK(ad_base_url_normalize(once, &twice) == ANIMALDETECT_OK && strcmp(once, twice) == 0);
    free(once);
    free(twice);
}

/* As a reference: the resolved URL is on the host of the base unless the text names another host. */
static void check_reference(const char *text, const struct ad_origin *origin)
{
    struct ad_origin asked;
    struct ad_origin there;
    char *url = NULL;
    int32_t status = ad_url_resolve("https://api.animaldetect.com/v1/jobs/7?x=1", text, &url);

    FUZZ_CHECK((status == ANIMALDETECT_OK) == (url != NULL));
    if (status != ANIMALDETECT_OK) {
        FUZZ_CHECK(status == ANIMALDETECT_E_INVALID_ARGUMENT);
        return;
    }
    FUZZ_CHECK(ad_text_is_visible_ascii(url) && strchr(url, '#') == NULL);
    FUZZ_CHECK(ad_origin_parse(url, &there) == ANIMALDETECT_OK);
    FUZZ_CHECK(ad_origin_parse("https://api.animaldetect.com", &asked) == ANIMALDETECT_OK);
    if (origin)
        FUZZ_CHECK(ad_origin_equal(origin, &there));
    else
        FUZZ_CHECK(ad_origin_equal(&asked, &there) || strncmp(text, "//", 2) == 0);
    free(url);
}

/* With the default base URL, only the two official hosts may get the key. */
static void check_trust(const char *url, const struct ad_origin *origin)
{
    struct ad_config config;
    int32_t api;
    int32_t upload;

    FUZZ_CHECK(ad_config_init(&config) == ANIMALDETECT_OK);
    api = ad_config_check_api_url(&config, url);
    upload = ad_config_check_upload_url(&config, url);
    if (api == ANIMALDETECT_OK) {
        char host[8192 + 1];

        plain_host(url, host, sizeof(host));
        FUZZ_CHECK(origin && origin->https && origin->port == 443);
        FUZZ_CHECK(strcmp(host, "api.animaldetect.com") == 0 || strcmp(host, "www.animaldetect.com") == 0);
    } else {
        FUZZ_CHECK(api == ANIMALDETECT_E_UNTRUSTED_URL);
    }
    FUZZ_CHECK(origin ? (upload == ANIMALDETECT_OK) == origin->https : upload == ANIMALDETECT_E_PROTOCOL);
    FUZZ_CHECK(ad_config_check_upload_url(&config, url) == upload); /* the origin is known now */
    if (origin && upload == ANIMALDETECT_OK) {
        char text[AD_ORIGIN_TEXT_SIZE];

        /* a URL with a path is rejected; the bare origin is accepted, and then the URL may get the key */
        AD_IGNORE(ad_config_add_trusted(&config, url));
        ad_origin_format(origin, text, sizeof text);
        FUZZ_CHECK(ad_config_add_trusted(&config, text) == ANIMALDETECT_OK);
        FUZZ_CHECK(ad_config_check_api_url(&config, url) == ANIMALDETECT_OK);
    } else if (origin && ad_origin_is_loopback(origin)) {
        /* plain http: accepted, since the base URL may be set to such an origin later, but not used until then */
        AD_IGNORE(ad_config_add_trusted(&config, url));
        FUZZ_CHECK(ad_config_check_api_url(&config, url) != ANIMALDETECT_OK);
    } else {
        FUZZ_CHECK(ad_config_add_trusted(&config, url) != ANIMALDETECT_OK);
    }
    ad_config_free(&config);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *url = fuzz_text(data, size);
    struct ad_origin origin = {.port = 0};
    int32_t status = ad_origin_parse(url, &origin);
    bool good = status == ANIMALDETECT_OK;

    FUZZ_CHECK(good || status == ANIMALDETECT_E_INVALID_ARGUMENT);
    if (good) {
        FUZZ_CHECK(ad_text_is_visible_ascii(url) && strlen(url) <= 8192);
        check_host(url, &origin);
        check_text(&origin);
    }
    check_base(url, good ? &origin : NULL);
    check_reference(url, good ? &origin : NULL);
    check_trust(url, good ? &origin : NULL);
    free(url);
    return 0;
}
