/* SPDX-License-Identifier: MIT */
/*
 * Signed URLs of the storage: makes and verifies their signatures.
 */
#include <string.h>

#include "testing/service/internal.h"

static void sign(const struct svc *svc, const char *path, int64_t expires_ms, uint64_t generation, char out[65])
{
    uint8_t mac[crypto_auth_hmacsha256_BYTES];
    char text[SVC_MAX_PATH + 128];

    (void)snprintf(text, sizeof(text), "%s\n%s\n%lld\n%llu", svc->config.upload_method, path, (long long)expires_ms,
                   (unsigned long long)generation);
    crypto_auth_hmacsha256(mac, (const unsigned char *)text, strlen(text), svc->signing_key);
    sodium_bin2hex(out, 65, mac, sizeof(mac));
}

void svc_signed_url(const struct svc *svc, const char *path, int64_t expires_ms, uint64_t generation, char *out,
                    size_t out_size)
{
    char signature[65];

    sign(svc, path, expires_ms, generation, signature);
    (void)snprintf(out, out_size, "%s%s?X-Expires=%lld&X-Generation=%llu&X-Signature=%s", svc->config.storage_origin,
                   path, (long long)expires_ms, (unsigned long long)generation, signature);
}

bool svc_signature_holds(const struct svc_exchange *exchange, int64_t *expires_ms, int64_t *generation)
{
    char text[32];
    char given[72];
    char wanted[65];

    if (!svc_query_value(exchange->query, "X-Expires", text, sizeof(text)) || !svc_parse_int(text, expires_ms))
        return false;
    if (!svc_query_value(exchange->query, "X-Generation", text, sizeof(text)) || !svc_parse_int(text, generation))
        return false;
    if (!svc_query_value(exchange->query, "X-Signature", given, sizeof(given)))
        return false;
    sign(exchange->svc, exchange->path, *expires_ms, (uint64_t)*generation, wanted);
    return strcmp(given, wanted) == 0;
}
