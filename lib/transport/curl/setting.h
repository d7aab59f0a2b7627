/* SPDX-License-Identifier: MIT */
/*
 * Sets libcurl options that this libcurl may lack: too old, built without a feature, or on another TLS library.  An
 * option is either needed (without it the transfer is refused, naming the option) or wished for (libcurl's default will
 * do). symbols-in-versions says which is which.  An option never fails silently.
 */
#ifndef AD_TRANSPORT_CURL_SETTING_H
#define AD_TRANSPORT_CURL_SETTING_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"

/* The first option that libcurl rejected in a series of calls. */
struct ad_refusal {
    CURLcode code;
    const char *what; /* the option's name; static */
};

/* Whether this libcurl does not have the option.  Other codes are failures of an existing option. */
bool ad_code_means_absent(CURLcode code);

/* True when `code` is CURLE_OK. */
bool ad_refusal_need(struct ad_refusal *refusal, CURLcode code, const char *what);
/* Likewise, but a missing option is not an error. */
bool ad_refusal_wish(struct ad_refusal *refusal, CURLcode code, const char *what);

#define AD_NEED(refusal, easy, option, value) \
    ad_refusal_need((refusal), curl_easy_setopt((easy), option, (value)), #option)
#define AD_WISH(refusal, easy, option, value) \
    ad_refusal_wish((refusal), curl_easy_setopt((easy), option, (value)), #option)

/* ANIMALDETECT_OK, E_NO_MEMORY; E_UNSUPPORTED if the option is missing; E_SYSTEM. */
AD_CHECKED int32_t ad_refusal_status(const struct ad_refusal *refusal);
/* An error message; "" for E_NO_MEMORY. */
void ad_refusal_describe(const struct ad_refusal *refusal, char *out, size_t size);

#endif
