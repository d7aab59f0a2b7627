/* SPDX-License-Identifier: MIT */
/*
 * Records which options libcurl has rejected, and what that means.
 */
#include "transport/curl/setting.h"

#include <stdio.h>

#include "animaldetect/types.h"
#include "transport/curl/curl.h"

bool ad_code_means_absent(CURLcode code)
{
    return code == CURLE_UNKNOWN_OPTION || code == CURLE_NOT_BUILT_IN || code == CURLE_UNSUPPORTED_PROTOCOL;
}

bool ad_refusal_need(struct ad_refusal *refusal, CURLcode code, const char *what)
{
    if (code != CURLE_OK && refusal->code == CURLE_OK)
        *refusal = (struct ad_refusal){code, what};
    return code == CURLE_OK;
}

bool ad_refusal_wish(struct ad_refusal *refusal, CURLcode code, const char *what)
{
    return ad_code_means_absent(code) ? false : ad_refusal_need(refusal, code, what);
}

int32_t ad_refusal_status(const struct ad_refusal *refusal)
{
    if (refusal->code == CURLE_OK)
        return ANIMALDETECT_OK;
    if (refusal->code == CURLE_OUT_OF_MEMORY)
        return ANIMALDETECT_E_NO_MEMORY;
    return ad_code_means_absent(refusal->code) ? ANIMALDETECT_E_UNSUPPORTED : ANIMALDETECT_E_SYSTEM;
}

void ad_refusal_describe(const struct ad_refusal *refusal, char *out, size_t size)
{
    out[0] = '\0';
    if (ad_code_means_absent(refusal->code))
        (void)snprintf(out, size, "libcurl %s with TLS library %s does not have %s", ad_curl_version(), ad_curl_tls(),
                       refusal->what);
    else if (refusal->code != CURLE_OUT_OF_MEMORY)
        (void)snprintf(out, size, "libcurl rejected %s: %s", refusal->what, curl_easy_strerror(refusal->code));
}
