/* SPDX-License-Identifier: MIT */
/*
 * Simulates another libcurl than the installed one: older, or built without a feature. The linker puts the shim's
 * functions before libcurl's (`--wrap`, see meson.build), and removed features return what that libcurl would return.
 */
#ifndef TESTS_LIVE_LIBCURL_SHIM_H
#define TESTS_LIVE_LIBCURL_SHIM_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>

#define SHIM_MOST 160

struct libcurl_shim {
    /* Rejected options, and the error codes. */
    CURLoption refused[SHIM_MOST];
    size_t refused_count;
    CURLcode code;
    bool http2_is_refused;     /* as a value of CURLOPT_HTTP_VERSION */
    CURLMoption multi_refused; /* 0: none */
    /* What curl_version_info says. */
    int hidden_features;
    unsigned version;        /* 0: the real one */
    const char *ssl_version; /* NULL: the real one */
    bool no_memory_files;    /* as on a system without them: PEM text is passed to libcurl as a blob */
    bool raises_sigpipe;     /* at every point where it may write to a connection */
    int raised;
    void (*before_issue)(void); /* just before libcurl asks whether it may send a request */
};

extern struct libcurl_shim shim;

void shim_reset(void);
void shim_refuse(CURLoption option);
bool shim_refuse_named(const char *name); /* without CURLOPT_; false: this libcurl does not have it anyway */

#endif
