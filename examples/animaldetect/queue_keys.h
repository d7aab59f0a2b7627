/* SPDX-License-Identifier: MIT */
/*
 * The keys of a queue in Redis, and the scripts that change them: nothing else does.
 */
#ifndef TOOL_QUEUE_KEYS_H
#define TOOL_QUEUE_KEYS_H

#include "redis_link.h"

enum queue_key { KEY_W0, KEY_W1, KEY_RES, KEY_DEAD, KEY_ENQ, KEY_LOCK, QUEUE_KEYS };

enum queue_script {
    SCRIPT_BEAT,
    SCRIPT_CLAIM,
    SCRIPT_COLLECTED,
    SCRIPT_ENQUEUE,
    SCRIPT_FAIL,
    SCRIPT_FINISH,
    SCRIPT_GATHER,
    SCRIPT_LEAVE,
    SCRIPT_LOCK,
    SCRIPT_RELEASE,
    SCRIPT_RESTARTED,
    SCRIPT_TAKE,
    QUEUE_SCRIPTS
};

extern const struct link_plan queue_plan;

#endif
