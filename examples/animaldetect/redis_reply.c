/* SPDX-License-Identifier: MIT */
/*
 * Arguments of calls to Redis, and reading its replies.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "redis_link.h"

void arguments_add(struct arguments *arguments, const char *text, size_t size)
{
    if (arguments->count == ARGUMENTS_MAX)
        return;
    arguments->texts[arguments->count] = text;
    arguments->sizes[arguments->count++] = size;
}

void arguments_add_text(struct arguments *arguments, const char *text)
{
    arguments_add(arguments, text, strlen(text));
}

void arguments_add_number(struct arguments *arguments, int64_t number)
{
    char *digits = arguments->digits[arguments->numbers % NUMBERS_MAX];

    if (arguments->numbers++ < NUMBERS_MAX)
        arguments_add(arguments, digits,
                      (size_t)snprintf(digits, sizeof arguments->digits[0], "%lld", (long long)number));
}

const redisReply *reply_at(const redisReply *reply, size_t index)
{
    return reply != NULL && reply->type == REDIS_REPLY_ARRAY && index < reply->elements ? reply->element[index] : NULL;
}

bool reply_is(const redisReply *reply, const char *text)
{
    return reply != NULL && (reply->type == REDIS_REPLY_STRING || reply->type == REDIS_REPLY_STATUS) &&
           strcmp(reply->str, text) == 0;
}

int64_t reply_number(const redisReply *reply)
{
    if (reply != NULL && reply->type == REDIS_REPLY_INTEGER)
        return reply->integer;
    return reply != NULL && reply->type == REDIS_REPLY_STRING ? strtoll(reply->str, NULL, 10) : 0;
}

const char *reply_info(const char *info, const char *name, char out[64])
{
    size_t length = strlen(name);

    *out = '\0';
    for (const char *at = info; (at = strstr(at, name)) != NULL; at += length) {
        if ((at == info || at[-1] == '\n') && at[length] == ':') {
            (void)snprintf(out, 64, "%.*s", (int)strcspn(at + length + 1, "\r\n"), at + length + 1);
            break;
        }
    }
    return out;
}
