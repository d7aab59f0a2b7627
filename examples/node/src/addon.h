/* SPDX-License-Identifier: MIT */
/*
 * What the files of the addon share: one call from JavaScript, and the two classes behind it.
 * The addon knows no policy: every method answers the library's status as a number, index.js makes errors and promises.
 * It runs no JavaScript from inside the library's callbacks but the host's reader of an image, and touches no handle
 * outside the thread of its environment.
 */
#ifndef ANIMALDETECT_NODE_ADDON_H
#define ANIMALDETECT_NODE_ADDON_H

#define NAPI_VERSION 8
#include <animaldetect/animaldetect.h>
#include <node_api.h>
#include <stdbool.h>

struct client;
struct job;

/* One call from JavaScript. `failed` once an argument was no good; an exception is pending then. */
struct call {
    napi_env env;
    napi_value self;
    napi_value arguments[4];
    size_t count;
    char *texts[2]; /* freed by call_leave */
    size_t text_count;
    animaldetect_client *client; /* the one that is meant, NULL when it is closed */
    animaldetect_job *job;
    struct client *self_client; /* `this`, of a method of Client */
    struct job *self_job;       /* the same, of a method of Job; NULL when it is closed */
    bool is_job;
    bool failed;
};

/* False: an exception is pending, return NULL.  The name is that of the class, for `this`. */
bool call_enter_client(struct call *call, napi_env env, napi_callback_info info);
bool call_enter_job(struct call *call, napi_env env, napi_callback_info info);
bool call_enter_plain(struct call *call, napi_env env, napi_callback_info info);

/* Arguments by their position; a wrong type, or a number out of range, fails with a TypeError. */
const char *call_text(struct call *call, size_t index); /* a NUL inside would cut it: refused */
int32_t call_int32(struct call *call, size_t index);
int64_t call_int64(struct call *call, size_t index);
int64_t call_size(struct call *call, size_t index); /* 0 or more */
double call_real(struct call *call, size_t index);
const void *call_bytes(struct call *call, size_t index, size_t *size);
struct client *call_client(struct call *call, size_t index);

/* The answer: the status, or an exception that is pending.  Frees what the call holds. */
napi_value call_leave(struct call *call, int32_t status);
napi_value call_answer(struct call *call, napi_value answer);

/* Values for JavaScript; null for what is absent. */
napi_value value_text(napi_env env, const char *text);
napi_value value_sized(napi_env env, const char *text, size_t size);
napi_value value_number(napi_env env, double number);
napi_value value_null(napi_env env);
void value_set(napi_env env, napi_value object, const char *name, napi_value value);

napi_value result_value(napi_env env, const animaldetect_result *result);

/* `this` of the classes, marked so that no other object is taken for one. */
extern const napi_type_tag client_tag;
extern const napi_type_tag job_tag;
struct client *client_of(napi_env env, napi_value object);
bool job_of(napi_env env, napi_value object, struct job **job); /* false: no job; NULL: a closed one */
animaldetect_client *client_handle(const struct client *client);
animaldetect_job *job_handle(const struct job *job);
/* How many callbacks that run JavaScript this client is inside of: it cannot be freed there. */
int *client_depth(struct client *client);
/* An image of this client has a reader, so that an iteration may run JavaScript. */
void client_expect_reader(struct client *client);

void client_define(napi_env env, napi_value exports);
void job_define(napi_env env, napi_value exports);
void result_define(napi_env env, napi_value exports);
void define_function(napi_env env, napi_value exports, const char *name, napi_callback function);

/* A method that reads its arguments in `declare` and answers the status of the library's function of that name. */
#define METHOD(owner, name, declare, ...)                                    \
    static napi_value owner##_##name(napi_env env, napi_callback_info info)  \
    {                                                                        \
        struct call call;                                                    \
        int32_t status = ANIMALDETECT_E_INVALID_ARGUMENT;                    \
                                                                             \
        if (!call_enter_##owner(&call, env, info))                           \
            return NULL;                                                     \
        declare;                                                             \
        if (!call.failed)                                                    \
            status = animaldetect_##owner##_##name(call.owner, __VA_ARGS__); \
        return call_leave(&call, status);                                    \
    }
/* One without arguments. */
#define METHOD_PLAIN(owner, name)                                                                                  \
    static napi_value owner##_##name(napi_env env, napi_callback_info info)                                        \
    {                                                                                                              \
        struct call call;                                                                                          \
                                                                                                                   \
        return call_enter_##owner(&call, env, info) ? call_leave(&call, animaldetect_##owner##_##name(call.owner)) \
                                                    : NULL;                                                        \
    }
#define METHOD_TEXT(owner, name) METHOD(owner, name, const char *text = call_text(&call, 0), text)
#define METHOD_INT32(owner, name) METHOD(owner, name, int32_t number = call_int32(&call, 0), number)
#define METHOD_INT64(owner, name) METHOD(owner, name, int64_t number = call_int64(&call, 0), number)
#define METHOD_UINT64(owner, name) METHOD(owner, name, int64_t number = call_size(&call, 0), (uint64_t)number)

#endif
