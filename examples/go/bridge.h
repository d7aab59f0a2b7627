/* SPDX-License-Identifier: MIT */
/*
 * The little C that cgo needs: callbacks of the library that end in Go, and where a thread is inside one.
 *
 * Go values cannot be stored in C; a handle (runtime/cgo) stands for them.  A goroutine keeps its thread while it is
 * inside a callback, so that a thread-local can tell it apart from the others.
 */
#ifndef ANIMALDETECT_GO_BRIDGE_H
#define ANIMALDETECT_GO_BRIDGE_H

#include <animaldetect/animaldetect.h>
#include <stdint.h>

struct bridge_reader;

/* 1 while this thread is inside a reader of this client: the library would refuse calls, a lock of ours would not. */
int32_t bridge_is_inside(const animaldetect_client *client);

/* Level ANIMALDETECT_LOG_NONE: no log. */
int32_t bridge_set_log(animaldetect_client *client, int32_t level, uintptr_t handle);

/* NULL: no memory.  It must live as long as the job, and is then freed with `free`. */
struct bridge_reader *bridge_reader_new(const animaldetect_client *client, uintptr_t handle);
int32_t bridge_set_reader(animaldetect_job *job, struct bridge_reader *reader, uint64_t size);

#endif
