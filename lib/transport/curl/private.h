/* SPDX-License-Identifier: MIT */
/*
 * What the files of the libcurl transport share: the transport and its slots.  A slot is one easy handle with all that
 * must live as long as a transfer on it.  Slots are pooled; their easy handles keep the options that never change, and
 * every option that does change is set for each transfer, so nothing of the last one can be left behind.
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

/* A socket of a connection, which libcurl has open. */
struct ad_curl_socket {
    int fd;
    int local_port; /* 0: not known yet */
    int peer_port;  /* likewise */
    int events;     /* what the reactor watches it for */
    bool resting;   /* no transfer needs that for now, see watch.c */
    uint64_t received;  /* bytes that have come up to the end of the last transfer */
    unsigned transfers; /* so far */
};

struct ad_curl_sockets {
    struct ad_curl_socket *open;
    size_t count;
    size_t capacity;
    size_t resting;
    uint32_t *places; /* by descriptor: its place in `open` plus 1, 0: it is not there */
    size_t places_size;
};

/* The answer as it comes in. */
struct ad_slot_answer {
    int32_t status;      /* of the newest status line, 0 before the first */
    bool complete;       /* the final answer's header section has ended: what comes now are trailers */
    size_t header_bytes; /* of all header sections so far */
    uint64_t body_bytes;
};

/* What had moved when a transfer was checked. */
struct ad_slot_mark {
    uint64_t sent;
    uint64_t received;
    int waiting; /* sent and not acknowledged by the peer, -1: unknown */
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
    bool stale;        /* the kept connection that libcurl chose was closed: nothing was sent */
    bool takes_proxies;     /* this libcurl has proxies */
    bool asks_before_issue; /* this libcurl asks before it sends a request, see issue.c */
    bool body_rewound; /* the source stands where `body_given` says */
    uint64_t body_given;
    struct curl_slist headers[AD_TRANSFER_MAX_HEADERS + AD_SLOT_EXTRA_HEADERS];
    char *header_text; /* what `headers` point into; holds the key while a transfer runs, wiped at its end */
    size_t header_text_size;
    size_t header_text_used;
    struct ad_coding coding; /* of the answer, which nobody asked for */
    int fd;                  /* what libcurl watches for it, -1: nothing */
    uint64_t fd_received;    /* bytes that had come on `fd` before this transfer */
    uint64_t unseen;         /* bytes that libcurl took in for an unfinished header section and did not hand on */
    bool fd_opened;          /* `fd` is to be a new one: nothing has come on it */
    unsigned settings_seen;  /* number of the settings that the easy handle has */
    unsigned network;        /* number of the network that this transfer began on */
    bool lookup;             /* the easy handle looks up names anew */
    bool forbidden;          /* its connection is not to be kept */
    bool no_descriptor;      /* the last socket could not be opened: no descriptor was left */
    struct ad_heap_node check; /* in `checks` while the request is on a connection */
    struct ad_slot_mark mark; /* at the last check */
    int64_t moved_ms;         /* when something had moved (ad_time_awake_ms) */
    int64_t answer_by_ms;     /* when the answer must be complete */
    char error[CURL_ERROR_SIZE];
    char words[128]; /* of this transport, before libcurl's */
};

struct ad_curl {
    struct ad_transport base;
    CURLM *multi;
    int64_t curl_ms;   /* when libcurl wants to be called, AD_TIME_NEVER: not */
    int64_t engine_ms; /* when the engine wants to be driven */
    bool raises_sigpipe; /* this libcurl may */
    bool driving;      /* the reactor's deadline is set later: by `arm` */
    struct ad_list active;
    struct ad_list idle;
    struct ad_heap checks; /* slots on the wire, by when they are to be checked (ad_time_awake_ms) */
    int64_t slice_end_ms;  /* when this drive has taken long enough */
    struct ad_list doomed; /* ended by us, not by libcurl; not taken yet */
    struct ad_curl_sockets sockets;
    size_t max_connections;
    char *user_agent;
    char *proxy; /* may hold a password: wiped */
    struct ad_trust *trust;
    unsigned long spellings; /* counts the names of the files in it */
    CURLSH *sessions;        /* of TLS, for all easy handles; NULL: this libcurl has no TLS */
    const struct ad_environment *environment; /* for proxy NULL; NULL: names none */
    unsigned settings;           /* counts their changes */
    unsigned network;            /* counts changes of the network */
    size_t strays;               /* active slots that began on an earlier network */
    int64_t lookup_until_ms;     /* until then names that libcurl remembers may be of the old network */
};

/* settings.c: what may change while transfers are under way. */
AD_CHECKED int32_t ad_curl_configure(struct ad_curl *self, const struct ad_transport_settings *settings);
void ad_curl_forget_settings(struct ad_curl *self); /* frees them */
void ad_curl_free_old_trust(struct ad_curl *self);  /* no transfer is active */
void ad_curl_check_trust(struct ad_curl *self);     /* have the certificates changed where they lie? */
void ad_curl_change_network(struct ad_curl *self);

/* slot.c: the pool.  NULL when an easy handle could not be made or an option was refused. */
struct ad_slot *ad_slot_take(struct ad_curl *self, struct ad_refusal *refusal);
/* Wipes what the transfer left and puts the slot back; its easy handle is in no multi any more. */
void ad_slot_release(struct ad_slot *slot);
/* `forked`: libcurl's part is left where it is, since freeing it may write to sockets that the parent uses. */
void ad_slot_free(struct ad_slot *slot, bool forked);

