/* SPDX-License-Identifier: MIT */
/*
 * The transport over libcurl: its lifetime, and the engine's vtable over a multi handle and a reactor.  The multi
 * handle keeps the connections, the pool of slots the easy handles.  Must never undo the process-wide initialization:
 * the host may use libcurl too.
 */
#include "transport/curl/curl.h"

#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "animaldetect/types.h"
#include "base/secret.h"
#include "base/time.h"
#include "transport/curl/private.h"
#include "transport/curl/sigpipe.h"

static struct ad_curl *curl_of(struct ad_transport *transport)
{
    return (struct ad_curl *)(void *)transport;
}

static int64_t curl_now_ms(struct ad_transport *transport)
{
    (void)transport;
    return ad_time_now_ms();
}

static int64_t curl_wall_s(struct ad_transport *transport)
{
    (void)transport;
    return ad_time_wall_s();
}

static void slot_begin(struct ad_slot *slot, struct ad_transfer *transfer)
{
    ad_transfer_begin(transfer);
    slot->transfer = transfer;
    slot->fault = AD_NET_OK;
    slot->issued = false;
    slot->stale = false;
    slot->answer = (struct ad_slot_answer){0};
    slot->body_rewound = false;
    slot->body_given = 0;
    slot->coding = (struct ad_coding){.kind = AD_CODING_NONE};
    slot->network = slot->owner->network;
    slot->fd = -1;
    slot->fd_received = 0;
    slot->unseen = 0;
    slot->fd_opened = false;
    slot->no_descriptor = false;
    slot->answer_by_ms = AD_TIME_NEVER;
    slot->words[0] = '\0';
}

static int32_t add_handle(struct ad_curl *self, struct ad_slot *slot)
{
    CURLMcode code = curl_multi_add_handle(self->multi, slot->easy);

    if (code == CURLM_OK)
        return ANIMALDETECT_OK;
    (void)snprintf(slot->transfer->error_text, sizeof slot->transfer->error_text, "libcurl rejected a transfer: %s",
                   curl_multi_strerror(code));
    return code == CURLM_OUT_OF_MEMORY ? ANIMALDETECT_E_NO_MEMORY : ANIMALDETECT_E_SYSTEM;
}

static int32_t start(struct ad_curl *self, struct ad_transfer *transfer)
{
    struct ad_refusal refusal = {.code = CURLE_OK};
    struct ad_slot *slot;
    int32_t status;

    ad_curl_check_trust(self);
    slot = ad_slot_take(self, &refusal);
    if (slot == NULL) {
        (void)ad_refusal_need(&refusal, CURLE_OUT_OF_MEMORY, ""); /* unless the reason is known */
        ad_refusal_describe(&refusal, transfer->error_text, sizeof transfer->error_text);
        return ad_refusal_status(&refusal);
    }
    slot_begin(slot, transfer);
    status = ad_heap_reserve(&self->checks, self->active.count);
    if (status == ANIMALDETECT_OK) {
        ad_slot_set_transfer(slot, &refusal);
        status = ad_refusal_status(&refusal);
    }
    if (status == ANIMALDETECT_OK)
        status = add_handle(self, slot);
    if (status == ANIMALDETECT_OK)
        transfer->slot = slot;
    else
        ad_slot_release(slot);
    if (refusal.code != CURLE_OK)
        ad_refusal_describe(&refusal, transfer->error_text, sizeof transfer->error_text);
    return status;
}

static int32_t curl_start(struct ad_transport *transport, struct ad_transfer *transfer)
{
    struct ad_curl *self = curl_of(transport);
    struct ad_sigpipe sigpipe = ad_sigpipe_block(self->raises_sigpipe);
    int32_t status;

    self->driving = true;
    status = start(self, transfer);
    self->driving = false;
    ad_sigpipe_restore(&sigpipe);
    return status;
}

