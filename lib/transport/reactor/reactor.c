/* SPDX-License-Identifier: MIT */
/*
 * Selects a reactor: epoll where it exists.
 */
#include "transport/reactor/reactor.h"

const char *ad_reactor_name(void)
{
#ifdef AD_HAS_EPOLL
    return "epoll";
#else
    return "poll";
#endif
}

int32_t ad_reactor_new(struct ad_reactor **out)
{
#ifdef AD_HAS_EPOLL
    return ad_reactor_epoll_new(out);
#else
    return ad_reactor_poll_new(out);
#endif
}
