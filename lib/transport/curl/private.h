/* SPDX-License-Identifier: MIT */
/*
 * What the files of the libcurl transport share: the transport and its slots.  A slot is one easy handle and everything
 * that must live as long as a transfer on it.  Slots are pooled; their easy handles keep the options that never change,
 * and every other option is set for each transfer, so that nothing of the previous one remains.
 */
#ifndef AD_TRANSPORT_CURL_PRIVATE_H
#define AD_TRANSPORT_CURL_PRIVATE_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"
#include "base/heap.h"
#include "base/list.h"
#include "transport/coding.h"
#include "transport/curl/curl.h"
#include "transport/curl/setting.h"
#include "transport/curl/trust.h"
#include "transport/reactor/reactor.h"
#include "transport/transport.h"

#define AD_SLOT_EXTRA_HEADERS 3 /* Authorization, Expect, Content-Type */

struct ad_curl;

/* A socket that libcurl has open. */
struct ad_curl_socket {
    int fd;
    int local_port; /* 0: unknown so far */
    int peer_port;  /* likewise */
    int events;     /* what the reactor watches */
    bool resting;   /* no transfer needs it watched for now, see watch.c */
    uint64_t received;  /* bytes received by the end of the last transfer */
    unsigned transfers; /* so far */
};

struct ad_curl_sockets {
    struct ad_curl_socket *open;
    size_t count;
    size_t capacity;
    size_t resting;
    uint32_t *places; /* by descriptor: index in `open` plus 1, 0: absent */
    size_t places_size;
};

/* The response, while it arrives. */
struct ad_slot_answer {
    int32_t status;      /* of the latest status line, 0 before the first */
    bool complete;       /* the final response's header section has ended: what follows are trailers */
    size_t header_bytes; /* of all header sections so far */
    uint64_t body_bytes;
};

/* The progress when a transfer was last checked. */
struct ad_slot_mark {
    uint64_t sent;
    uint64_t received;
    int waiting; /* sent but not acknowledged by the peer, -1: unknown */
};

struct ad_slot {
    struct ad_list_node node; /* in `active` or in `idle` */
    struct ad_list_node doomed_node;
    struct ad_curl *owner;
    CURL *easy;
    struct ad_transfer *transfer; /* NULL while idle */
    enum ad_net fault;            /* why a callback ended the transfer, AD_NET_OK: none did */
    struct ad_slot_answer answer;
    bool issued;       /* libcurl has put the request on a connection */
    bool stale;        /* the kept connection chosen by libcurl was closed: nothing was sent */
    bool takes_proxies;     /* this libcurl has proxies */
    bool asks_before_issue; /* this libcurl calls us before it sends a request, see issue.c */
    bool body_rewound;      /* the source is at the position in `body_given` */
    uint64_t body_given;
    struct curl_slist headers[AD_TRANSFER_MAX_HEADERS + AD_SLOT_EXTRA_HEADERS];
    char *header_text; /* storage of `headers`; contains the key during a transfer, then wiped */
    size_t header_text_size;
    size_t header_text_used;
    struct ad_coding coding;   /* of the response, not requested */
    int fd;                    /* what libcurl watches for it, -1: none */
    uint64_t fd_received;      /* bytes received on `fd` before this transfer */
    uint64_t unseen;           /* bytes of an unfinished header section that libcurl has buffered */
    bool fd_opened;            /* `fd` will be a new connection: nothing was received on it */
    unsigned settings_seen;    /* number of the settings applied to the easy handle */
    unsigned network;          /* number of the network on which this transfer started */
    bool lookup;               /* the easy handle must not use cached addresses */
    bool forbidden;            /* its connection must not be kept */
    bool no_descriptor;        /* out of descriptors for the last socket */
    struct ad_heap_node check; /* in `checks` while the request is on a connection */
    struct ad_slot_mark mark; /* at the last check */
    int64_t moved_ms;         /* when progress was last seen (ad_time_awake_ms) */
    int64_t answer_by_ms;     /* deadline of the response */
    char error[CURL_ERROR_SIZE];
    char words[128]; /* this transport's error message, precedes libcurl's */
};

struct ad_curl {
    struct ad_transport base;
    CURLM *multi;
    int64_t curl_ms;   /* when libcurl wants to be called, AD_TIME_NEVER: not */
    int64_t engine_ms; /* when the engine wants to be driven */
    bool raises_sigpipe; /* this libcurl may raise it */
    bool driving;        /* the reactor's deadline is set later, by `arm` */
    struct ad_list active;
    struct ad_list idle;
    struct ad_heap checks; /* slots on the wire, by time of their next check (ad_time_awake_ms) */
    int64_t slice_end_ms;  /* when the time budget of this drive is used up */
    struct ad_list doomed; /* failed by us, not by libcurl; not taken yet */
    struct ad_curl_sockets sockets;
    size_t max_connections;
    char *user_agent;
    char *proxy; /* may contain a password: wiped */
    struct ad_trust *trust;
    unsigned long spellings;                  /* counts the file names used for it */
    CURLSH *sessions;                         /* TLS sessions, shared by all easy handles; NULL: no TLS */
    const struct ad_environment *environment; /* if `proxy` is NULL; NULL: no proxy */
    unsigned settings;           /* counts their changes */
    unsigned network;            /* counts changes of the network */
    size_t strays;               /* active slots that started on an earlier network */
    int64_t lookup_until_ms;     /* until then libcurl may have cached addresses of the old network */
};

/* settings.c: what may change while transfers are active. */
AD_CHECKED int32_t ad_curl_configure(struct ad_curl *self, const struct ad_transport_settings *settings);
void ad_curl_forget_settings(struct ad_curl *self); /* frees them */
void ad_curl_free_old_trust(struct ad_curl *self);  /* only while no transfer is active */
void ad_curl_check_trust(struct ad_curl *self);     /* whether the certificate files have changed */
void ad_curl_change_network(struct ad_curl *self);

