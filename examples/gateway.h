/* SPDX-License-Identifier: MIT */
/*
 * A camera gateway without its event loop: sends every image that comes into the working directory, and keeps it until
 * its result is on disk.
 *
 *   NAME           waits or is being sent; unique, and complete when it is closed or renamed into the folder
 *   journal/NAME   its saved job, rewritten at each stage
 *   done/          images with a result, and NAME.json
 *   aside/         images that cannot be processed, and NAME.txt with the reason
 *
 * What is on disk is always enough: power may be lost at any time, and no image is lost or billed twice.  An image is
 * its name, its bytes and the options: one that comes in again under another name is another image.
 */
#ifndef EXAMPLES_GATEWAY_H
#define EXAMPLES_GATEWAY_H

#include <stdbool.h>
#include <sys/queue.h>

#include <animaldetect/animaldetect.h>

TAILQ_HEAD(gateway_images, gateway_image);

struct gateway {
    animaldetect_client *client;
    const char *first;             /* images whose name begins with this go first */
    void *names;                   /* all images, a tree for tsearch */
    struct gateway_images waiting; /* for a place in the client; those that go first at the head */
    struct gateway_images running;
    int64_t retry_at_ms; /* nothing is started before */
    int64_t hold_ms;     /* the last wait after a failure; 0 after a success */
    bool is_draining;
    long succeeded;
    long set_aside;
    long alarms; /* how often a person was called */
};

/* Takes the client, and the images that are in the folder already; 0, or -1 with errno. */
int gateway_open(struct gateway *gateway, animaldetect_client *client, const char *first);

/* An image came into the folder.  What is no regular file, is hidden or known already is ignored. */
void gateway_add(struct gateway *gateway, const char *name);
void gateway_scan(struct gateway *gateway);

/* Does what is due: at every wakeup of the client's descriptor, and after `gateway_sleep_ms` (-1: any time). */
int32_t gateway_process(struct gateway *gateway, int64_t now_ms);
int64_t gateway_sleep_ms(const struct gateway *gateway, int64_t now_ms);

/* The key or the network is another one: what was held back is tried at the next `gateway_process`. */
void gateway_retry(struct gateway *gateway);

/* Begins nothing new; images that have their job at the service are finished. */
void gateway_drain(struct gateway *gateway);
bool gateway_is_drained(const struct gateway *gateway);

/* Frees everything, the client too.  Saves nothing, since nothing needs to be saved. */
void gateway_close(struct gateway *gateway);

#endif
