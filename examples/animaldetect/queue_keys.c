/* SPDX-License-Identifier: MIT */
/*
 * Keys and scripts of a queue.
 */
#include "queue_keys.h"

#include "queue_scripts.h"

const struct link_plan queue_plan = {
    .option = "--queue",
    .name = "the queue",
    .prefix = "ad:q",
    .keys = {[KEY_W0] = "w0",
             [KEY_W1] = "w1",
             [KEY_RES] = "res",
             [KEY_DEAD] = "dead",
             [KEY_ENQ] = "enq",
             [KEY_LOCK] = "lock"},
    .scripts =
        {
            [SCRIPT_BEAT] = {script_beat, {LINK_GIVEN, LINK_END}},
            [SCRIPT_CLAIM] = {script_claim, {LINK_GIVEN, KEY_RES, KEY_DEAD, KEY_ENQ, LINK_END}},
            [SCRIPT_COLLECTED] = {script_collected, {KEY_RES, KEY_LOCK, LINK_END}},
            [SCRIPT_ENQUEUE] = {script_enqueue, {LINK_GIVEN, KEY_ENQ, LINK_END}},
            [SCRIPT_FAIL] = {script_fail, {LINK_GIVEN, KEY_RES, KEY_DEAD, LINK_END}},
            [SCRIPT_FINISH] = {script_finish, {LINK_GIVEN, KEY_RES, LINK_END}},
            [SCRIPT_GATHER] = {script_gather, {KEY_RES, KEY_LOCK, KEY_W0, KEY_W1, KEY_ENQ, LINK_END}},
            [SCRIPT_LEAVE] = {script_leave, {KEY_W0, KEY_W1, LINK_END}},
            [SCRIPT_LOCK] = {script_lock, {KEY_LOCK, KEY_ENQ, KEY_W0, KEY_W1, KEY_RES, LINK_END}},
            [SCRIPT_RELEASE] = {script_release, {KEY_LOCK, LINK_END}},
            [SCRIPT_RESTARTED] = {script_restarted, {KEY_ENQ, LINK_END}},
            [SCRIPT_TAKE] = {script_take, {KEY_W0, KEY_W1, KEY_RES, KEY_ENQ, LINK_END}},
        },
    .restarted = SCRIPT_RESTARTED,
    .reply_ms = 5000, /* a write may wait two seconds for the disk of the server */
};
