/* SPDX-License-Identifier: MIT */
/*
 * The environment and the descriptors of the process: read once, when a client is created, and not inherited across
 * exec.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <curl/curl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "animaldetect/types.h"
#include "kit/emulator.h"
#include "live/peer.h"
#include "live/transport_kit.h"

extern char **environ;
static atomic_bool may_not_read;
static atomic_int reads;

/* Replaces the C library's function, also for libcurl and its libraries. */
char *getenv(const char *name)
{
    size_t size = strlen(name);

    if (atomic_load(&may_not_read)) {
        print_error("getenv(\"%s\")\n", name);
        atomic_fetch_add(&reads, 1);
    }
    for (char **at = environ; at != NULL && *at != NULL; at++)
        if (strncmp(*at, name, size) == 0 && (*at)[size] == '=')
            return *at + size + 1;
    return NULL;
}

static void nothing_reads_the_environment_after_a_client_was_made(void **state)
{
    struct emulator *emulator = emulator_start((const char *const[]){"--processing", "fixed:60", NULL});
    animaldetect_client *client = emulator_client(emulator);
    animaldetect_job *job = drawn_job(client, 1, 4000);

    (void)state;
    atomic_store(&may_not_read, true);
    assert_int_equal(animaldetect_job_run(job), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_client_set_proxy(client, ""), ANIMALDETECT_OK);
    animaldetect_job_free(job);
    job = drawn_job(client, 2, 4000);
    assert_int_equal(animaldetect_job_run(job), ANIMALDETECT_OK);
    atomic_store(&may_not_read, false);
    assert_int_equal(atomic_load(&reads), 0);
    animaldetect_job_free(job);
    animaldetect_client_free(client);
    emulator_kill(emulator);
}

static void clear_proxies(void)
{
    static const char *const NAMES[] = {"http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY",
                                        "all_proxy",  "ALL_PROXY",  "no_proxy",    "NO_PROXY"};

    for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++)
        unsetenv(NAMES[i]);
}

