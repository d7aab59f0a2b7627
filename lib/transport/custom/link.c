/* SPDX-License-Identifier: MIT */
/*
 * The lifetimes of a host's transport and of each client's link to it, see custom.h.
 */
#include <stdlib.h>

#include "transport/custom/custom.h"

void ad_custom_transport_hold(animaldetect_transport *transport)
{
    pthread_mutex_lock(&transport->lock);
    transport->references++;
    transport->used = true;
    pthread_mutex_unlock(&transport->lock);
}

void ad_custom_transport_release(animaldetect_transport *transport)
{
    bool last;

    pthread_mutex_lock(&transport->lock);
    last = --transport->references == 0;
    pthread_mutex_unlock(&transport->lock);
    if (!last)
        return;
    if (transport->release != NULL)
        transport->release(transport->user);
    pthread_mutex_destroy(&transport->lock);
    free(transport);
}

void ad_custom_link_release(struct ad_custom *link)
{
    animaldetect_transport *host = link->transport;
    bool last;

    pthread_mutex_lock(&host->lock);
    last = --link->references == 0;
    pthread_mutex_unlock(&host->lock);
    if (!last)
        return;
    link->owner.release(link->owner.context);
    free(link->user_agent);
    free(link);
    ad_custom_transport_release(host);
}

void ad_custom_signal(struct ad_custom *link)
{
    link->base.reactor->ops->signal(link->base.reactor);
}
