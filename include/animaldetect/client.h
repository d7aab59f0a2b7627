/* SPDX-License-Identifier: MIT */
/** @file
 * The client: configuration, connections, quota and engine. Make one per API key and process, and share it.
 *
 * The setters (`animaldetect_client_set_...`, `animaldetect_client_add_...`) may be called at any time; a new value
 * applies to requests that are sent later. A poll that is already scheduled keeps its time, and a pace that was reduced
 * after a 429 recovers gradually. Six settings are fixed at the first use of a client: the base URL, the trusted
 * origins, the user agent, plain http, the checksum field and the transport must be set before the first job is started
 * and before `animaldetect_client_fd`, `animaldetect_client_process`, `animaldetect_client_wait` or
 * `animaldetect_client_wakeup` is called; afterwards their setters return ANIMALDETECT_E_STATE. A setter that fails
 * changes nothing; the reason is in `animaldetect_client_copy_message`.
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
 * libsodium; neither is ever cleaned up by this library, since the host owns the process. The proxy variables of the
 * environment are read here, once.
 *
 * @param out  receives the client; owned by the caller, free with `animaldetect_client_free`
 * @return  also ANIMALDETECT_E_NO_MEMORY, ANIMALDETECT_E_SYSTEM
 * @threads any, as long as no other thread changes the environment
 */
ANIMALDETECT_API int32_t animaldetect_client_new(animaldetect_client **out);

/**
 * Configures a client from the environment: the key from `AD_API_KEY`, or else `ANIMAL_DETECT_API_KEY`, and the base
 * URL from `AD_API_BASE_URL` when it is set and not empty. Spaces and line ends around a value are ignored. If a value
 * is rejected, nothing changes and the message names the variable.
 *
 * @return  also ANIMALDETECT_E_NO_API_KEY when neither variable holds a key, ANIMALDETECT_E_INVALID_ARGUMENT or
 *          ANIMALDETECT_E_INSECURE_URL when a value is rejected, ANIMALDETECT_E_STATE when the base URL is set after
 *          the first use, ANIMALDETECT_E_NO_MEMORY
 * @threads any, as long as no other thread changes the environment
 */
ANIMALDETECT_API int32_t animaldetect_client_configure_from_env(animaldetect_client *client);

/**
 * Frees a client: aborts what is in flight, closes its connections, wipes the key.
 *
 * Calls in flight complete with ANIMALDETECT_E_CANCELED and are no longer handed out. Threads that wait on the client
 * are woken and get ANIMALDETECT_E_CLIENT_FREED; this function returns when they have left the client. Jobs and results
 * stay valid until they are freed themselves; a call on such a job returns ANIMALDETECT_E_CLIENT_FREED. In a forked
 * child no socket is touched. From inside one of the client's own callbacks this function does nothing.
 *
 * @threads any; the handle must not be used by a call that begins after this one
 * @blocks  only until waiting threads have left
 */
ANIMALDETECT_API void animaldetect_client_free(animaldetect_client *client);

/**
 * Copies the last error message of this client, such as that of a setter. If several threads use the client, it is the
 * message of whichever call failed last. The message of a job is in `animaldetect_job_message`.
 *
 * @param buffer  receives the line, truncated to fit and NUL-terminated; may be NULL when `size` is 0
 * @param size    of the buffer in bytes
 * @return  length of the whole line in bytes without its NUL, at most 255; 0 when nothing failed or without a client
 */
ANIMALDETECT_API size_t animaldetect_client_copy_message(animaldetect_client *client, char *buffer, size_t size);

/**
 * Sets the API key. It is sent only to trusted origins and never logged. May be called while jobs run: the next request
 * carries the new key. A key that was replaced is no longer sent. It is kept until the client is freed, so that it can
 * be masked in text from the service, and is then wiped. Keys shorter than 8 bytes are not masked.
 *
 * @param key  visible ASCII without spaces, at most 4,096 bytes; copied
 * @return  also ANIMALDETECT_E_NO_MEMORY
 */
ANIMALDETECT_API int32_t animaldetect_client_set_api_key(animaldetect_client *client, const char *key);

/**
 * Sets the base URL of the service. Its origin becomes trusted: the API key is sent there. Default
 * "https://api.animaldetect.com/v1". While the base URL is one of the two official origins, the other one is trusted as
 * well. After a permanent redirect to a trusted origin, the client sends its requests there until it is freed, and logs
 * a warning.
 *
 * @param url  https URL without query, fragment or user information; http only for loopback or with
 *             `animaldetect_client_set_allow_insecure_http`; copied
 * @return  also ANIMALDETECT_E_STATE after the first use, ANIMALDETECT_E_INSECURE_URL, ANIMALDETECT_E_NO_MEMORY
 */
ANIMALDETECT_API int32_t animaldetect_client_set_base_url(animaldetect_client *client, const char *url);

