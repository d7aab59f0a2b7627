/* SPDX-License-Identifier: MIT */
/*
 * Single requests by easy handles; each has its own connection.
 */
#include "live/emulator_ask.h"

#include <stdio.h>
#include <string.h>

static void append(char *out, size_t capacity, size_t *size, const char *bytes, size_t count)
{
    size_t room = capacity - 1 - *size;
    size_t kept = count < room ? count : room;

    memcpy(out + *size, bytes, kept);
    *size += kept;
}

static size_t take_body(char *bytes, size_t one, size_t size, void *context)
{
    struct answer *answer = context;

    (void)one;
    append(answer->body, sizeof(answer->body), &answer->size, bytes, size);
    return size;
}

static size_t take_header(char *bytes, size_t one, size_t size, void *context)
{
    struct answer *answer = context;

    (void)one;
    append(answer->headers, sizeof(answer->headers), &answer->headers_size, bytes, size);
    return size;
}

static struct answer perform(const char *url, const char *method, const char *body, struct curl_slist *headers,
                             long limit_ms)
{
    struct answer answer = {.code = CURLE_OK};
    CURL *curl = curl_easy_init();
    const char *location = NULL;

    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, limit_ms);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, &answer);
    if (body)
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
    if (method)
        curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
    answer.code = curl_easy_perform(curl);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answer.status);
    if (curl_easy_getinfo(curl, CURLINFO_REDIRECT_URL, &location) == CURLE_OK && location)
        (void)snprintf(answer.location, sizeof(answer.location), "%s", location);
    curl_easy_cleanup(curl);
    curl_slist_free_all(headers);
    return answer;
}

struct answer ask_url(const char *url, const char *body, const char *idempotency_key, long limit_ms)
{
    struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
    char key[64];

    headers = curl_slist_append(headers, "Authorization: Bearer " EMULATOR_KEY);
    if (idempotency_key) {
        (void)snprintf(key, sizeof(key), "Idempotency-Key: %s", idempotency_key);
        headers = curl_slist_append(headers, key);
    }
    return perform(url, NULL, body, headers, limit_ms);
}

struct answer ask(const struct emulator *emulator, const char *path, const char *body, long limit_ms)
{
    char url[256];

    (void)snprintf(url, sizeof(url), "%s%s", emulator_url(emulator), path);
    return ask_url(url, body, "k", limit_ms);
}

struct answer get_url(const char *url, long limit_ms)
{
    return perform(url, NULL, NULL, NULL, limit_ms);
}

struct answer put_url(const char *url, const char *bytes, long limit_ms)
{
    return perform(url, "PUT", bytes, curl_slist_append(NULL, "Content-Type: image/jpeg"), limit_ms);
}
