/* SPDX-License-Identifier: MIT */
/*
 * The choice of a reactor: epoll where there is one.
 */
#include "transport/reactor/reactor.h"

int32_t ad_reactor_new(struct ad_reactor **out)
{
#ifdef __linux__
    return ad_reactor_epoll_new(out);
#else
    return ad_reactor_poll_new(out);
#endif
}
