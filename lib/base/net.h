/* SPDX-License-Identifier: MIT */
/*
 * The HTTP values that `transport` and `protocol` share: network failures and headers.  A transport reports them,
 * `protocol` interprets them.
 */
#ifndef AD_BASE_NET_H
#define AD_BASE_NET_H

struct ad_header {
    const char *name;
    const char *value;
};

/* The outcome of a transfer below HTTP. */
enum ad_net {
    AD_NET_OK = 0,          /* the complete response is here */
    AD_NET_CONNECT,         /* name resolution or connect failed: the request was not sent */
    AD_NET_CONNECT_TIMEOUT, /* connect timeout: not sent */
    AD_NET_BROKEN,          /* reset, closed, truncated: the request may have taken effect */
    AD_NET_TIMEOUT,         /* stall or request timeout: the request may have taken effect */
    AD_NET_TLS,             /* handshake or certificate refused: not sent */
    AD_NET_TOO_LARGE,       /* the response exceeded the limit */
    AD_NET_BODY,            /* the body source failed; its own status says why */
    AD_NET_NO_MEMORY,
    AD_NET_INTERNAL,   /* the transport rejected a URL or an option */
    AD_NET_CODED,      /* the response has a content coding that was not requested: not read; the request may have taken
                          effect */
    AD_NET_DESCRIPTORS /* out of file descriptors for a connection: not sent */
};

#endif