static void proxies_are_chosen_among_the_variables_as_libcurl_does(void **state)
{
    static const struct {
        const char *set[8]; /* name and value, alternating */
        const char *http;
        const char *https;
        const char *none;
    } ROWS[] = {
        {{NULL}, NULL, NULL, NULL},
        {{"http_proxy", "a", "https_proxy", "b", "all_proxy", "c"}, "a", "b", NULL},
        {{"HTTP_PROXY", "a"}, NULL, NULL, NULL}, /* a CGI program's client could set it */
        {{"HTTPS_PROXY", "b", "ALL_PROXY", "c"}, "c", "b", NULL},
        {{"HTTPS_PROXY", "b", "https_proxy", "d"}, NULL, "d", NULL},
        {{"http_proxy", "", "all_proxy", "", "ALL_PROXY", "c"}, "c", "c", NULL},
        {{"all_proxy", "c", "ALL_PROXY", "d"}, "c", "c", NULL},
        {{"no_proxy", "", "NO_PROXY", "x,y"}, NULL, NULL, "x,y"},
        {{"no_proxy", "z", "NO_PROXY", "x,y"}, NULL, NULL, "z"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        struct ad_environment environment;

        clear_proxies();
        for (size_t k = 0; k < 8 && ROWS[i].set[k] != NULL; k += 2)
            assert_int_equal(setenv(ROWS[i].set[k], ROWS[i].set[k + 1], 1), 0);
        assert_int_equal(ad_environment_copy(&environment), ANIMALDETECT_OK);
        assert_string_equal(environment.http_proxy ? environment.http_proxy : "-", ROWS[i].http ? ROWS[i].http : "-");
        assert_string_equal(environment.https_proxy ? environment.https_proxy : "-",
                            ROWS[i].https ? ROWS[i].https : "-");
        assert_string_equal(environment.no_proxy ? environment.no_proxy : "-", ROWS[i].none ? ROWS[i].none : "-");
        ad_environment_free(&environment);
    }
    clear_proxies();
}

/* The outcome of a GET of `url`. */
static enum ad_net get(const struct ad_curl_config *config, const char *url)
{
    struct exchange exchange;
    struct kit kit;
    enum ad_net net;

    kit_open(&kit, config);
    exchange_init(&exchange, "GET", 1, "/");
    (void)snprintf(exchange.url, sizeof exchange.url, "%s", url);
    kit_run(&kit, &exchange);
    net = exchange.transfer.net;
    exchange_free(&exchange);
    kit_close(&kit);
    return net;
}

static void the_proxies_of_the_environment_carry_what_they_are_for(void **state)
{
    const struct peer_script script = {.answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"};
    struct peer *peer = peer_open(&script);
    char proxy[64];
    char none[] = "other.invalid,.excepted.invalid";
    struct ad_environment environment = {.http_proxy = proxy, .no_proxy = none};
    struct ad_curl_config config = {.settings.max_connections = 4, .environment = &environment};

    (void)state;
    (void)snprintf(proxy, sizeof proxy, "http://127.0.0.1:%u", peer_port(peer));
    assert_int_equal(get(&config, "http://service.invalid/a"), AD_NET_OK);
    assert_int_equal(strncmp(peer_request(peer), "GET http://service.invalid/a ", 29), 0);
    assert_int_equal(get(&config, "http://www.excepted.invalid/"), AD_NET_CONNECT);
    config.settings.proxy = "";
    assert_int_equal(get(&config, "http://service.invalid/"), AD_NET_CONNECT);
    assert_int_equal(peer_connections(peer), 1);
    config.settings.proxy = proxy; /* the host's own proxy has no exceptions */
    assert_int_equal(get(&config, "http://www.excepted.invalid/"), AD_NET_OK);
    assert_int_equal(peer_connections(peer), 2);
    peer_close(peer);
}

/* Descriptors that a program inherits when another thread starts it by fork and exec: those without close-on-exec. */
static int count_inherited(void)
{
    int ends[2];
    char text[16] = "";
    pid_t child;
    int status;

    assert_int_equal(pipe(ends), 0);
    child = fork();
    if (child == 0) {
        /* Without 0 to 2, the shell's pipe, and the one that ls opens. */
        (void)dup2(ends[1], 1);
        (void)close(ends[0]);
        (void)close(ends[1]);
        (void)execl("/bin/sh", "sh", "-c", "ls /proc/self/fd | wc -l", (char *)NULL);
        _exit(127);
    }
    (void)close(ends[1]);
    assert_true(read(ends[0], text, sizeof text - 1) > 0);
    (void)close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    return (int)strtol(text, NULL, 10);
}

/*
 * Descriptors that libcurl itself opens: the pair that wakes its own wait, which older versions let children inherit.
 */
static int of_libcurl(void)
{
    int before = count_inherited();
    CURLM *multi = curl_multi_init();
    int with = count_inherited();

    assert_non_null(multi);
    (void)curl_multi_cleanup(multi);
    return with - before;
}

static void no_descriptor_of_ours_is_inherited_over_exec(void **state)
{
    struct emulator *emulator = emulator_start((const char *const[]){"--processing", "fixed:60000", NULL});
    char path[] = "animaldetect-exec-XXXXXX";
    int file = mkstemp(path);
    animaldetect_client *client;
    animaldetect_job *job = NULL;
    static uint8_t image[2000000];
    int allowed;

    (void)state;
    draw_image(image, sizeof image, 3);
    assert_int_equal(write(file, image, sizeof image), (int)sizeof image);
    (void)close(file);
    allowed = count_inherited() + of_libcurl();
    client = emulator_client(emulator);
    assert_int_equal(animaldetect_job_new(client, ANIMALDETECT_OPERATION_DETECT, &job), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_set_file(job, path), ANIMALDETECT_OK);
    assert_int_equal(animaldetect_job_run_async(job), ANIMALDETECT_OK);
    assert_true(animaldetect_client_fd(client) >= 0);
    /* An iteration hashes or sends a part of the file, so that it is open in between. */
    while (animaldetect_job_stage(job) < ANIMALDETECT_STAGE_SUBMITTED) {
        assert_true(animaldetect_client_process(client) >= 0);
        assert_true(count_inherited() <= allowed);
    }
    animaldetect_job_free(job);
    animaldetect_client_free(client);
    assert_int_equal(unlink(path), 0);
    emulator_kill(emulator);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_reads_the_environment_after_a_client_was_made),
        cmocka_unit_test(proxies_are_chosen_among_the_variables_as_libcurl_does),
        cmocka_unit_test(the_proxies_of_the_environment_carry_what_they_are_for),
        cmocka_unit_test(no_descriptor_of_ours_is_inherited_over_exec),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
