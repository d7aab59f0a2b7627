/* SPDX-License-Identifier: MIT */
/*
 * Incremental SHA-256, and hex conversion, by libsodium.
 */
#ifndef AD_BASE_DIGEST_H
#define AD_BASE_DIGEST_H

#include <sodium.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AD_DIGEST_SIZE 32
#define AD_DIGEST_HEX_SIZE 65

struct ad_digest {
    crypto_hash_sha256_state state;
};

void ad_digest_begin(struct ad_digest *digest);
void ad_digest_add(struct ad_digest *digest, const void *bytes, size_t size);
void ad_digest_end(struct ad_digest *digest, uint8_t out[AD_DIGEST_SIZE]);
void ad_digest_hex(const uint8_t bytes[AD_DIGEST_SIZE], char out[AD_DIGEST_HEX_SIZE]); /* lower case */
bool ad_digest_from_hex(const char *hex, uint8_t out[AD_DIGEST_SIZE]); /* exactly 64 digits, either case */

#endif
