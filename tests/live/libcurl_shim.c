/* SPDX-License-Identifier: MIT */
/*
 * See libcurl_shim.h.
 */
#include "live/libcurl_shim.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#undef curl_easy_setopt
#undef curl_multi_setopt

CURLcode __real_curl_easy_setopt(CURL *easy, CURLoption option, ...);
CURLcode __wrap_curl_easy_setopt(CURL *easy, CURLoption option, ...);
CURLMcode __real_curl_multi_setopt(CURLM *multi, CURLMoption option, ...);
CURLMcode __wrap_curl_multi_setopt(CURLM *multi, CURLMoption option, ...);
curl_version_info_data *__real_curl_version_info(CURLversion age);
curl_version_info_data *__wrap_curl_version_info(CURLversion age);
CURLMcode __real_curl_multi_socket_action(CURLM *multi, curl_socket_t fd, int mask, int *running);
CURLMcode __wrap_curl_multi_socket_action(CURLM *multi, curl_socket_t fd, int mask, int *running);
CURLMcode __real_curl_multi_remove_handle(CURLM *multi, CURL *easy);
CURLMcode __wrap_curl_multi_remove_handle(CURLM *multi, CURL *easy);
CURLMcode __real_curl_multi_cleanup(CURLM *multi);
CURLMcode __wrap_curl_multi_cleanup(CURLM *multi);
int __real_memfd_create(const char *name, unsigned flags);
int __wrap_memfd_create(const char *name, unsigned flags);

struct libcurl_shim shim;

void shim_reset(void)
{
    shim = (struct libcurl_shim){.code = CURLE_UNKNOWN_OPTION};
}

void shim_refuse(CURLoption option)
{
    if (shim.refused_count == SHIM_MOST)
        abort();
    shim.refused[shim.refused_count++] = option;
}

bool shim_refuse_named(const char *name)
{
    const struct curl_easyoption *option = curl_easy_option_by_name(name);

    if (option != NULL)
        shim_refuse(option->id);
    return option != NULL;
}

static bool is_refused(CURLoption option)
{
    for (size_t i = 0; i < shim.refused_count; i++)
        if (shim.refused[i] == option)
            return true;
    return false;
}

#if LIBCURL_VERSION_NUM >= 0x075000
static curl_prereq_callback on_issue;

static int issue(void *context, char *peer, char *local, int peer_port, int local_port)
{
    if (shim.before_issue != NULL)
        shim.before_issue();
    return on_issue(context, peer, local, peer_port, local_port);
}
#endif

/* An option's number contains the type of its value. */
CURLcode __wrap_curl_easy_setopt(CURL *easy, CURLoption option, ...)
{
    CURLcode code = shim.code;
    va_list value;

    if (is_refused(option))
        return code;
    va_start(value, option);
    if (option < CURLOPTTYPE_OBJECTPOINT) {
        long number = va_arg(value, long);

        if (option == CURLOPT_HTTP_VERSION && number >= CURL_HTTP_VERSION_2_0 && shim.http2_is_refused)
            code = CURLE_UNSUPPORTED_PROTOCOL;
        else
            code = __real_curl_easy_setopt(easy, option, number);
    } else if (option >= CURLOPTTYPE_FUNCTIONPOINT && option < CURLOPTTYPE_OFF_T) {
        void (*function)(void) = va_arg(value, void (*)(void));

#if LIBCURL_VERSION_NUM >= 0x075000
        if (option == CURLOPT_PREREQFUNCTION) {
            on_issue = (curl_prereq_callback)function;
            code = __real_curl_easy_setopt(easy, option, issue);
        } else
#endif
            code = __real_curl_easy_setopt(easy, option, function);
    } else if (option >= CURLOPTTYPE_OFF_T && option < CURLOPTTYPE_BLOB) {
        code = __real_curl_easy_setopt(easy, option, va_arg(value, curl_off_t));
    } else {
        code = __real_curl_easy_setopt(easy, option, va_arg(value, void *));
    }
    va_end(value);
    return code;
}

CURLMcode __wrap_curl_multi_setopt(CURLM *multi, CURLMoption option, ...)
{
    CURLMcode code = CURLM_UNKNOWN_OPTION;
    va_list value;

    if (option == shim.multi_refused)
        return code;
    va_start(value, option);
    if (option < (CURLMoption)CURLOPTTYPE_OBJECTPOINT)
        code = __real_curl_multi_setopt(multi, option, va_arg(value, long));
    else
        code = __real_curl_multi_setopt(multi, option, va_arg(value, void *));
    va_end(value);
    return code;
}

curl_version_info_data *__wrap_curl_version_info(CURLversion age)
{
    static _Thread_local curl_version_info_data info;

    info = *__real_curl_version_info(age);
    info.features &= ~shim.hidden_features;
    if (shim.version != 0)
        info.version_num = shim.version;
    if (shim.ssl_version != NULL)
        info.ssl_version = shim.ssl_version;
    return &info;
}

int __wrap_memfd_create(const char *name, unsigned flags)
{
    if (!shim.no_memory_files)
        return __real_memfd_create(name, flags);
    errno = ENOSYS;
    return -1;
}

/* The write of a TLS library that owns the socket. */
static void write_to_a_closed_connection(void)
{
    int ends[2];

    if (!shim.raises_sigpipe)
        return;
    shim.raised++;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        abort();
    close(ends[1]);
    if (write(ends[0], "", 1) >= 0)
        abort();
    close(ends[0]);
}

CURLMcode __wrap_curl_multi_socket_action(CURLM *multi, curl_socket_t fd, int mask, int *running)
{
    write_to_a_closed_connection();
    return __real_curl_multi_socket_action(multi, fd, mask, running);
}

CURLMcode __wrap_curl_multi_remove_handle(CURLM *multi, CURL *easy)
{
    write_to_a_closed_connection();
    return __real_curl_multi_remove_handle(multi, easy);
}

CURLMcode __wrap_curl_multi_cleanup(CURLM *multi)
{
    write_to_a_closed_connection();
    return __real_curl_multi_cleanup(multi);
}