static void curl_abort(struct ad_transport *transport, struct ad_transfer *transfer)
{
    struct ad_curl *self = curl_of(transport);
    struct ad_slot *slot = transfer->slot;
    struct ad_sigpipe sigpipe;

    if (slot == NULL)
        return;
    sigpipe = ad_sigpipe_block(self->raises_sigpipe);
    ad_curl_detach(self, slot);
    ad_sigpipe_restore(&sigpipe);
}

static void curl_look(struct ad_transport *transport, struct ad_transfer *transfer)
{
    (void)transport;
    if (transfer->slot != NULL)
        ad_slot_look(transfer->slot);
}

static bool curl_drive(struct ad_transport *transport)
{
    struct ad_curl *self = curl_of(transport);
    struct ad_sigpipe sigpipe = ad_sigpipe_block(self->raises_sigpipe);
    bool more = ad_curl_drive(self);

    ad_sigpipe_restore(&sigpipe);
    return more;
}

static struct ad_transfer *curl_take(struct ad_transport *transport)
{
    struct ad_curl *self = curl_of(transport);
    struct ad_sigpipe sigpipe = ad_sigpipe_block(self->raises_sigpipe);
    struct ad_transfer *transfer = ad_curl_take(self);

    ad_sigpipe_restore(&sigpipe);
    return transfer;
}

static void curl_arm(struct ad_transport *transport, int64_t deadline_ms)
{
    struct ad_curl *self = curl_of(transport);

    self->engine_ms = deadline_ms;
    ad_curl_rearm(self);
    ad_curl_signal_due(self);
}

static void free_slots(struct ad_list *list, bool forked)
{
    struct ad_list_node *node;

    while ((node = ad_list_first(list)) != NULL) {
        ad_list_remove(list, node);
        ad_slot_free(AD_OWNER(node, struct ad_slot, node), forked);
    }
}

/*
 * In a forked child libcurl's handles are leaked: cleaning them up could send close messages on TLS connections that
 * the parent still uses, and would wait for resolver threads that do not exist here.
 */
static void curl_close(struct ad_transport *transport, bool forked)
{
    struct ad_curl *self = curl_of(transport);
    struct ad_sigpipe sigpipe = ad_sigpipe_block(self->raises_sigpipe);

    ad_heap_free(&self->checks); /* its nodes are in the slots */
    free_slots(&self->active, forked);
    free_slots(&self->idle, forked);
    if (forked)
        ad_curl_sockets_abandon(&self->sockets);
    else if (self->multi != NULL)
        (void)curl_multi_cleanup(self->multi);
    if (!forked && self->sessions != NULL)
        (void)curl_share_cleanup(self->sessions);
    ad_sigpipe_restore(&sigpipe);
    if (transport->reactor != NULL)
        transport->reactor->ops->close(transport->reactor);
    ad_curl_sockets_free(&self->sockets);
    free(self->user_agent);
    ad_curl_forget_settings(self);
    free(self);
}

static int32_t curl_configure(struct ad_transport *transport, const struct ad_transport_settings *settings)
{
    struct ad_curl *self = curl_of(transport);
    struct ad_sigpipe sigpipe = ad_sigpipe_block(self->raises_sigpipe);
    int32_t status = ad_curl_configure(self, settings);

    ad_sigpipe_restore(&sigpipe);
    return status;
}

static void curl_network_changed(struct ad_transport *transport)
{
    ad_curl_change_network(curl_of(transport));
}

static const struct ad_transport_ops curl_ops = {
    .now_ms = curl_now_ms,
    .wall_s = curl_wall_s,
    .start = curl_start,
    .abort = curl_abort,
    .drive = curl_drive,
    .take = curl_take,
    .look = curl_look,
    .arm = curl_arm,
    .configure = curl_configure,
    .network_changed = curl_network_changed,
    .close = curl_close,
};

static int32_t copy_config(struct ad_curl *self, const struct ad_curl_config *config)
{
    self->user_agent = config->user_agent == NULL ? NULL : strdup(config->user_agent);
    if (config->user_agent != NULL && self->user_agent == NULL)
        return ANIMALDETECT_E_NO_MEMORY;
    return ad_curl_configure(self, &config->settings);
}

