/* SPDX-License-Identifier: MIT */
/*
 * Reads the environment by libcurl's rules for proxies: an empty variable counts as unset; http_proxy is read in lower
 * case only, since CGI puts a request's Proxy header into HTTP_PROXY; all_proxy applies where no specific variable is
 * set.
 */
#include "base/environment.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <animaldetect/types.h>

#include "base/secret.h"

const char *ad_environment_get(const char *name)
{
    return getenv(name); /* NOLINT(concurrency-mt-unsafe): the functions that get here say so to the host */
}

/* The first of the names that is set, NULL if none.  False: out of memory. */
static bool copy_first(char **out, const char *const names[4])
{
    *out = NULL;
    for (size_t i = 0; i < 4 && names[i] != NULL; i++) {
        const char *value = ad_environment_get(names[i]);

        if (value != NULL && *value != '\0') {
            *out = strdup(value);
            return *out != NULL;
        }
    }
    return true;
}

int32_t ad_environment_copy(struct ad_environment *environment)
{
    static const char *const HTTP[4] = {"http_proxy", "all_proxy", "ALL_PROXY"};
    static const char *const HTTPS[4] = {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"};
    static const char *const NONE[4] = {"no_proxy", "NO_PROXY"};

    *environment = (struct ad_environment){0};
    if (copy_first(&environment->http_proxy, HTTP) && copy_first(&environment->https_proxy, HTTPS) &&
        copy_first(&environment->no_proxy, NONE))
        return ANIMALDETECT_OK;
    ad_environment_free(environment);
    return ANIMALDETECT_E_NO_MEMORY;
}

void ad_environment_free(struct ad_environment *environment)
{
    ad_secret_wipe_text(environment->http_proxy);
    ad_secret_wipe_text(environment->https_proxy);
    free(environment->no_proxy);
    *environment = (struct ad_environment){0};
}
