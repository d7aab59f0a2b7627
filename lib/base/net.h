/* SPDX-License-Identifier: MIT */
/*
 * The plain values in which the layers speak of an HTTP request.  A transport reports them, `protocol` judges them.
 */
#ifndef AD_BASE_NET_H
#define AD_BASE_NET_H

struct ad_header {
    const char *name;
    const char *value;
};

/* How a transfer completed below HTTP. */
enum ad_net {
    AD_NET_OK = 0,     /* an answer is here, whole */
    AD_NET_CONNECT,    /* resolve or connect failed: the request was not sent */
    AD_NET_CONNECT_TIMEOUT, /* no connection within its time: likewise */
    AD_NET_BROKEN,     /* reset, closed, truncated: the request may have had its effect */
    AD_NET_TIMEOUT,    /* stall or request timeout: likewise */
    AD_NET_TLS,        /* handshake or certificate refused: not sent */
    AD_NET_TOO_LARGE,  /* the answer passed the cap */
    AD_NET_BODY,       /* the body source failed; its own status says why */
    AD_NET_NO_MEMORY,
    AD_NET_INTERNAL,   /* a URL or option that the transport refused */
    AD_NET_CODED,      /* an answer in a coding that was not asked for: not read; the request may have had its effect */
    AD_NET_DESCRIPTORS /* no file descriptor was left for a connection: not sent */
};

#endif
