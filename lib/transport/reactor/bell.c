/* SPDX-License-Identifier: MIT */
/*
 * The bell of bell.h over a pipe or an eventfd.  Both contain one 8-byte word while they ring, so writing and reading
 * are the same for both.  Must never block: both ends are non-blocking.
 */
#include "transport/reactor/bell.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>
#ifdef AD_HAS_EPOLL
#include <sys/eventfd.h>
#endif

#include "animaldetect/types.h"

static int32_t open_pipe(struct ad_bell *bell)
{
    int ends[2];

#ifdef AD_HAS_PIPE2 /* another thread may fork and exec at any time */
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
        return ANIMALDETECT_E_SYSTEM;
#else
    if (pipe(ends) != 0)
        return ANIMALDETECT_E_SYSTEM;
    for (int i = 0; i < 2; i++) {
        if (fcntl(ends[i], F_SETFD, FD_CLOEXEC) != 0 || fcntl(ends[i], F_SETFL, O_NONBLOCK) != 0) {
            (void)close(ends[0]);
            (void)close(ends[1]);
            return ANIMALDETECT_E_SYSTEM;
        }
    }
#endif
    bell->read_fd = ends[0];
    bell->write_fd = ends[1];
    return ANIMALDETECT_OK;
}

static int32_t open_eventfd(struct ad_bell *bell)
{
#ifdef AD_HAS_EPOLL
    int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

    if (fd < 0)
        return ANIMALDETECT_E_SYSTEM;
    bell->read_fd = fd;
    bell->write_fd = fd;
    return ANIMALDETECT_OK;
#else
    (void)bell;
    return ANIMALDETECT_E_UNSUPPORTED;
#endif
}

int32_t ad_bell_open(struct ad_bell *bell, enum ad_bell_kind kind)
{
    int32_t status;

    bell->rung = false;
    bell->read_fd = -1;
    bell->write_fd = -1;
    if (pthread_mutex_init(&bell->lock, NULL) != 0)
        return ANIMALDETECT_E_SYSTEM;
    status = kind == AD_BELL_EVENTFD ? open_eventfd(bell) : open_pipe(bell);
    if (status != ANIMALDETECT_OK)
        (void)pthread_mutex_destroy(&bell->lock);
    return status;
}

void ad_bell_close(struct ad_bell *bell)
{
    if (bell->read_fd < 0)
        return;
    (void)close(bell->read_fd);
    if (bell->write_fd != bell->read_fd)
        (void)close(bell->write_fd);
    bell->read_fd = -1;
    bell->write_fd = -1;
    (void)pthread_mutex_destroy(&bell->lock);
}

void ad_bell_ring(struct ad_bell *bell)
{
    const uint64_t one = 1;
    ssize_t done = 0;

    (void)pthread_mutex_lock(&bell->lock);
    if (!bell->rung) {
        do {
            done = write(bell->write_fd, &one, sizeof one);
        } while (done < 0 && errno == EINTR);
        /* If it failed, the next ring tries again. */
        bell->rung = done == (ssize_t)sizeof one;
    }
    (void)pthread_mutex_unlock(&bell->lock);
}

void ad_bell_quiet(struct ad_bell *bell)
{
    uint64_t word = 0;
    ssize_t done = 0;

    (void)pthread_mutex_lock(&bell->lock);
    if (bell->rung) {
        do {
            done = read(bell->read_fd, &word, sizeof word);
        } while (done < 0 && errno == EINTR);
        bell->rung = false;
    }
    (void)pthread_mutex_unlock(&bell->lock);
}

bool ad_bell_rings(struct ad_bell *bell)
{
    bool rung;

    pthread_mutex_lock(&bell->lock);
    rung = bell->rung;
    pthread_mutex_unlock(&bell->lock);
    return rung;
}
