/* SPDX-License-Identifier: MIT */
/*
 * Recognizes the expiry errors of Google (ExpiredToken), Amazon (AccessDenied, "Request has expired") and Azure
 * (AuthenticationFailed, "not valid in the specified time frame"), and parses expiry times.
 */
#include "protocol/expiry.h"

#include <string.h>

#include "base/date.h"
#include "base/text.h"

static int two(const char *at)
{
    return (at[0] - '0') * 10 + (at[1] - '0');
}

/* Whether `text` has this shape: 0 stands for any digit, any other byte for itself. */
static bool has_shape(const char *text, const char *shape)
{
    for (; *shape != '\0'; shape++, text++) {
        if (*shape == '0' ? *text < '0' || *text > '9' : (*text | 0x20) != (*shape | 0x20))
            return false;
    }
    return true;
}

/* "Z", "+02:00", "-0530"; seconds east of Greenwich. */
static bool read_offset(const char *text, int64_t *out)
{
    bool colon = has_shape(text + (*text != '\0'), "00:00");
    size_t length = colon ? 6 : 5;

    *out = 0;
    if ((*text | 0x20) == 'z')
        return text[1] == '\0';
    if ((*text != '+' && *text != '-') || (!colon && !has_shape(text + 1, "0000")) || text[length] != '\0')
        return false;
    *out = two(text + 1) * INT64_C(3600) + two(text + length - 2) * INT64_C(60);
    if (*text == '-')
        *out = -*out;
    return true;
}

int64_t ad_expiry_read(const char *text)
{
    struct ad_date date;
    const char *rest;
    int64_t offset;
    int64_t seconds;

    if (text == NULL || !has_shape(text, "0000-00-00T00:00:00"))
        return -1;
    rest = text + 19;
    if (*rest == '.')
        rest += 1 + strspn(rest + 1, "0123456789");
    if (!read_offset(rest, &offset))
        return -1;
    date = (struct ad_date){.year = two(text) * 100 + two(text + 2),
                            .month = two(text + 5),
                            .day = two(text + 8),
                            .hour = two(text + 11),
                            .minute = two(text + 14),
                            .second = two(text + 17)};
    seconds = ad_date_to_seconds(&date);
    return seconds < 0 ? -1 : seconds - offset;
}

static bool speaks_of_time(const char *text)
{
    return ad_text_has_nocase(text, "expire") || ad_text_has_nocase(text, "time frame");
}

bool ad_expiry_is_why(const struct ad_service_error *error)
{
    static const char *const REFUSALS[] = {"", "AccessDenied", "AuthenticationFailed"};

    if (error == NULL)
        return false;
    if (ad_text_equal_nocase(error->code, "ExpiredToken"))
        return true;
    for (size_t i = 0; i < sizeof REFUSALS / sizeof REFUSALS[0]; i++)
        if (ad_text_equal_nocase(error->code, REFUSALS[i]))
            return speaks_of_time(error->message) || speaks_of_time(error->detail);
    return false;
}
