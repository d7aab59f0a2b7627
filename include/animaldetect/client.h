/* SPDX-License-Identifier: MIT */
/** @file
 * The client: configuration, connections, quota and engine. Make one per API key and process, and share it.
 *
 * A setter (`animaldetect_client_set_...`, `animaldetect_client_add_...`) must be called before the first job is
 * started and before `animaldetect_client_fd`, `animaldetect_client_process`, `animaldetect_client_wait` or
 * `animaldetect_client_wakeup` is called; afterwards it returns ANIMALDETECT_E_STATE. The setters of the API key, the
 * log, the rate limit, the poll mode and bounds, the timeouts, the retry limit, and the limit of answers in bytes may be
 * called at any time; they count for what is sent next. A poll that is planned already keeps its time, and a pace that
 * a 429 has cut stays cut until it has recovered. A setter that fails changes nothing; the reason is in
 * `animaldetect_client_message`.
 */
#ifndef ANIMALDETECT_CLIENT_H
#define ANIMALDETECT_CLIENT_H

#include <animaldetect/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Makes a client with the default configuration and no API key.
 *
 * The first client of a process initializes libcurl (`curl_global_init`, safe from any thread when libcurl says so) and
 * libsodium; neither is ever cleaned up by this library, since the host owns the process.
 *
 * @param out  receives the client; owned by the caller, free with `animaldetect_client_free`
 * @return  also ANIMALDETECT_E_NO_MEMORY, ANIMALDETECT_E_SYSTEM
 */
ANIMALDETECT_API int32_t animaldetect_client_new(animaldetect_client **out);

/**
 * Makes a client and configures it from the environment: `AD_API_KEY`, or else `ANIMAL_DETECT_API_KEY`, and
 * `AD_API_BASE_URL` when it is set and not empty.
 *
 * @param out  receives the client; owned by the caller
 * @return  also ANIMALDETECT_E_NO_API_KEY when neither variable holds a key, ANIMALDETECT_E_INVALID_ARGUMENT or
 *          ANIMALDETECT_E_INSECURE_URL when a value is refused, ANIMALDETECT_E_NO_MEMORY, ANIMALDETECT_E_SYSTEM
 * @threads any, as long as no other thread changes the environment
 */
ANIMALDETECT_API int32_t animaldetect_client_new_from_env(animaldetect_client **out);

/**
 * Frees a client: aborts what is in flight, closes its connections, wipes the key.
 *
 * Calls in flight complete with ANIMALDETECT_E_CANCELED and are not handed out any more. Threads that wait on the
 * client are woken and get ANIMALDETECT_E_STATE; this function returns when they have left the client. Jobs and results
 * stay valid until they are freed themselves; starting a call on such a job returns ANIMALDETECT_E_STATE. In a forked
 * child no socket is touched. From inside one of the client's own callbacks this function does nothing.
 *
 * @threads any; the handle must not be used by a call that begins after this one
 * @blocks  only until waiting threads have left
 */
ANIMALDETECT_API void animaldetect_client_free(animaldetect_client *client);

/**
 * The last error message of this client, such as that of a setter. Threads that share a client should read the message
 * of a job from `animaldetect_job_message`: this one is of whichever thread failed last.
 *
 * @return  one line, "" when nothing failed; borrowed, valid until the next failing call on this client
 * @threads the one that made the failing call
 */
ANIMALDETECT_API const char *animaldetect_client_message(const animaldetect_client *client);

/**
 * Copies the message of `animaldetect_client_message` while no other thread can write it: for clients that several
 * threads use.
 *
 * @param buffer  receives the line, truncated to fit and NUL-terminated; may be NULL when `size` is 0
 * @param size    of the buffer in bytes
 * @return  length of the whole line in bytes without its NUL, at most 255; 0 when nothing failed or without a client
 */
ANIMALDETECT_API size_t animaldetect_client_copy_message(animaldetect_client *client, char *buffer, size_t size);

/**
 * Sets the API key. It is sent only to trusted origins and never logged. May be called while jobs run: the next request
 * carries the new key. A key that was replaced is not sent any more; it is kept until the client is freed, and wiped
 * then, so that a message that repeats the service's text does not show it. Keys of fewer than 8 bytes are not searched
 * for in such texts.
 *
 * @param key  visible ASCII without spaces, at most 4,096 bytes; copied
 * @return  ANIMALDETECT_OK, ANIMALDETECT_E_INVALID_ARGUMENT, ANIMALDETECT_E_NO_MEMORY, ANIMALDETECT_E_BUSY,
 *          ANIMALDETECT_E_FORKED
 */
