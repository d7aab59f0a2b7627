/* SPDX-License-Identifier: MIT */
/*
 * The last error message of a client, for tests with one thread.
 */
#ifndef TESTS_KIT_MESSAGE_H
#define TESTS_KIT_MESSAGE_H

#include <animaldetect/client.h>

/* Valid until the next call. */
static inline const char *message_of(animaldetect_client *client)
{
    static _Thread_local char line[256];

    (void)animaldetect_client_copy_message(client, line, sizeof line);
    return line;
}

#endif
