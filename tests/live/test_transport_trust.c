/* SPDX-License-Identifier: MIT */
/*
 * Certificates that libcurl caches: loaded once for all connections, and never used after they were replaced.
 */
#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <curl/curl.h>

#include "animaldetect/types.h"
#include "live/certificate.h"
#include "live/echo.h"
#include "live/transport_kit.h"

/* A server, a client, and a file of certificates that it may trust. */
struct scene {
    struct kit kit;
    struct echo *echo;
    struct ad_transport_settings settings;
    char path[64];
};

static int scene_setup(void **state)
{
    static struct scene scene;
    const struct ad_curl_config config = {.user_agent = "kit/1", .settings = {.proxy = "", .max_connections = 8}};

    scene = (struct scene){.settings = config.settings, .path = "/tmp/animaldetect-ca-XXXXXX"};
    close(mkstemp(scene.path));
    scene.echo = echo_open_tls();
    kit_open(&scene.kit, &config);
    *state = &scene;
    return 0;
}

static int scene_teardown(void **state)
{
    struct scene *scene = *state;

    kit_close(&scene->kit);
    echo_close(scene->echo);
    (void)unlink(scene->path);
    return 0;
}

static void write_file(const struct scene *scene, const char *pem)
{
    int fd = open(scene->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, pem, strlen(pem)), (ssize_t)strlen(pem));
    close(fd);
}

static void configure(struct scene *scene)
{
    assert_int_equal(scene->kit.transport->ops->configure(scene->kit.transport, &scene->settings), ANIMALDETECT_OK);
}

static void trust_pem(struct scene *scene, const char *pem)
{
    scene->settings.ca_pem = pem;
    scene->settings.ca_pem_size = pem == NULL ? 0 : strlen(pem);
    configure(scene);
}

static void trust_file(struct scene *scene, const char *path)
{
    scene->settings.ca_file = path;
    configure(scene);
}

static enum ad_net get(struct scene *scene)
{
    struct exchange exchange;
    enum ad_net net;

    exchange_init(&exchange, "GET", echo_port(scene->echo), "/");
    (void)snprintf(exchange.url, sizeof exchange.url, "https://127.0.0.1:%u/", echo_port(scene->echo));
    exchange.transfer.bearer = TEST_KEY;
    kit_run(&scene->kit, &exchange);
    net = exchange.transfer.net;
    exchange_free(&exchange);
    return net;
}

static enum ad_net get_anew(struct scene *scene)
{
    scene->kit.transport->ops->network_changed(scene->kit.transport);
    return get(scene);
}

static void a_file_that_was_written_again_counts_when_it_is_set_again(void **state)
{
    struct scene *scene = *state;

    write_file(scene, TEST_CERTIFICATE);
    trust_file(scene, scene->path);
    assert_int_equal(get(scene), AD_NET_OK);
    write_file(scene, OTHER_CERTIFICATE);
    trust_file(scene, scene->path);
    assert_int_equal(get(scene), AD_NET_TLS); /* not by the kept connection, its session or its store */
    assert_int_equal(echo_requests(scene->echo), 1);
    write_file(scene, TEST_CERTIFICATE);
    trust_file(scene, scene->path);
    assert_int_equal(get(scene), AD_NET_OK);
}

/* It is detected within about a second; the number of requests until then is not tested. */
static void a_file_that_is_replaced_counts_without_being_set_again(void **state)
{
    struct scene *scene = *state;

    write_file(scene, TEST_CERTIFICATE);
    trust_file(scene, scene->path);
    assert_int_equal(get(scene), AD_NET_OK);
    assert_int_equal(unlink(scene->path), 0);
    write_file(scene, OTHER_CERTIFICATE);
    while (get(scene) == AD_NET_OK)
        usleep(10000);
    assert_int_equal(get(scene), AD_NET_TLS);
    write_file(scene, TEST_CERTIFICATE);
    while (get(scene) == AD_NET_TLS)
        usleep(10000);
    assert_int_equal(get(scene), AD_NET_OK);
}

static void certificates_that_are_taken_back_count_no_more(void **state)
{
    struct scene *scene = *state;

    trust_pem(scene, TEST_CERTIFICATE);
    assert_int_equal(get(scene), AD_NET_OK);
    trust_pem(scene, NULL);
    assert_int_equal(get(scene), AD_NET_TLS);
    write_file(scene, TEST_CERTIFICATE);
    trust_file(scene, scene->path);
    assert_int_equal(get(scene), AD_NET_OK);
    trust_pem(scene, OTHER_CERTIFICATE); /* takes precedence */
    assert_int_equal(get(scene), AD_NET_TLS);
    trust_pem(scene, NULL);
    assert_int_equal(get(scene), AD_NET_OK);
    trust_file(scene, NULL);
    assert_int_equal(get(scene), AD_NET_TLS);
}

