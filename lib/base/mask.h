/* SPDX-License-Identifier: MIT */
/*
 * The one function through which outside text becomes ours: one clean line that fits, without secrets.  Outside text
 * is the words of a service, a storage, a proxy, libcurl or a host's transport.  Secrets are every API key that was
 * ever set, and the query of every URL (a signed URL's query is a password until it expires).
 *
 * What counts as a key: a run of at least AD_MASK_MIN bytes of it, in any case, so that one that somebody else cut
 * short or wrote in capitals is found as well; each byte as it is, or as JSON, HTML or a URL escapes it.  Text is
 * masked before it is cut to the room there is, or a key across the edge would show its head.
 *
 *   "bad key sk_live_abcdefgh1234"                    "bad key ***"
 *   "cannot PUT /up/7?X-Goog-Signature=ab12 (late)"   "cannot PUT /up/7?*** (late)"
 *   "https:\/\/s\/x\u003fsig=ab12"                    "https:\/\/s\/x?***"
 *   "signature=ab12&expires=900"                      "signature=***&expires=900"
 *
 * Not found: what is encoded as a whole (base64, hex, a hash), and keys under AD_MASK_MIN bytes.
 */
#ifndef AD_BASE_MASK_H
#define AD_BASE_MASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"
#include "base/secret.h"

#define AD_MASK_MIN 8

/* The keys to look for; lives as long as its client.  A NULL mask knows no key and still masks queries. */
struct ad_mask {
    uint8_t pairs[65536 / 8]; /* a bit for every two bytes of a key in a row, in any case: most text has few of them */
    struct ad_secret *keys;
    size_t count;
    size_t capacity;
};

void ad_mask_init(struct ad_mask *mask);
/* Remembers a key for good; one that is known, or shorter than AD_MASK_MIN, changes nothing.  E_NO_MEMORY. */
AD_CHECKED int32_t ad_mask_add(struct ad_mask *mask, const char *key);
/* Wipes the keys. */
void ad_mask_free(struct ad_mask *mask);

/*
 * Copies outside bytes as ad_text_quote does, each secret as "***".  Always NUL-terminated; returns the length written.
 * `out` must not overlap `bytes`.
 */
size_t ad_mask_text(const struct ad_mask *mask, char *out, size_t out_size, const char *bytes, size_t size);

/* Is a key in the text, or sixteen bytes of one in a row?  For what cannot be masked, since it has to be used as it is:
 * ids, URLs, headers. */
bool ad_mask_finds(const struct ad_mask *mask, const char *text);

#endif
