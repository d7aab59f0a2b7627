/* SPDX-License-Identifier: MIT */
/*
 * Starts and stops the emulator; see the header.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "kit/emulator.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_ARGUMENTS 40

struct emulator {
    pid_t pid;
    int out; /* its standard output */
    char url[128];
    char storage[128];
};

static void run_child(int out, char *const *arguments)
{
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* kills it even if the test failed */
    dup2(out, STDOUT_FILENO);
    execv(arguments[0], arguments);
    _exit(127);
}

/* The rest of a line that starts with `before`, read byte by byte: the ledger follows it. */
static void read_line(int in, const char *before, char *rest, size_t size)
{
    char line[256];
    size_t used = 0;

    for (char byte = '\0'; byte != '\n'; line[used++] = byte) {
        assert_true(used < sizeof line);
        assert_int_equal(read(in, &byte, 1), 1);
    }
    line[used - 1] = '\0';
    assert_int_equal(strncmp(line, before, strlen(before)), 0);
    assert_true((size_t)snprintf(rest, size, "%s", line + strlen(before)) < size);
}

struct emulator *emulator_start(const char *const *arguments)
{
    struct emulator *emulator = calloc(1, sizeof *emulator);
    const char *program = getenv("AD_EMULATOR");
    const char *all[MAX_ARGUMENTS] = {program, "--api-key", EMULATOR_KEY, "--quiet", NULL};
    size_t count = 4;
    int ends[2];

    assert_non_null(emulator);
    assert_non_null(program);
    for (; arguments != NULL && *arguments != NULL; arguments++) {
        assert_true(count < MAX_ARGUMENTS - 1);
        all[count++] = *arguments;
    }
    all[count] = NULL;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    emulator->pid = fork();
    assert_true(emulator->pid >= 0);
    if (emulator->pid == 0)
        run_child(ends[1], (char *const *)(uintptr_t)all);
    close(ends[1]);
    emulator->out = ends[0];
    read_line(emulator->out, "listening on ", emulator->url, sizeof emulator->url);
    read_line(emulator->out, "storage on ", emulator->storage, sizeof emulator->storage);
    return emulator;
}

const char *emulator_url(const struct emulator *emulator)
{
    return emulator->url;
}

const char *emulator_storage_url(const struct emulator *emulator)
{
    return emulator->storage;
}

void emulator_signal(const struct emulator *emulator, int number)
{
    assert_int_equal(kill(emulator->pid, number), 0);
}

static int wait_for(const struct emulator *emulator)
{
    int status;

    while (waitpid(emulator->pid, &status, 0) < 0)
        assert_int_equal(errno, EINTR);
    return status;
}

static void release(struct emulator *emulator)
{
    close(emulator->out);
    free(emulator);
}

json_t *emulator_stop(struct emulator *emulator)
{
    json_error_t error;
    json_t *ledger;
    int status;

    emulator_signal(emulator, SIGTERM);
    ledger = json_loadfd(emulator->out, JSON_DISABLE_EOF_CHECK, &error);
    status = wait_for(emulator);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    release(emulator);
    assert_non_null(ledger);
    return ledger;
}

void emulator_kill(struct emulator *emulator)
{
    emulator_signal(emulator, SIGKILL);
    (void)wait_for(emulator);
    release(emulator);
}

int64_t ledger_count(const json_t *ledger, const char *name)
{
    const json_t *value = json_object_get(json_object_get(ledger, "counts"), name);

    assert_true(json_is_integer(value));
    return json_integer_value(value);
}

void ledger_is_clean(const json_t *ledger)
{
    const json_t *violations = json_object_get(ledger, "violations");

    assert_true(json_is_array(violations));
    for (size_t i = 0; i < json_array_size(violations) && i < 10; i++)
        print_error("violation: %s\n", json_string_value(json_array_get(violations, i)));
    assert_int_equal(json_array_size(violations), 0);
}

animaldetect_client *emulator_client(const struct emulator *emulator)
{
    animaldetect_client *client = NULL;

    assert_int_equal(animaldetect_client_new(&client), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_client_set_api_key(client, EMULATOR_KEY), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_client_set_base_url(client, emulator->url), ANIMALDETECT_OK);
    /* the emulated service is fast: frequent polls save time */
    assert_int_equal(animaldetect_client_set_poll_bounds_ms(client, 20, 300), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_client_set_poll_mode(client, ANIMALDETECT_POLL_LATENCY), ANIMALDETECT_OK);
    return client;
}

void draw_image(uint8_t *out, size_t size, uint32_t number)
{
    static const uint8_t head[] = {0xff, 0xd8, 0xff, 0xe0, 0x00, 0x10, 'J', 'F', 'I', 'F', 0x00, 0x01};

    assert_true(size >= 64);
    for (size_t i = 0; i < size; i++)
        out[i] = (uint8_t)(i * 31 + number);
    memcpy(out, head, sizeof head);
    snprintf((char *)out + 16, 32, "image number %" PRIu32, number);
    out[size - 2] = 0xff;
    out[size - 1] = 0xd9;
}

animaldetect_job *drawn_job(animaldetect_client *client, uint32_t number, size_t size)
{
    animaldetect_job *job = NULL;
    uint8_t *image = malloc(size);
    char name[32];

    assert_non_null(image);
    draw_image(image, size, number);
    snprintf(name, sizeof name, "img_%06" PRIu32 ".jpg", number);
    assert_int_equal(animaldetect_job_new(client, ANIMALDETECT_OPERATION_DETECT, &job), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_set_bytes(job, image, size), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_set_filename(job, name), ANIMALDETECT_OK);
    free(image);
    return job;
}
