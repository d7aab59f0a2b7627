/* SPDX-License-Identifier: MIT */
/*
 * The transport over libcurl's multi socket interface and a reactor.
 */
#ifndef AD_TRANSPORT_CURL_H
#define AD_TRANSPORT_CURL_H

#include <stdint.h>

#include "base/check.h"
#include "transport/transport.h"

/* All texts are copied. */
struct ad_curl_config {
    const char *user_agent; /* the whole header value */
    const char *proxy;      /* NULL: from the environment as libcurl does; "": none */
    const char *ca_file;    /* NULL: the system's */
    const char *ca_pem;     /* NULL: none; wins over ca_file */
    size_t ca_pem_size;
    int32_t max_connections; /* = max_active */
    int32_t (*new_reactor)(struct ad_reactor **out); /* NULL: ad_reactor_new */
};

/*
 * Initializes libcurl and libsodium, once per process, from any thread where libcurl says so; never undone, since the
 * host may use them too.  ANIMALDETECT_OK, ANIMALDETECT_E_SYSTEM.
 */
AD_CHECKED int32_t ad_curl_process_init(void);

/*
 * ANIMALDETECT_OK, ANIMALDETECT_E_NO_MEMORY, ANIMALDETECT_E_SYSTEM, ANIMALDETECT_E_UNSUPPORTED (reactor not on this
 * system).
 */
AD_CHECKED int32_t ad_curl_transport_new(const struct ad_curl_config *config, struct ad_transport **out);

#endif
