/* SPDX-License-Identifier: MIT */
/*
 * Creates and frees clients.
 */
#include "api/client.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include <animaldetect/client.h>

#include "api/factory.h"
#include "api/guard.h"
#include "api/wait.h"
#include "base/cond.h"
#include "transport/curl/curl.h"

static uint64_t random_seed(void)
{
    uint64_t seed;

    randombytes_buf(&seed, sizeof seed);
    return seed;
}

static int32_t init_lock(animaldetect_client *client)
{
    if (ad_cond_init(&client->left) != 0)
        return ANIMALDETECT_E_NO_MEMORY;
    if (pthread_mutex_init(&client->lock, NULL) != 0) {
        pthread_cond_destroy(&client->left);
        return ANIMALDETECT_E_NO_MEMORY;
    }
    if (pthread_mutex_init(&client->turnstile, NULL) != 0) {
        pthread_mutex_destroy(&client->lock);
        pthread_cond_destroy(&client->left);
        return ANIMALDETECT_E_NO_MEMORY;
    }
    return ANIMALDETECT_OK;
}

int32_t ad_client_new_over(ad_transport_factory factory, void *context, uint64_t seed, animaldetect_client **out)
{
    animaldetect_client *client;
    int32_t status;

    if (out == NULL)
        return ANIMALDETECT_E_INVALID_ARGUMENT;
    *out = NULL;
    if (sodium_init() < 0)
        return ANIMALDETECT_E_SYSTEM;
    client = calloc(1, sizeof *client);
    if (client == NULL)
        return ANIMALDETECT_E_NO_MEMORY;
    ad_fork_mark_init(&client->process);
    client->factory = factory;
    client->factory_context = context;
    client->seed = seed != 0 ? seed : random_seed();
    client->references = 1;
    client->log.client = client;
    ad_secret_init(&client->key);
    ad_mask_init(&client->mask);
    ad_list_init(&client->waiters);
    status = ad_config_init(&client->config);
    if (status == ANIMALDETECT_OK)
        status = init_lock(client);
    if (status != ANIMALDETECT_OK) {
        ad_config_free(&client->config);
        ad_fork_mark_free(&client->process);
        free(client);
        return status;
    }
    *out = client;
    return ANIMALDETECT_OK;
}

int32_t animaldetect_client_new(animaldetect_client **out)
{
    struct ad_environment environment = {0};
    int32_t status;

    if (out == NULL)
        return ANIMALDETECT_E_INVALID_ARGUMENT;
    *out = NULL;
    status = ad_curl_process_init();
    if (status == ANIMALDETECT_OK)
        status = ad_environment_copy(&environment);
    if (status == ANIMALDETECT_OK)
        status = ad_client_new_over(ad_curl_factory, NULL, 0, out);
    if (status != ANIMALDETECT_OK) {
        ad_environment_free(&environment);
        return status;
    }
    (*out)->environment = environment;
    (*out)->factory_context = &(*out)->environment;
    return ANIMALDETECT_OK;
}

int32_t ad_client_open(animaldetect_client *client)
{
    struct ad_transport *transport = NULL;
    int32_t status;

    if (client->running)
        return ANIMALDETECT_OK;
    status = client->factory(client->factory_context, &client->config, &transport);
    if (status != ANIMALDETECT_OK)
        return ad_client_refuse(client, status, "could not create the transport");
    ad_engine_init(&client->engine, &client->config, &client->key, &client->mask, &client->log, transport,
                   client->seed);
    client->notified = 0;
    client->running = true;
    return ANIMALDETECT_OK;
}

/* Frees everything except what is needed to return E_CLIENT_FREED for jobs that still exist. */
static void close_parts(animaldetect_client *client, bool forked)
{
    if (client->running)
        ad_engine_close(&client->engine, forked);
    client->running = false;
    ad_secret_free(&client->key);
    ad_mask_free(&client->mask);
    client->log.callback = NULL;
    ad_release_defer(&client->releases, client->log.release);
    client->log.release = NULL;
}

void animaldetect_client_free(animaldetect_client *client)
{
    struct ad_release *owed;

    if (client == NULL)
        return;
    if (ad_is_forked(client)) {
        if (!client->closed)
            close_parts(client, true);
        client->closed = true;
        owed = client->releases;
        client->releases = NULL;
        ad_client_release(client);
        ad_release_run(owed);
        return;
    }
    if (ad_is_inside(client))
        return;
    ad_lock(client);
    client->closed = true;
    ad_waiters_drain(client);
    close_parts(client, false);
    ad_unlock(client);
    ad_client_release(client);
}

size_t animaldetect_client_copy_message(animaldetect_client *client, char *buffer, size_t size)
{
    size_t length = 0;
    size_t part = 0;
    bool locked;

    if (client != NULL) {
        locked = ad_peek(client);
        length = strlen(client->message);
        part = length < size ? length : size - (size > 0);
        if (part > 0)
            memcpy(buffer, client->message, part);
        if (locked)
            ad_unlock(client);
    }
    if (size > 0)
        buffer[part] = '\0';
    return length;
}
