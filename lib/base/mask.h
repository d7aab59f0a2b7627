/* SPDX-License-Identifier: MIT */
/*
 * Turns untrusted text into one clean line that fits and contains no secrets.  All text from a service, a storage, a
 * proxy, libcurl or a host's transport passes through ad_mask_text.  Secrets are every API key that was ever set, and
 * the query of every URL (the query of a signed URL is a password until it expires).
 *
 * A key is recognized by any AD_MASK_MIN consecutive bytes of it, in either case, so that a key that somebody else
 * truncated or capitalized is found too.  Each byte may be written literally or escaped for JSON, HTML or a URL.  Text
 * is masked before it is truncated; otherwise the start of a key at the cut would be shown.
 *
 *   "bad key sk_live_abcdefgh1234"                    "bad key ***"
 *   "cannot PUT /up/7?X-Goog-Signature=ab12 (late)"   "cannot PUT /up/7?*** (late)"
 *   "https:\/\/s\/x\u003fsig=ab12"                    "https:\/\/s\/x?***"
 *   "signature=ab12&expires=900"                      "signature=***&expires=900"
 *
 * Not recognized: a key encoded as a whole (base64, hex, a hash), and keys shorter than AD_MASK_MIN bytes.
 */
#ifndef AD_BASE_MASK_H
#define AD_BASE_MASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"
#include "base/secret.h"

#define AD_MASK_MIN 8

/* The keys to mask; lives as long as its client.  A NULL mask has no keys but still masks queries. */
struct ad_mask {
    uint8_t pairs[65536 / 8]; /* a bit per pair of adjacent key bytes, either case; most text has few of them */
    struct ad_secret *keys;
    size_t count;
    size_t capacity;
};

void ad_mask_init(struct ad_mask *mask);
/* Adds a key permanently; no effect if it is known or shorter than AD_MASK_MIN.  E_NO_MEMORY. */
AD_CHECKED int32_t ad_mask_add(struct ad_mask *mask, const char *key);
/* Wipes the keys. */
void ad_mask_free(struct ad_mask *mask);

/*
 * Copies untrusted bytes like ad_text_quote, with each secret replaced by "***".  Always NUL-terminated; returns the
 * length written.  `out` must not overlap `bytes`.
 */
size_t ad_mask_text(const struct ad_mask *mask, char *out, size_t out_size, const char *bytes, size_t size);

/*
 * Whether the text contains a key, or sixteen consecutive bytes of one.  For text that cannot be masked because it must
 * be used unchanged: ids, URLs, headers.
 */
bool ad_mask_finds(const struct ad_mask *mask, const char *text);

#endif
