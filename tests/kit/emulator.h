/* SPDX-License-Identifier: MIT */
/*
 * The emulator as a child process of a test. The environment variable AD_EMULATOR names its program.
 */
#ifndef TESTS_KIT_EMULATOR_H
#define TESTS_KIT_EMULATOR_H

#include <jansson.h>
#include <stdint.h>

#include <animaldetect/animaldetect.h>

#define EMULATOR_KEY "sk_test_0123456789abcdef"

struct emulator;

/*
 * Starts it with these additional arguments (NULL-terminated; not --ledger), on any port; fails the test when it does
 * not start. It exits with the test, even if the test crashes.
 */
struct emulator *emulator_start(const char *const *arguments);

const char *emulator_url(const struct emulator *emulator);         /* http://127.0.0.1:PORT/v1 */
const char *emulator_storage_url(const struct emulator *emulator); /* http://127.0.0.1:PORT */

void emulator_signal(const struct emulator *emulator, int number);

/* Ends it with SIGTERM and reads the ledger that it prints; free the result with json_decref. */
json_t *emulator_stop(struct emulator *emulator);

/* Ends it with SIGKILL; nothing is written. */
void emulator_kill(struct emulator *emulator);

/* One of the ledger's counts. */
int64_t ledger_count(const json_t *ledger, const char *name);

/* Fails the test when the ledger contains violations, and prints them. */
void ledger_is_clean(const json_t *ledger);

/* A client for the emulator. */
animaldetect_client *emulator_client(const struct emulator *emulator);

/* A small JPEG-like image that differs for each number; `size` at least 64. */
void draw_image(uint8_t *out, size_t size, uint32_t number);

/* A detect job with a generated image; its file name contains the number. */
animaldetect_job *drawn_job(animaldetect_client *client, uint32_t number, size_t size);

#endif
