/* SPDX-License-Identifier: MIT */
/*
 * The keys of a shared quota in Redis.
 */
#ifndef TOOL_QUOTA_KEYS_H
#define TOOL_QUOTA_KEYS_H

#include "redis_link.h"

enum quota_key {
    QUOTA_STATE, /* the hash whose fields quota.lua names */
    QUOTA_LOG,
    QUOTA_WORKERS,
    QUOTA_DEADLINES,
    QUOTA_HUNGRY
};

extern const struct link_plan quota_plan;

#endif