/* options.c: what every transfer has in common, then what one needs. */
void ad_slot_set_common(struct ad_slot *slot, struct ad_refusal *refusal);
void ad_slot_set_settings(struct ad_slot *slot, struct ad_refusal *refusal);
void ad_slot_set_transfer(struct ad_slot *slot, struct ad_refusal *refusal);

/* headers.c: the request's header list in the slot's own memory.  NULL when memory runs out. */
struct curl_slist *ad_slot_headers(struct ad_slot *slot);
void ad_slot_wipe_headers(struct ad_slot *slot);

/* callbacks.c: libcurl's callbacks on a slot. */
size_t ad_slot_on_header(char *line, size_t size, size_t count, void *context);
size_t ad_slot_on_body(char *bytes, size_t size, size_t count, void *context);
size_t ad_slot_on_read(char *buffer, size_t size, size_t count, void *context);
int ad_slot_on_seek(void *context, curl_off_t offset, int origin);

/* issue.c: a request goes out on a connection. */
int ad_slot_on_issue(void *context, char *peer, char *local, int peer_port, int local_port);
int ad_slot_on_debug(CURL *easy, curl_infotype kind, char *bytes, size_t size, void *context);
/* A stale transfer, on a new connection.  False: it has failed. */
bool ad_slot_start_again(struct ad_slot *slot);

/* drive.c: libcurl's callbacks on the transport, and moving bytes. */
int ad_curl_on_timer(CURLM *multi, long timeout_ms, void *context);
int ad_curl_on_socket(CURL *easy, curl_socket_t fd, int what, void *context, void *assigned);
void ad_curl_rearm(struct ad_curl *self);
void ad_curl_signal_due(struct ad_curl *self); /* where control goes back to the engine's owner */
/* Takes the slot off its transfer and back into the pool.  A message of libcurl's that was not read yet goes with it.
 */
void ad_curl_detach(struct ad_curl *self, struct ad_slot *slot);
bool ad_curl_drive(struct ad_curl *self);
struct ad_transfer *ad_curl_take(struct ad_curl *self);

/* link.c: what the kernel knows of a slot's connection. */
uint64_t ad_slot_sent(const struct ad_slot *slot);        /* bytes of the body that libcurl has handed to it */
int ad_slot_unacknowledged(const struct ad_slot *slot);   /* bytes that the peer has not acknowledged, -1: unknown */
bool ad_slot_is_acknowledging(const struct ad_slot *slot); /* has something come from the peer's kernel lately? */
void ad_slot_look(struct ad_slot *slot);                  /* into its transfer, see ad_transport_ops.look */

/* stall.c: the times of a transfer after its request was put on a connection. */
void ad_slot_watch(struct ad_slot *slot);       /* that has happened, for the first time or again */
void ad_slot_time_answer(struct ad_slot *slot); /* a part of the answer, or the body's end, has come */
bool ad_curl_check_times(struct ad_curl *self); /* fails what is over its time; true when any was */

/* sockets.c: opens sockets close-on-exec and keeps count of them; `slot`, `self` are structs ad_slot, ad_curl. */
curl_socket_t ad_curl_on_open(void *context, curlsocktype purpose, struct curl_sockaddr *address);
int ad_curl_socket_close(struct ad_curl *self, int fd);
/* NULL: libcurl has opened it by itself.  Valid until the next socket is opened or closed. */
struct ad_curl_socket *ad_curl_socket_of(const struct ad_curl_sockets *sockets, int fd);
void ad_curl_sockets_free(struct ad_curl_sockets *sockets); /* the memory; none is closed */
void ad_curl_sockets_drop(struct ad_curl *self); /* connections that no transfer uses: libcurl finds them closed */
void ad_curl_sockets_abandon(struct ad_curl_sockets *sockets); /* in a forked child: closes this process's copies */
struct ad_curl_socket *ad_curl_socket_between(struct ad_curl_sockets *sockets, int local_port, int peer_port);
bool ad_socket_peer_is_gone(int fd);      /* has it closed the connection, whether or not it said something before? */
bool ad_sockets_are_left(void);           /* can this process open a few more? */
void ad_slot_set_fd(struct ad_slot *slot, int fd);
void ad_slot_lose_fd(struct ad_slot *slot); /* it is about to be closed, or given to another transfer */

/* watch.c: what libcurl wants to be told of a socket; `events` as for the reactor. */
int32_t ad_curl_watch(struct ad_curl *self, int fd, int events);
int ad_curl_on_close(void *self, curl_socket_t fd);
bool ad_curl_end_rest(struct ad_curl *self, int fd); /* true: no transfer waits for it, and it is watched no more */
void ad_curl_end_rests(struct ad_curl *self);

/* outcome.c: how it ended, in the engine's words.  Sets net, http_status, sent and error_text of the slot's
 * transfer. */
void ad_slot_conclude(struct ad_slot *slot, CURLcode code);
/* The slot's transfer has completed, with this fault: a `take` will hand it out. */
void ad_slot_fail(struct ad_slot *slot, enum ad_net fault);

#endif
