/* SPDX-License-Identifier: MIT */
/*
 * Applies settings that may change while transfers are active: proxy, certificates, connections, the network.  A
 * transfer on the wire keeps its settings.
 */
#include <stdlib.h>
#include <string.h>

#include "animaldetect/types.h"
#include "base/secret.h"
#include "base/time.h"
#include "transport/curl/private.h"

#define NAMES_KEPT_MS 60000 /* how long libcurl caches an address, see CURLOPT_DNS_CACHE_TIMEOUT */

static bool copy_text(char **out, const char *text)
{
    *out = text == NULL ? NULL : strdup(text);
    return text == NULL || *out != NULL;
}

/* Unchanged certificates keep their connections, but the file of that name may have changed. */
static int32_t renew_trust(struct ad_curl *self, const struct ad_transport_settings *settings, struct ad_trust **out)
{
    *out = NULL;
    if (self->trust == NULL || !ad_trust_is_of(self->trust, settings))
        return ad_trust_new(settings, &self->spellings, out);
    self->trust->checked_ms = 0;
    (void)ad_trust_recheck(self->trust, &self->spellings, ad_time_now_ms());
    return ANIMALDETECT_OK;
}

static void take_trust(struct ad_curl *self, struct ad_trust *trust)
{
    if (trust == NULL)
        return;
    trust->older = self->trust;
    self->trust = trust;
    if (self->active.count == 0)
        ad_curl_free_old_trust(self);
}

static void set_connections(struct ad_curl *self, int32_t count)
{
    self->max_connections = count > 0 ? (size_t)count : 1;
    if (self->multi == NULL)
        return;
    (void)curl_multi_setopt(self->multi, CURLMOPT_MAXCONNECTS, (long)self->max_connections);
    (void)curl_multi_setopt(self->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long)self->max_connections);
}

int32_t ad_curl_configure(struct ad_curl *self, const struct ad_transport_settings *settings)
{
    struct ad_trust *trust = NULL;
    char *proxy = NULL;

    if (!copy_text(&proxy, settings->proxy))
        return ANIMALDETECT_E_NO_MEMORY;
    if (renew_trust(self, settings, &trust) != ANIMALDETECT_OK) {
        ad_secret_wipe_text(proxy);
        return ANIMALDETECT_E_NO_MEMORY;
    }
    ad_secret_wipe_text(self->proxy);
    self->proxy = proxy;
    take_trust(self, trust);
    set_connections(self, settings->max_connections);
    self->settings++;
    return ANIMALDETECT_OK;
}

void ad_curl_check_trust(struct ad_curl *self)
{
    if (ad_trust_recheck(self->trust, &self->spellings, ad_time_now_ms()))
        self->settings++;
}

void ad_curl_free_old_trust(struct ad_curl *self)
{
    ad_trust_free(self->trust->older);
    self->trust->older = NULL;
}

void ad_curl_forget_settings(struct ad_curl *self)
{
    ad_secret_wipe_text(self->proxy);
    ad_trust_free(self->trust);
}

/*
 * libcurl has no call for this before 8.16.  Kept connections are shut down, so that it finds them dead and drops them;
 * those in use are not kept afterwards, and get no new requests.
 */
void ad_curl_change_network(struct ad_curl *self)
{
    self->network++;
    self->strays = self->active.count;
    self->lookup_until_ms = ad_time_now_ms() + NAMES_KEPT_MS;
    for (struct ad_list_node *node = self->active.root.next; node != &self->active.root; node = node->next) {
        struct ad_slot *slot = AD_OWNER(node, struct ad_slot, node);

        slot->forbidden = curl_easy_setopt(slot->easy, CURLOPT_FORBID_REUSE, 1L) == CURLE_OK;
    }
    ad_curl_sockets_drop(self);
}
