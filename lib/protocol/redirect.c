/* SPDX-License-Identifier: MIT */
/*
 * The rules of redirect.h.  The caller says which URLs are trusted; nothing is resolved or sent here.
 */
#include "protocol/redirect.h"

#include <string.h>

#include <animaldetect/types.h>

#include "base/text.h"

#define MAX_LOCATION 8192 /* maximum size of a URL, see base/origin.h */

void ad_location_init(struct ad_location *location)
{
    ad_buf_init(&location->text, MAX_LOCATION);
    location->status = ANIMALDETECT_OK;
}

void ad_location_header(struct ad_location *location, const char *name, size_t name_size, const char *value,
                        size_t value_size)
{
    static const char own[] = "location";

    if (name_size != sizeof own - 1 || !ad_text_same_nocase(name, own, name_size))
        return;
    if (location->text.size > 0 || location->status != ANIMALDETECT_OK || value_size == 0)
        return;
    if (memchr(value, '\0', value_size) != NULL)
        location->status = ANIMALDETECT_E_INVALID_ARGUMENT;
    else
        location->status = ad_buf_add(&location->text, value, value_size);
}

void ad_location_free(struct ad_location *location)
{
    ad_buf_free(&location->text);
    location->status = ANIMALDETECT_OK;
}

bool ad_redirect_is_one(int32_t http_status)
{
    switch (http_status) {
    case 301:
    case 302:
    case 303:
    case 307:
    case 308:
        return true;
    default:
        return false;
    }
}

bool ad_redirect_is_for_good(int32_t http_status)
{
    return http_status == 301 || http_status == 308;
}

enum ad_redirect_action ad_redirect_decide(const struct ad_redirected *asked, const char **why)
{
    *why = "";
    if (asked->storage) {
        *why = "; redirects of the storage are not followed";
        return AD_REDIRECT_REFUSE;
    }
    if (asked->foreign) {
        *why = "; only one redirect away from the service is followed";
        return AD_REDIRECT_REFUSE;
    }
    if (asked->hops >= AD_REDIRECT_HOPS) {
        *why = "; at most 3 redirects are followed";
        return AD_REDIRECT_REFUSE;
    }
    if (asked->trusted == ANIMALDETECT_OK)
        return AD_REDIRECT_FOLLOW;
    if (asked->result && asked->trusted == ANIMALDETECT_E_UNTRUSTED_URL && asked->open == ANIMALDETECT_OK)
        return AD_REDIRECT_LEAVE;
    *why = asked->open == ANIMALDETECT_E_INSECURE_URL ? ", which is plain http" : ", which is not a trusted origin";
    return AD_REDIRECT_REFUSE;
}

size_t ad_redirect_behind(const char *base_url, const char *url)
{
    size_t size = strlen(base_url);

    return strncmp(url, base_url, size) == 0 && url[size] == '/' ? strlen(url + size) : 0;
}

size_t ad_redirect_keeps(const char *url, size_t behind, const char *target)
{
    const char *authority = strstr(target, "://");
    size_t size = strlen(target);
    size_t least = authority == NULL ? size : (size_t)(authority - target) + 3 + strcspn(authority + 3, "/?#");

    if (behind == 0 || size < behind || size - behind < least || strchr(target, '?') != NULL)
        return 0;
    return strcmp(url + strlen(url) - behind, target + size - behind) == 0 ? behind : 0;
}