/* slot.c: the pool.  NULL when an easy handle could not be created or an option was rejected. */
struct ad_slot *ad_slot_take(struct ad_curl *self, struct ad_refusal *refusal);
/* Wipes what the transfer left and returns the slot to the pool; its easy handle must not be in a multi handle. */
void ad_slot_release(struct ad_slot *slot);
/* `forked`: leaks libcurl's part, since freeing it may write to sockets that the parent uses. */
void ad_slot_free(struct ad_slot *slot, bool forked);

/* options.c: options common to all transfers, then those of one. */
void ad_slot_set_common(struct ad_slot *slot, struct ad_refusal *refusal);
void ad_slot_set_settings(struct ad_slot *slot, struct ad_refusal *refusal);
void ad_slot_set_transfer(struct ad_slot *slot, struct ad_refusal *refusal);

/* headers.c: the request's header list in the slot's own memory.  NULL when out of memory. */
struct curl_slist *ad_slot_headers(struct ad_slot *slot);
void ad_slot_wipe_headers(struct ad_slot *slot);

/* callbacks.c: libcurl's callbacks on a slot. */
size_t ad_slot_on_header(char *line, size_t size, size_t count, void *context);
size_t ad_slot_on_body(char *bytes, size_t size, size_t count, void *context);
size_t ad_slot_on_read(char *buffer, size_t size, size_t count, void *context);
int ad_slot_on_seek(void *context, curl_off_t offset, int origin);

/* issue.c: a request is sent on a connection. */
int ad_slot_on_issue(void *context, char *peer, char *local, int peer_port, int local_port);
int ad_slot_on_debug(CURL *easy, curl_infotype kind, char *bytes, size_t size, void *context);
/* Restarts a stale transfer on a new connection.  False: it has failed. */
bool ad_slot_start_again(struct ad_slot *slot);

/* drive.c: libcurl's callbacks on the transport, and moving bytes. */
int ad_curl_on_timer(CURLM *multi, long timeout_ms, void *context);
int ad_curl_on_socket(CURL *easy, curl_socket_t fd, int what, void *context, void *assigned);
void ad_curl_rearm(struct ad_curl *self);
void ad_curl_signal_due(struct ad_curl *self); /* before control returns to the engine's owner */
/*
 * Detaches the slot from its transfer and returns it to the pool.  An unread message of libcurl about it is discarded.
 */
void ad_curl_detach(struct ad_curl *self, struct ad_slot *slot);
bool ad_curl_drive(struct ad_curl *self);
struct ad_transfer *ad_curl_take(struct ad_curl *self);

/* link.c: measurements of a slot's connection, from the kernel. */
uint64_t ad_slot_sent(const struct ad_slot *slot);        /* body bytes that libcurl has passed to the kernel */
int ad_slot_unacknowledged(const struct ad_slot *slot);   /* bytes that the peer has not acknowledged, -1: unknown */
bool ad_slot_is_acknowledging(const struct ad_slot *slot); /* whether the peer's kernel has sent anything lately */
void ad_slot_look(struct ad_slot *slot);                  /* into its transfer, see ad_transport_ops.look */

/* stall.c: timeouts of a transfer once its request is on a connection. */
void ad_slot_watch(struct ad_slot *slot);       /* the request was put on a connection, first or again */
void ad_slot_time_answer(struct ad_slot *slot); /* part of the response has arrived, or the body has ended */
bool ad_curl_check_times(struct ad_curl *self); /* fails transfers that have timed out; true if any */

/* sockets.c: opens sockets close-on-exec and tracks them; `slot` and `self` are structs ad_slot and ad_curl. */
curl_socket_t ad_curl_on_open(void *context, curlsocktype purpose, struct curl_sockaddr *address);
int ad_curl_socket_close(struct ad_curl *self, int fd);
/* NULL: libcurl opened it by itself.  Valid until the next socket is opened or closed. */
struct ad_curl_socket *ad_curl_socket_of(const struct ad_curl_sockets *sockets, int fd);
void ad_curl_sockets_free(struct ad_curl_sockets *sockets); /* frees the memory; closes none */
void ad_curl_sockets_drop(struct ad_curl *self); /* shuts down unused connections, so that libcurl drops them */
void ad_curl_sockets_abandon(struct ad_curl_sockets *sockets); /* in a forked child: closes this process's copies */
struct ad_curl_socket *ad_curl_socket_between(struct ad_curl_sockets *sockets, int local_port, int peer_port);
bool ad_socket_peer_is_gone(int fd); /* whether it has closed the connection, even with unread data */
bool ad_sockets_are_left(void);      /* whether this process can open a few more */
void ad_slot_set_fd(struct ad_slot *slot, int fd);
void ad_slot_lose_fd(struct ad_slot *slot); /* it is about to be closed, or given to another transfer */

/* watch.c: libcurl's interest in a socket; `events` as for the reactor. */
int32_t ad_curl_watch(struct ad_curl *self, int fd, int events);
int ad_curl_on_close(void *self, curl_socket_t fd);
bool ad_curl_end_rest(struct ad_curl *self, int fd); /* true: no transfer waits for it, and it is no longer watched */
void ad_curl_end_rests(struct ad_curl *self);

/* outcome.c: the outcome in the engine's terms.  Sets net, http_status, sent and error_text of the slot's transfer. */
void ad_slot_conclude(struct ad_slot *slot, CURLcode code);
/* Completes the slot's transfer with this fault: a later `take` returns it. */
void ad_slot_fail(struct ad_slot *slot, enum ad_net fault);

#endif