static void texts_in_turn_are_never_taken_for_each_other(void **state)
{
    struct scene *scene = *state;

    for (int i = 0; i < 6; i++) {
        trust_pem(scene, i % 3 == 1 ? TEST_CERTIFICATE : OTHER_CERTIFICATE);
        if (i % 3 != 2) /* the third is replaced before it is used */
            assert_int_equal(get(scene), i % 3 == 1 ? AD_NET_OK : AD_NET_TLS);
    }
}

static void a_relative_name_is_that_of_the_file_it_was(void **state)
{
    struct scene *scene = *state;
    char *folder = getcwd(NULL, 0);

    write_file(scene, TEST_CERTIFICATE);
    assert_int_equal(chdir("/tmp"), 0);
    trust_file(scene, scene->path + strlen("/tmp/"));
    assert_int_equal(chdir("/"), 0);
    assert_int_equal(get(scene), AD_NET_OK);
    assert_int_equal(chdir(folder), 0);
    free(folder);
}

/* libcurl has cached loaded certificates since 7.87, with OpenSSL and its forks. */
static void need_kept_certificates(void)
{
    const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);

    if (info->version_num < 0x075700 || strstr(info->ssl_version, "SSL") == NULL ||
        (info->version_num >= 0x081100 && info->capath != NULL)) {
        print_message("libcurl %s with %s loads certificates for each connection\n", info->version, info->ssl_version);
        skip();
    }
}

static void a_file_is_loaded_once(void **state)
{
    struct scene *scene = *state;

    need_kept_certificates();
    write_file(scene, TEST_CERTIFICATE);
    trust_file(scene, scene->path);
    assert_int_equal(get(scene), AD_NET_OK);
    assert_int_equal(unlink(scene->path), 0);
    assert_int_equal(get_anew(scene), AD_NET_OK);
    assert_int_equal(echo_connections(scene->echo), 2);
}

/* The descriptor of the memory file that contains the certificates. */
static int memory_file(void)
{
    DIR *folder = opendir("/proc/self/fd");
    struct dirent *entry;
    int found = -1;

    while (folder != NULL && (entry = readdir(folder)) != NULL) {
        char target[64] = "";

        (void)!readlinkat(dirfd(folder), entry->d_name, target, sizeof target - 1);
        if (strncmp(target, "/memfd:animaldetect-ca", 22) == 0)
            found = (int)strtol(entry->d_name, NULL, 10);
    }
    if (folder != NULL)
        closedir(folder);
    return found;
}

static void a_text_is_loaded_once(void **state)
{
    struct scene *scene = *state;
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    int fd;

    need_kept_certificates();
    trust_pem(scene, TEST_CERTIFICATE);
    assert_int_equal(get(scene), AD_NET_OK);
    fd = memory_file();
    if (fd < 0) {
        print_message("this system has no files in memory\n");
        close(null);
        skip();
    }
    assert_int_equal(dup3(null, fd, O_CLOEXEC), fd); /* reading it again would find nothing */
    assert_int_equal(get_anew(scene), AD_NET_OK);
    assert_int_equal(echo_connections(scene->echo), 2);
    close(null);
}

static void a_text_that_was_replaced_leaves_no_descriptor(void **state)
{
    struct scene *scene = *state;
    int first;

    trust_pem(scene, TEST_CERTIFICATE);
    first = memory_file();
    for (int i = 0; i < 10; i++)
        trust_pem(scene, i % 2 == 0 ? OTHER_CERTIFICATE : TEST_CERTIFICATE);
    assert_in_range(memory_file() + 1, 0, first + 2); /* the old one is closed once the new one is open */
    trust_pem(scene, NULL);
    assert_int_equal(memory_file(), -1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_setup, scene_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_file_that_was_written_again_counts_when_it_is_set_again),
        TEST(a_file_that_is_replaced_counts_without_being_set_again),
        TEST(certificates_that_are_taken_back_count_no_more),
        TEST(texts_in_turn_are_never_taken_for_each_other),
        TEST(a_relative_name_is_that_of_the_file_it_was),
        TEST(a_file_is_loaded_once),
        TEST(a_text_is_loaded_once),
        TEST(a_text_that_was_replaced_leaves_no_descriptor),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