/**
 * Adds an origin to which the API key may be sent when the service returns a URL there or redirects to it.
 *
 * @param origin  scheme, host and port, such as "https://jobs.example.com"; a path is refused; copied. Plain http on
 *                loopback is accepted, but used only while the base URL is plain http on loopback itself
 * @return  also ANIMALDETECT_E_STATE after the first use, ANIMALDETECT_E_INSECURE_URL, ANIMALDETECT_E_NO_MEMORY
 */
ANIMALDETECT_API int32_t animaldetect_client_add_trusted_origin(animaldetect_client *client, const char *origin);

/**
 * Sets a PEM file with the CA certificates to trust, instead of the system's. May be changed at any time, such as after
 * a renewal; requests on the wire are not affected.
 *
 * @param path  file name; it must be readable now and when a connection is made; copied
 * @return  also ANIMALDETECT_E_INVALID_ARGUMENT when it cannot be read, ANIMALDETECT_E_NO_MEMORY
 * @blocks  on the file system only
 */
ANIMALDETECT_API int32_t animaldetect_client_set_ca_file(animaldetect_client *client, const char *path);

/**
 * Sets the CA certificates to trust, as PEM text in memory. Takes precedence over `animaldetect_client_set_ca_file`.
 *
 * @param pem   PEM text; copied
 * @param size  its length in bytes, 1 to 4 MiB
 * @return  also ANIMALDETECT_E_NO_MEMORY
 */
ANIMALDETECT_API int32_t animaldetect_client_set_ca_pem(animaldetect_client *client, const char *pem, size_t size);

/**
 * Sets a proxy for all requests. Without it libcurl's environment variables (`https_proxy` and so on) apply, as they
 * were when the client was made. May be changed at any time: new requests then use new connections.
 *
 * @param url  [scheme://][user[:password]@]host[:port]. The schemes are http (default), https if libcurl supports it
 *             (feature "https_proxy"), socks4, socks4a, socks5, socks5h. The default port is 1080, for https 443. ""
 *             means no proxy at all, regardless of the environment. Copied; the password is never logged
 * @return  also ANIMALDETECT_E_NO_MEMORY
 */
ANIMALDETECT_API int32_t animaldetect_client_set_proxy(animaldetect_client *client, const char *url);

/**
 * Adds a header to every request that goes to a trusted origin: such as one for tracing, or one that a gateway
 * requires. An upload does not get it, since it goes to the storage. A second value for a name replaces the first. The
 * value is not treated as a secret: it may be logged if the service repeats it.
 *
 * @param name   such as "traceparent", 1 to 128 characters; any but those that the library or HTTP itself needs, such
 *               as Authorization, Content-Type, Host, Idempotency-Key, Range; copied
 * @param value  printable ASCII, at most 1,024 bytes; "" removes the header; copied
 * @return  also ANIMALDETECT_E_NO_MEMORY; ANIMALDETECT_E_STATE for more than 16 names
 */
ANIMALDETECT_API int32_t animaldetect_client_add_header(animaldetect_client *client, const char *name,
                                                        const char *value);

/**
 * Adds text to the User-Agent header, after the library's own name and version.
 *
 * @param text  such as "acme-gateway/2.1"; printable ASCII, at most 256 bytes; "" for none; copied
 * @return  also ANIMALDETECT_E_STATE after the first use, ANIMALDETECT_E_NO_MEMORY
 */
ANIMALDETECT_API int32_t animaldetect_client_set_user_agent(animaldetect_client *client, const char *text);

/**
 * Sets how long establishing a connection may take, TLS included. Default 15,000 ms.
 *
 * @param timeout_ms  1 to 86,400,000 ms
 */
ANIMALDETECT_API int32_t animaldetect_client_set_connect_timeout_ms(animaldetect_client *client, int64_t timeout_ms);

/**
 * Sets how long a request may go without a byte moving in either direction, once it is on a connection. Default 30,000
 * ms; it expires after 1 to 1.15 times this. On Linux, bytes of an upload that the peer acknowledges count as well, and
 * a peer that accepts no bytes but still acknowledges packets gets ten times as long.
 *
 * @param timeout_ms  1 to 86,400,000 ms
 */
ANIMALDETECT_API int32_t animaldetect_client_set_stall_timeout_ms(animaldetect_client *client, int64_t timeout_ms);

/**
 * Sets how long one API request may take in total. Default 60,000 ms. An upload gets this time plus the time that its
 * bytes take at 64 bytes per second, because 10 MB can take long on a slow link. Its response must begin within this
 * time after the last byte of the image, and must be complete within this time after its own first byte.
 *
 * @param timeout_ms  1 to 86,400,000 ms
 */
ANIMALDETECT_API int32_t animaldetect_client_set_request_timeout_ms(animaldetect_client *client, int64_t timeout_ms);

/**
 * Sets how long calls wait for a network. After several consecutive failures (name resolution, connection, TLS, captive
 * portal) all calls of the client wait, and one request at a time probes the network, 1 s to 60 s apart. When a probe
 * succeeds, all calls continue. When the patience expires, the waiting calls fail (scope ANIMALDETECT_SCOPE_NETWORK,
 * retriable). The wait uses up no tries; call timeouts continue to run. May be changed at any time. Default 120,000 ms.
 *
 * @param patience_ms  1 to 2,592,000,000 ms (30 days); -1 for no limit; 0 to not wait: such a failure is then retried
 *                     like any other, and a TLS failure is final
 */