ANIMALDETECT_API int32_t animaldetect_client_set_api_key(animaldetect_client *client, const char *key);

/**
 * Sets the base URL of the service. Its origin becomes trusted with the key. Default "https://api.animaldetect.com/v1".
 * While the base URL is one of the two official origins, the other one is trusted as well.
 *
 * @param url  https URL without query, fragment or user information; http only for loopback or with
 *             `animaldetect_client_set_allow_insecure_http`; copied
 * @return  also ANIMALDETECT_E_INSECURE_URL, ANIMALDETECT_E_NO_MEMORY
 */
ANIMALDETECT_API int32_t animaldetect_client_set_base_url(animaldetect_client *client, const char *url);

/**
 * Adds an origin to which the API key may be sent when the service names a URL there.
 *
 * @param origin  scheme, host and port, such as "https://jobs.example.com"; a path is refused; copied. Plain http on
 *                loopback is accepted, but used only while the base URL is plain http on loopback itself
 * @return  also ANIMALDETECT_E_INSECURE_URL, ANIMALDETECT_E_NO_MEMORY
 */
ANIMALDETECT_API int32_t animaldetect_client_add_trusted_origin(animaldetect_client *client, const char *origin);

/**
 * Sets a file with the certificates of the authorities to trust (PEM), instead of the system's.
 *
 * @param path  file name; it must be readable now and when a connection is made; copied
 * @return  also ANIMALDETECT_E_FILE when it cannot be read, ANIMALDETECT_E_NO_MEMORY
 * @blocks  on the file system only
 */
ANIMALDETECT_API int32_t animaldetect_client_set_ca_file(animaldetect_client *client, const char *path);

/**
 * Sets the certificates of the authorities to trust, as PEM text in memory. Takes precedence over
 * `animaldetect_client_set_ca_file`.
 *
 * @param pem   PEM text; copied
 * @param size  its length in bytes, 1 to 4 MiB
 * @return  also ANIMALDETECT_E_NO_MEMORY
 */
ANIMALDETECT_API int32_t animaldetect_client_set_ca_pem(animaldetect_client *client, const char *pem, size_t size);

/**
 * Sets a proxy for all requests. Without it libcurl's environment variables (`https_proxy` and so on) apply.
 *
 * @param url  such as "http://user:password@proxy.example:3128" or "socks5h://..."; "" means no proxy at all,
 *             regardless of the environment; copied; the password is never logged
 * @return  also ANIMALDETECT_E_NO_MEMORY
 */
ANIMALDETECT_API int32_t animaldetect_client_set_proxy(animaldetect_client *client, const char *url);

/**
 * Adds text to the User-Agent header, after the library's own name and version.
 *
 * @param text  such as "acme-gateway/2.1"; printable ASCII, at most 256 bytes; "" for none; copied
 * @return  also ANIMALDETECT_E_NO_MEMORY
 */
ANIMALDETECT_API int32_t animaldetect_client_set_user_agent(animaldetect_client *client, const char *text);

/**
 * Sets how long establishing a connection may take, TLS included. Default 15,000 ms.
 *
 * @param timeout_ms  1 to 86,400,000 ms
 */
ANIMALDETECT_API int32_t animaldetect_client_set_connect_timeout_ms(animaldetect_client *client, int64_t timeout_ms);

/**
 * Sets how long a request may go without a byte moving in either direction, once it is on a connection. Default
 * 30,000 ms; it expires after 1 to 1.15 times this. On Linux, bytes of an upload that the peer acknowledges count too.
 *
 * @param timeout_ms  1 to 86,400,000 ms
 */
ANIMALDETECT_API int32_t animaldetect_client_set_stall_timeout_ms(animaldetect_client *client, int64_t timeout_ms);

/**
 * Sets how long one API request may take in total. Default 60,000 ms. An upload gets this time plus the time that its
 * bytes take at 64 bytes per second, since a slow link may need long for 10 MB; its response may take this time again,
 * from its first byte.
 *
 * @param timeout_ms  1 to 86,400,000 ms
 */
ANIMALDETECT_API int32_t animaldetect_client_set_request_timeout_ms(animaldetect_client *client, int64_t timeout_ms);

