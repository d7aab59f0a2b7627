/* SPDX-License-Identifier: MIT */
/*
 * The address of a Redis.
 */
#include "redis_address.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"

#define PREFIX "redis://"
#define DEFAULT_PORT 6379

static int hex_digit(char digit)
{
    const char *digits = "0123456789abcdef";
    const char *at = digit == '\0' ? NULL : strchr(digits, digit | 0x20);

    return at == NULL ? -1 : (int)(at - digits);
}

/* `size` bytes with %XX decoded; false when they do not fit or have a NUL. */
static bool decode(const char *text, size_t size, char *out, size_t room)
{
    size_t used = 0;

    for (size_t i = 0; i < size; i++) {
        char byte = text[i];

        if (byte == '%' && i + 2 < size && hex_digit(text[i + 1]) >= 0 && hex_digit(text[i + 2]) >= 0) {
            byte = (char)(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
            i += 2;
        }
        if (byte == '\0' || used + 1 >= room)
            return false;
        out[used++] = byte;
    }
    out[used] = '\0';
    return true;
}

static bool read_user(const char *text, size_t size, struct address *address)
{
    const char *colon = memchr(text, ':', size);
    size_t user = colon != NULL ? (size_t)(colon - text) : 0;

    /* redis://password@host is of old: a password alone */
    return decode(text, user, address->user, sizeof address->user) &&
           decode(colon != NULL ? colon + 1 : text, colon != NULL ? size - user - 1 : size, address->password,
                  sizeof address->password);
}

static bool read_number(const char *text, size_t size, int least, int most, int *out)
{
    long number = 0;

    if (size == 0 || size > 6)
        return false;
    for (size_t i = 0; i < size; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        number = 10 * number + (text[i] - '0');
    }
    *out = (int)number;
    return number >= least && number <= most;
}

static bool read_host(const char *text, size_t size, struct address *address)
{
    const char *end = text + size;
    const char *close = size > 0 && *text == '[' ? memchr(text, ']', size) : NULL;
    const char *host = close != NULL ? text + 1 : text;
    const char *colon = memchr(close != NULL ? close : text, ':', (size_t)(end - (close != NULL ? close : text)));
    size_t length = (size_t)((close != NULL ? close : colon != NULL ? colon : end) - host);

    if (colon != NULL && !read_number(colon + 1, (size_t)(end - colon) - 1, 1, 65535, &address->port))
        return false;
    return length > 0 && decode(host, length, address->host, sizeof address->host);
}

/* The name is part of keys that others read: what could be taken for a part of the key itself is refused. */
static bool read_name(const char *query, struct address *address)
{
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

    if (query == NULL)
        return true;
    if (strncmp(query, "key=", 4) != 0)
        return false;
    return decode(query + 4, strlen(query + 4), address->name, sizeof address->name) && address->name[0] != '\0' &&
           strspn(address->name, allowed) == strlen(address->name);
}

bool address_read(const char *url, const char *option, struct address *address)
{
    const char *rest = url + strlen(PREFIX);
    const char *query;
    const char *slash;
    const char *at = NULL;
    size_t size;

    *address = (struct address){.port = DEFAULT_PORT, .name = "default"};
    if (strncmp(url, PREFIX, strlen(PREFIX)) != 0)
        goto bad;
    query = strchr(rest, '?');
    size = query != NULL ? (size_t)(query - rest) : strlen(rest);
    slash = memchr(rest, '/', size);
    if (slash != NULL) {
        size_t digits = size - (size_t)(slash - rest) - 1;

        if (digits > 0 && !read_number(slash + 1, digits, 0, 999999, &address->database))
            goto bad;
        size = (size_t)(slash - rest);
    }
    at = memrchr(rest, '@', size);
    if ((at != NULL && !read_user(rest, (size_t)(at - rest), address)) ||
        !read_host(at != NULL ? at + 1 : rest, at != NULL ? size - (size_t)(at - rest) - 1 : size, address) ||
        !read_name(query != NULL ? query + 1 : NULL, address))
        goto bad;
    return true;
bad:
    complain("%s: not an address of the form redis://[user:password@]HOST:PORT/DB?key=NAME; NAME has letters,"
             " digits, \".\", \"_\" and \"-\"",
             option);
    return false;
}
