/* SPDX-License-Identifier: MIT */
/*
 * The HTTP front end of the service model: one server for the API, one for storage, one lock around the model.
 */
#ifndef TESTING_EMULATOR_FRONT_H
#define TESTING_EMULATOR_FRONT_H

#include "testing/emulator/options.h"

struct emu_front;

/* Serves two listening sockets, which it takes over.  The model is borrowed.  NULL if a server does not start. */
struct emu_front *emu_front_start(struct svc *svc, const struct emu_options *options, int api_socket,
                                  int storage_socket);

/* Closes all connections; afterwards the model is no longer used. */
void emu_front_stop(struct emu_front *front);

#endif