static int32_t open_multi(struct ad_curl *self)
{
    long connections = (long)self->max_connections;
    CURLM *multi = curl_multi_init();

    if (multi == NULL)
        return ANIMALDETECT_E_NO_MEMORY;
    self->multi = multi;
    if (curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, ad_curl_on_socket) != CURLM_OK ||
        curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, self) != CURLM_OK ||
        curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, ad_curl_on_timer) != CURLM_OK ||
        curl_multi_setopt(multi, CURLMOPT_TIMERDATA, self) != CURLM_OK)
        return ANIMALDETECT_E_UNSUPPORTED;
    /* Failure is fine: multiplexing is a default, and the engine bounds the requests. */
    (void)curl_multi_setopt(multi, CURLMOPT_PIPELINING, (long)CURLPIPE_MULTIPLEX);
    (void)curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, connections);
    (void)curl_multi_setopt(multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, connections);
#if LIBCURL_VERSION_NUM >= 0x081400
    /* Like CURLOPT_QUICK_EXIT: closing does not wait for a name lookup that hangs. */
    (void)curl_multi_setopt(multi, CURLMOPT_QUICK_EXIT, 1L);
#endif
    return ANIMALDETECT_OK;
}

/*
 * Before 8.12 libcurl keeps TLS sessions with each easy handle: a connection opened by another one would need a full
 * handshake.  All handles are used under the client's lock, so the share needs none.
 */
static int32_t open_sessions(struct ad_curl *self)
{
    CURLSHcode code;

    self->sessions = curl_share_init();
    if (self->sessions == NULL)
        return ANIMALDETECT_E_NO_MEMORY;
    code = curl_share_setopt(self->sessions, CURLSHOPT_SHARE, CURL_LOCK_DATA_SSL_SESSION);
    if (code == CURLSHE_OK)
        return ANIMALDETECT_OK;
    (void)curl_share_cleanup(self->sessions);
    self->sessions = NULL;
    return code == CURLSHE_NOMEM ? ANIMALDETECT_E_NO_MEMORY : ANIMALDETECT_OK;
}

int32_t ad_curl_process_init(void)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static bool ready; /* a failure, such as out of memory, is retried by the next client */
    int32_t status;

    pthread_mutex_lock(&lock);
    ready = ready || (curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK && sodium_init() >= 0);
    status = ready ? ANIMALDETECT_OK : ANIMALDETECT_E_SYSTEM;
    pthread_mutex_unlock(&lock);
    return status;
}

int32_t ad_curl_transport_new(const struct ad_curl_config *config, struct ad_transport **out)
{
    struct ad_curl *self = NULL;
    int32_t status = ad_curl_process_init();

    if (status != ANIMALDETECT_OK)
        return status;
    self = calloc(1, sizeof *self);
    if (self == NULL)
        return ANIMALDETECT_E_NO_MEMORY;
    self->base.ops = &curl_ops;
    self->curl_ms = AD_TIME_NEVER;
    self->engine_ms = AD_TIME_NEVER;
    self->raises_sigpipe = ad_curl_raises_sigpipe();
    ad_list_init(&self->active);
    ad_list_init(&self->idle);
    ad_list_init(&self->doomed);
    ad_heap_init(&self->checks);
    self->environment = config->environment;
    status = copy_config(self, config);
    if (status == ANIMALDETECT_OK)
        status = config->new_reactor == NULL ? ad_reactor_new(&self->base.reactor)
                                             : config->new_reactor(&self->base.reactor);
    if (status == ANIMALDETECT_OK)
        status = open_multi(self);
    if (status == ANIMALDETECT_OK)
        status = open_sessions(self);
    if (status == ANIMALDETECT_OK)
        *out = &self->base;
    else
        curl_close(&self->base, false);
    return status;
}
