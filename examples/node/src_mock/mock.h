/* SPDX-License-Identifier: MIT */
/* The mock inside the client's addon: with the archives, two addons would each carry a library of their own. */
#ifndef ANIMALDETECT_NODE_MOCK_H
#define ANIMALDETECT_NODE_MOCK_H

#include <node_api.h>

/* Gives `exports` the class Mock. */
void mock_define(napi_env env, napi_value exports);

#endif
