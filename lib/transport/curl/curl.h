/* SPDX-License-Identifier: MIT */
/*
 * The transport over libcurl's multi socket interface and a reactor.
 */
#ifndef AD_TRANSPORT_CURL_H
#define AD_TRANSPORT_CURL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/check.h"
#include "base/environment.h"
#include "transport/transport.h"

/* All texts are copied. */
struct ad_curl_config {
    const char *user_agent; /* the whole header value */
    struct ad_transport_settings settings;
    const struct ad_environment *environment;        /* outlives the transport; NULL: no proxy */
    int32_t (*new_reactor)(struct ad_reactor **out); /* NULL: ad_reactor_new */
};

/*
 * Initializes libcurl and libsodium once per process, from any thread if libcurl is thread-safe here; never undone,
 * since the host may use them too.  ANIMALDETECT_OK, ANIMALDETECT_E_SYSTEM.
 */
AD_CHECKED int32_t ad_curl_process_init(void);

/*
 * ANIMALDETECT_OK, ANIMALDETECT_E_NO_MEMORY, ANIMALDETECT_E_SYSTEM, ANIMALDETECT_E_UNSUPPORTED (no such reactor on this
 * system).
 */
AD_CHECKED int32_t ad_curl_transport_new(const struct ad_curl_config *config, struct ad_transport **out);

/* library.c: version and capabilities of the loaded libcurl.  Static text. */
enum ad_curl_ability { AD_CURL_HTTP2, AD_CURL_HTTPS_PROXY, AD_CURL_IPV6, AD_CURL_ASYNC_DNS };
const char *ad_curl_version(void);
const char *ad_curl_tls(void); /* "none" without TLS */
bool ad_curl_has(enum ad_curl_ability ability);
bool ad_curl_raises_sigpipe(void); /* whether its writes to a closed connection may raise SIGPIPE */
/* Whether this URL is a usable proxy.  "": no proxy.  `reason` says why not. */
bool ad_curl_takes_proxy(const char *url, const char **reason);

#endif