ANIMALDETECT_API int32_t animaldetect_client_set_offline_patience_ms(animaldetect_client *client, int64_t patience_ms);

/**
 * Sets how long a wait that the service requested (429, or 503 with a `Retry-After` of more than 30 s) is observed
 * before one request probes whether it still applies. The service may request hours, at most a day; a probe is sent
 * after each such time, and a good response ends the wait early. May be changed at any time. Default 600,000 ms.
 *
 * @param wait_ms  1,000 to 86,400,000 ms
 */
ANIMALDETECT_API int32_t animaldetect_client_set_max_retry_after_ms(animaldetect_client *client, int64_t wait_ms);

/**
 * Sets how long the service may take for a job, from its submit. A poll that finds the job unfinished after this time
 * fails the call with ANIMALDETECT_E_OVERDUE. The job is kept: start the same call again later to poll it again. The
 * time of the submit, on the service's clock, is saved with the job. May be changed at any time. Default 86,400,000 ms
 * (a day).
 *
 * @param timeout_ms  1,000 to 2,592,000,000 ms (30 days); -1 for none
 */
ANIMALDETECT_API int32_t animaldetect_client_set_processing_timeout_ms(animaldetect_client *client, int64_t timeout_ms);

/**
 * Sets how many requests may be on the wire at once. Default 64. Further requests wait and cost only memory. At most
 * three quarters of the requests (at least one) are uploads, so that a slow link does not delay results. While images
 * are uploaded, the same bound holds for API requests over HTTP/1.1, where each request needs its own connection.
 *
 * @param count  1 to 10,000
 * @return  also ANIMALDETECT_E_NO_MEMORY
 */
ANIMALDETECT_API int32_t animaldetect_client_set_max_requests(animaldetect_client *client, int32_t count);

/**
 * Sets how many calls may be in flight, including completed ones that were not collected. Beyond this a start returns
 * ANIMALDETECT_E_QUEUE_FULL: back-pressure for a host with many images. `animaldetect_client_in_flight` returns the
 * current number. Default no limit.
 *
 * @param count  1 or more; 0 for no limit
 */
ANIMALDETECT_API int32_t animaldetect_client_set_max_jobs(animaldetect_client *client, int64_t count);

/**
 * Sets the quota, so that it is never exceeded. Without it the client runs unpaced until the first 429, then adapts.
 * Uploads go to the storage and do not count.
 *
 * @param requests_per_minute  API requests that the key may make in any 60 seconds, 1 to 1,000,000; 0 for unknown
 * @param burst                how many of them may be made at once, 1 to `requests_per_minute`; 0 for the default, 1 +
 *                             `requests_per_minute` / 100, rounded down (60: 1, 300: 4, 1,000: 11). Always at most
 *                             `requests_per_minute` - 1, and at least 1
 */
ANIMALDETECT_API int32_t animaldetect_client_set_rate_limit(animaldetect_client *client, int32_t requests_per_minute,
                                                            int32_t burst);

/**
 * Sets how often one request is tried in total before its call fails: 1 means no retry. Default 6. A failed poll does
 * not fail the call: the call fails at its timeout, or after this many consecutive failures.
 *
 * @param tries  1 to 1,000
 */
ANIMALDETECT_API int32_t animaldetect_client_set_max_tries(animaldetect_client *client, int32_t tries);

/**
 * Sets what polling optimizes for. Default ANIMALDETECT_POLL_BALANCED.
 *
 * @param mode  a value of `enum animaldetect_poll_mode`
 */
ANIMALDETECT_API int32_t animaldetect_client_set_poll_mode(animaldetect_client *client, int32_t mode);

/**
 * Sets the shortest and the longest time from the submit of a job to its first poll, and between two polls. Without
 * this call polls are 250 ms to 30,000 ms apart, and the first is sent when the job is expected to be finished, however
 * late that is. If a job takes much longer than others, the interval grows to a quarter of its age. A hint from the
 * service takes precedence while no bounds are set, for up to an hour. With equal bounds the interval is fixed.
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
 * @return  also ANIMALDETECT_E_STATE after the first use
 */
ANIMALDETECT_API int32_t animaldetect_client_set_allow_insecure_http(animaldetect_client *client, int32_t allow);

/**
 * Sets the name of the create request's optional checksum field (64 hex digits of SHA-256). The published contract does
 * not specify the name, so none is sent by default. The field is part of the default idempotency key: to set or to
 * rename it makes every image a new one to the service. Only with the name "sha256" is the key the same as without a
 * field.
 *
 * @param name  letters, digits and underscores, at most 64, not the name of another field of the request; "" for none;
 *              copied
 * @return  also ANIMALDETECT_E_STATE after the first use, ANIMALDETECT_E_NO_MEMORY
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

#ifdef __cplusplus
}
#endif

#endif
