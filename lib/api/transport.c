/* SPDX-License-Identifier: MIT */
/*
 * Custom transports: registering callbacks, and attaching a transport to a client.
 */
#include <animaldetect/transport.h>

#include <stdlib.h>

#include "api/factory.h"
#include "api/guard.h"
#include "transport/custom/custom.h"

int32_t animaldetect_transport_new(void *user, animaldetect_release_callback release, animaldetect_transport **out)
{
    animaldetect_transport *transport;

    if (out == NULL)
        return ANIMALDETECT_E_INVALID_ARGUMENT;
    *out = NULL;
    transport = calloc(1, sizeof *transport);
    if (transport == NULL)
        return ANIMALDETECT_E_NO_MEMORY;
    if (pthread_mutex_init(&transport->lock, NULL) != 0) {
        free(transport);
        return ANIMALDETECT_E_NO_MEMORY;
    }
    transport->references = 1;
    transport->user = user;
    transport->release = release;
    ad_list_init(&transport->links);
    *out = transport;
    return ANIMALDETECT_OK;
}

void animaldetect_transport_free(animaldetect_transport *transport)
{
    if (transport != NULL)
        ad_custom_transport_release(transport);
}

/* Locked if it returns ANIMALDETECT_OK. */
static int32_t transport_enter_setup(animaldetect_transport *transport)
{
    if (transport == NULL)
        return ANIMALDETECT_E_INVALID_ARGUMENT;
    pthread_mutex_lock(&transport->lock);
    if (!transport->used)
        return ANIMALDETECT_OK;
    pthread_mutex_unlock(&transport->lock);
    return ANIMALDETECT_E_STATE;
}

static int32_t leave_setup(animaldetect_transport *transport)
{
    pthread_mutex_unlock(&transport->lock);
    return ANIMALDETECT_OK;
}

int32_t animaldetect_transport_set_start(animaldetect_transport *transport,
                                         animaldetect_transport_start_callback callback)
{
    int32_t status = callback == NULL ? ANIMALDETECT_E_INVALID_ARGUMENT : transport_enter_setup(transport);

    if (status != ANIMALDETECT_OK)
        return status;
    transport->start = callback;
    return leave_setup(transport);
}

int32_t animaldetect_transport_set_cancel(animaldetect_transport *transport,
                                          animaldetect_transport_cancel_callback callback)
{
    int32_t status = transport_enter_setup(transport);

    if (status != ANIMALDETECT_OK)
        return status;
    transport->cancel = callback;
    return leave_setup(transport);
}

int32_t animaldetect_transport_set_clock(animaldetect_transport *transport,
                                         animaldetect_transport_clock_callback callback)
{
    int32_t status = transport_enter_setup(transport);

    if (status != ANIMALDETECT_OK)
        return status;
    transport->clock = callback;
    return leave_setup(transport);
}

int32_t animaldetect_transport_set_wall_clock(animaldetect_transport *transport,
                                              animaldetect_transport_clock_callback callback)
{
    int32_t status = transport_enter_setup(transport);

    if (status != ANIMALDETECT_OK)
        return status;
    transport->wall_clock = callback;
    return leave_setup(transport);
}

int32_t animaldetect_transport_set_poll(animaldetect_transport *transport,
                                        animaldetect_transport_poll_callback callback)
{
    int32_t status = transport_enter_setup(transport);

    if (status != ANIMALDETECT_OK)
        return status;
    transport->poll = callback;
    return leave_setup(transport);
}

int32_t animaldetect_transport_set_idle(animaldetect_transport *transport,
                                        animaldetect_transport_idle_callback callback)
{
    int32_t status = transport_enter_setup(transport);

    if (status != ANIMALDETECT_OK)
        return status;
    transport->idle = callback;
    return leave_setup(transport);
}

int32_t animaldetect_transport_set_seed(animaldetect_transport *transport, uint64_t seed)
{
    int32_t status = transport_enter_setup(transport);

    if (status != ANIMALDETECT_OK)
        return status;
    transport->seed = seed;
    return leave_setup(transport);
}