/**
 * Sets how many requests may be on the wire at once. Default 64. Further jobs wait and cost only memory. At most
 * three quarters of the requests (at least one) are uploads, so that a slow link does not delay results.
 *
 * @param count  1 to 10,000
 */
ANIMALDETECT_API int32_t animaldetect_client_set_max_active(animaldetect_client *client, int32_t count);

/**
 * Sets the quota, so that it is never exceeded. Without it the client runs unpaced until the first 429, then adapts.
 * Uploads go to the storage and do not count.
 *
 * @param requests_per_minute  API requests that the key may make in any 60 seconds, 1 to 1,000,000; 0 for unknown
 * @param burst                how many of them may be made at once, 1 to `requests_per_minute`; 0 for the default,
 *                             1 + `requests_per_minute` / 100 without the fraction (60: 1, 300: 4, 1,000: 11). Always
 *                             at most `requests_per_minute` - 1, and at least 1
 */
ANIMALDETECT_API int32_t animaldetect_client_set_rate_limit(animaldetect_client *client, int32_t requests_per_minute,
                                                            int32_t burst);

/**
 * Sets how often one request is tried in total before its call fails. Default 6. A poll that fails does not fail the
 * call: only the deadline does, or this many failures in a row.
 *
 * @param tries  1 to 1,000
 */
ANIMALDETECT_API int32_t animaldetect_client_set_retry_limit(animaldetect_client *client, int32_t tries);

/**
 * Sets what polling optimizes for. Default ANIMALDETECT_POLL_BALANCED.
 *
 * @param mode  a value of `enum animaldetect_poll_mode`
 */
ANIMALDETECT_API int32_t animaldetect_client_set_poll_mode(animaldetect_client *client, int32_t mode);

/**
 * Sets the shortest and the longest time from the submit of a job to its first poll, and between two polls.
 * Without this call polls are 250 ms to 30,000 ms apart, and the first is sent when the job is expected to be done,
 * however late that is. A hint from the service takes precedence over both bounds. With equal bounds the interval is
 * fixed.
 *
 * @param min_ms  10 to 3,600,000 ms
 * @param max_ms  `min_ms` to 3,600,000 ms
 */
ANIMALDETECT_API int32_t animaldetect_client_set_poll_bounds_ms(animaldetect_client *client, int64_t min_ms,
                                                                int64_t max_ms);

/**
 * Permits plain http to hosts other than loopback. Anyone on the network path can then read the key.
 *
 * @param allow  1 to permit, 0 to refuse (default)
 */
ANIMALDETECT_API int32_t animaldetect_client_set_allow_insecure_http(animaldetect_client *client, int32_t allow);

/**
 * Sets the name of the create request's optional checksum field (64 hex digits of SHA-256). The published contract does
 * not give the name, so none is sent by default.
 *
 * @param name  letters, digits and underscores, at most 64; "" for none; copied
 * @return  also ANIMALDETECT_E_NO_MEMORY
 */
ANIMALDETECT_API int32_t animaldetect_client_set_checksum_field(animaldetect_client *client, const char *name);

/**
 * Sets the size above which an image is rejected before anything is sent. Default 10,485,760 bytes (10 MiB).
 *
 * @param bytes  1 to 1 TiB
 */
ANIMALDETECT_API int32_t animaldetect_client_set_max_image_bytes(animaldetect_client *client, uint64_t bytes);

/**
 * Sets the size above which a response of the service is rejected. Default 8,388,608 bytes (8 MiB).
 *
 * @param bytes  1,024 to 1 GiB
 */
ANIMALDETECT_API int32_t animaldetect_client_set_max_answer_bytes(animaldetect_client *client, uint64_t bytes);

/**
 * Sets the log callback. By default nothing is logged; nothing is ever written to stdout or stderr. May be changed at
 * any time.
 *
 * @param callback  receives each line, or NULL for none
 * @param level     a value of `enum animaldetect_log_level`
 * @param user      passed to the callback; must live until the callback is replaced or the client is freed
 * @return  ANIMALDETECT_OK, ANIMALDETECT_E_INVALID_ARGUMENT, ANIMALDETECT_E_BUSY, ANIMALDETECT_E_FORKED
 * @threads any; the callback runs on whichever thread drives the client
 */
ANIMALDETECT_API int32_t animaldetect_client_set_log(animaldetect_client *client, animaldetect_log_callback callback,
                                                     int32_t level, void *user);

#ifdef __cplusplus
}
#endif

#endif
