/* SPDX-License-Identifier: MIT */
/*
 * A host that reads its API key from standard input, uses it, frees the client and pauses, so that key.py can search
 * its memory for the key. At each pause it prints a word and waits for a line.
 *
 *   key_client libcurl|own IMAGE
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <animaldetect/animaldetect.h>
#include <animaldetect/transport.h>
#include <sodium.h>

#define KEY_SIZE 64

static int says(const char *word)
{
    char end; /* of a line; a key may follow it in the buffer */

    return write(STDOUT_FILENO, word, strlen(word)) == (ssize_t)strlen(word) && read(STDIN_FILENO, &end, 1) == 1;
}

/* A key, without a copy that outlives this function. */
static int32_t take_key(animaldetect_client *client)
{
    char key[KEY_SIZE];
    ssize_t got = read(STDIN_FILENO, key, sizeof key);
    int32_t status = ANIMALDETECT_E_SYSTEM;

    if (got > 1) {
        key[got - 1] = '\0'; /* the end of the line */
        status = animaldetect_client_set_api_key(client, key);
    }
    sodium_memzero(key, sizeof key);
    return status;
}

/* A transport that sees the key in a request's headers, but has no connection. */
static int32_t refuse(void *user, animaldetect_exchange *exchange)
{
    int *seen = user;

    *seen += animaldetect_exchange_header(exchange, "Authorization") != NULL;
    return animaldetect_exchange_fail(exchange, ANIMALDETECT_FAILURE_CONNECT, "no network");
}

static int32_t send_image(animaldetect_client *client, const char *path)
{
    animaldetect_job *job = NULL;
    int32_t status = animaldetect_job_new(client, ANIMALDETECT_OPERATION_DETECT, &job);

    if (status == ANIMALDETECT_OK)
        status = animaldetect_job_set_file(job, path);
    if (status == ANIMALDETECT_OK)
        status = animaldetect_job_run(job);
    animaldetect_job_free(job);
    return status;
}

int main(int argc, char **argv)
{
    static int seen;
    animaldetect_client *client = NULL;
    animaldetect_transport *transport = NULL;
    int own = argc == 3 && strcmp(argv[1], "own") == 0;
    const char *base = getenv("AD_API_BASE_URL");
    int32_t status;

    if (argc != 3 || base == NULL || animaldetect_client_new(&client) != ANIMALDETECT_OK ||
        animaldetect_client_set_base_url(client, base) != ANIMALDETECT_OK ||
        animaldetect_client_set_offline_patience_ms(client, 0) != ANIMALDETECT_OK ||
        animaldetect_client_set_max_tries(client, 1) != ANIMALDETECT_OK)
        return 2;
    if (own && (animaldetect_transport_new(&seen, NULL, &transport) != ANIMALDETECT_OK ||
                animaldetect_transport_set_start(transport, refuse) != ANIMALDETECT_OK ||
                animaldetect_client_set_transport(client, transport) != ANIMALDETECT_OK))
        return 2;
    animaldetect_transport_free(transport);
    if (!says("ready\n") || take_key(client) != ANIMALDETECT_OK || !says("has a key\n"))
        return 2;
    status = send_image(client, argv[2]);
    if (own ? seen == 0 : status != ANIMALDETECT_OK)
        return 3;
    if (!says("used\n") || take_key(client) != ANIMALDETECT_OK || !says("has another key\n"))
        return 2;
    animaldetect_client_free(client);
    return says("freed\n") ? 0 : 2;
}
