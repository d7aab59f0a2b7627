/* SPDX-License-Identifier: MIT */
/*
 * Thin wrappers around libsodium for SHA-256 and hex.  No sodium_init needed: the hash has a single implementation.
 */
#include "base/digest.h"

void ad_digest_begin(struct ad_digest *digest)
{
    (void)crypto_hash_sha256_init(&digest->state);
}

void ad_digest_add(struct ad_digest *digest, const void *bytes, size_t size)
{
    if (size > 0)
        (void)crypto_hash_sha256_update(&digest->state, bytes, size);
}

void ad_digest_end(struct ad_digest *digest, uint8_t out[AD_DIGEST_SIZE])
{
    (void)crypto_hash_sha256_final(&digest->state, out);
}

void ad_digest_hex(const uint8_t bytes[AD_DIGEST_SIZE], char out[AD_DIGEST_HEX_SIZE])
{
    (void)sodium_bin2hex(out, AD_DIGEST_HEX_SIZE, bytes, AD_DIGEST_SIZE);
}

bool ad_digest_from_hex(const char *hex, uint8_t out[AD_DIGEST_SIZE])
{
    size_t length = 0;
    size_t written = 0;

    while (length < AD_DIGEST_HEX_SIZE && hex[length] != '\0')
        length++;
    return length == AD_DIGEST_HEX_SIZE - 1 &&
           sodium_hex2bin(out, AD_DIGEST_SIZE, hex, length, NULL, &written, NULL) == 0 && written == AD_DIGEST_SIZE;
}