int32_t animaldetect_transport_wake(animaldetect_transport *transport)
{
    if (transport == NULL)
        return ANIMALDETECT_E_INVALID_ARGUMENT;
    pthread_mutex_lock(&transport->lock);
    for (struct ad_list_node *node = transport->links.root.next; node != &transport->links.root; node = node->next)
        ad_custom_signal(AD_OWNER(node, struct ad_custom, node));
    pthread_mutex_unlock(&transport->lock);
    return ANIMALDETECT_OK;
}

int64_t animaldetect_transport_due_ms(const animaldetect_transport *transport)
{
    /* The lock is not part of the const state. */
    pthread_mutex_t *lock = transport == NULL ? NULL : &((animaldetect_transport *)(uintptr_t)transport)->lock;
    const struct ad_list_node *node;
    int64_t due_ms = AD_TIME_NEVER;

    if (lock == NULL)
        return ANIMALDETECT_E_INVALID_ARGUMENT;
    pthread_mutex_lock(lock);
    for (node = transport->links.root.next; node != &transport->links.root; node = node->next) {
        const struct ad_custom *link = AD_OWNER(node, struct ad_custom, node);
        struct ad_reactor *reactor = link->base.reactor;
        int64_t link_ms = reactor->ops->is_signaled(reactor) ? 0 : link->due_ms;

        due_ms = link_ms < due_ms ? link_ms : due_ms;
    }
    pthread_mutex_unlock(lock);
    return due_ms == AD_TIME_NEVER ? -1 : due_ms;
}

static int32_t enter_client(void *context)
{
    animaldetect_client *client = context;

    if (ad_is_forked(client))
        return ANIMALDETECT_E_FORKED;
    if (ad_is_inside(client))
        return ANIMALDETECT_AGAIN;
    ad_lock(client);
    return ANIMALDETECT_OK;
}

static void leave_client(void *context)
{
    ad_unlock(context);
}

/* While the client is being closed its lock is held, and the host's reference still exists. */
static void release_client(void *context)
{
    animaldetect_client *client = context;

    if (!ad_is_forked(client) && ad_is_inside(client))
        client->references--;
    else
        ad_client_release(client);
}

static int32_t make_transport(void *context, const struct ad_config *config, struct ad_transport **out)
{
    animaldetect_client *client = context;
    struct ad_custom_owner owner = {client, enter_client, leave_client, release_client};
    char agent[AD_USER_AGENT_SIZE];
    int32_t status;

    ad_client_user_agent(config, agent);
    status = ad_custom_new(client->host_transport, agent, &owner, out);
    if (status == ANIMALDETECT_OK)
        client->references++;
    return status;
}

static bool is_complete(animaldetect_transport *transport)
{
    bool complete;

    pthread_mutex_lock(&transport->lock);
    complete = transport->start != NULL && (transport->clock == NULL || transport->idle != NULL);
    pthread_mutex_unlock(&transport->lock);
    return complete;
}

int32_t animaldetect_client_set_transport(animaldetect_client *client, animaldetect_transport *transport)
{
    animaldetect_transport *old;
    int32_t status = ad_enter(client);

    if (status != ANIMALDETECT_OK)
        return status;
    if (client->running)
        status =
            ad_client_refuse(client, ANIMALDETECT_E_STATE, "this setting cannot be changed once the client is in use");
    else if (transport != NULL && !is_complete(transport))
        status = ad_client_refuse(client, ANIMALDETECT_E_INVALID_ARGUMENT,
                                  "the transport has no start callback, or a clock but no idle callback");
    if (status != ANIMALDETECT_OK) {
        ad_unlock(client);
        return status;
    }
    old = client->host_transport;
    client->host_transport = transport;
    if (transport != NULL) {
        ad_custom_transport_hold(transport);
        client->factory = make_transport;
        client->factory_context = client;
        client->seed = transport->seed != 0 ? transport->seed : client->seed;
    } else if (old != NULL) {
        client->factory = ad_curl_factory;
        client->factory_context = NULL;
    }
    ad_unlock(client);
    if (old != NULL)
        ad_custom_transport_release(old);
    return ANIMALDETECT_OK;
}
