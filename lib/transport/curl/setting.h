/* SPDX-License-Identifier: MIT */
/*
 * Sets options of a libcurl that may lack them: too old, built without a part, or on another TLS library.
 * An option is needed (without it the transfer is refused, and the option named) or wished for (libcurl's own way will
 * do).  symbols-in-versions says which is which.  An option is never refused in silence.
 */
#ifndef AD_TRANSPORT_CURL_SETTING_H
#define AD_TRANSPORT_CURL_SETTING_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"

/* The first thing that libcurl refused in a row of calls. */
struct ad_refusal {
    CURLcode code;
    const char *what; /* the option's name; static */
};

/* Does this libcurl not have the option at all?  Other codes are failures with an option that it has. */
bool ad_code_means_absent(CURLcode code);

/* True when `code` is CURLE_OK. */
bool ad_refusal_need(struct ad_refusal *refusal, CURLcode code, const char *what);
/* Likewise, but an option that is absent is no refusal. */
bool ad_refusal_wish(struct ad_refusal *refusal, CURLcode code, const char *what);

#define AD_NEED(refusal, easy, option, value) \
    ad_refusal_need((refusal), curl_easy_setopt((easy), option, (value)), #option)
#define AD_WISH(refusal, easy, option, value) \
    ad_refusal_wish((refusal), curl_easy_setopt((easy), option, (value)), #option)

/* ANIMALDETECT_OK, E_NO_MEMORY; E_UNSUPPORTED when the option is absent; E_SYSTEM. */
AD_CHECKED int32_t ad_refusal_status(const struct ad_refusal *refusal);
/* One line for a status that is not OK; "" for E_NO_MEMORY. */
void ad_refusal_describe(const struct ad_refusal *refusal, char *out, size_t size);

#endif
