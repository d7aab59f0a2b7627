/* SPDX-License-Identifier: MIT */
/** @file
 * One request that a transport of the host's own carries: what to send, and where to put the answer.
 *
 * Until it is ended, an exchange may be used by one thread at a time, whichever that is. What a getter returns is valid
 * until the exchange is ended. See `transport.h` for the life of an exchange.
 */
#ifndef ANIMALDETECT_EXCHANGE_H
#define ANIMALDETECT_EXCHANGE_H

#include <animaldetect/transport.h>
#include <animaldetect/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * The request's method.
 *
 * @return  such as "POST"; borrowed; NULL without an exchange
 */
ANIMALDETECT_API const char *animaldetect_exchange_method(const animaldetect_exchange *exchange);

/**
 * The request's URL. Its query may be a secret: an upload URL is signed.
 *
 * @return  the whole URL; borrowed; NULL without an exchange
 */
ANIMALDETECT_API const char *animaldetect_exchange_url(const animaldetect_exchange *exchange);

/**
 * How many headers the request has. Content-Length and Host are not among them: they follow from body and URL.
 *
 * @return  the number; 0 without an exchange
 */
ANIMALDETECT_API size_t animaldetect_exchange_header_count(const animaldetect_exchange *exchange);

/**
 * Name of a header of the request.
 *
 * @param index  from 0
 * @return  the name; borrowed; NULL past the end
 */
ANIMALDETECT_API const char *animaldetect_exchange_header_name(const animaldetect_exchange *exchange, size_t index);

/**
 * Value of a header of the request. That of Authorization holds the API key.
 *
 * @param index  from 0
 * @return  the value, clean of control characters; borrowed; NULL past the end
 */
ANIMALDETECT_API const char *animaldetect_exchange_header_value(const animaldetect_exchange *exchange, size_t index);

/**
 * Value of a header of the request by its name.
 *
 * @param name  the name, in any case
 * @return  the value; borrowed; NULL when the request has none of this name
 */
ANIMALDETECT_API const char *animaldetect_exchange_header(const animaldetect_exchange *exchange, const char *name);

/**
 * The request's body when it is in memory. An image is not: read it with `animaldetect_exchange_read_body`.
 *
 * @return  `animaldetect_exchange_body_size` bytes; borrowed; NULL when there is no body or it must be read
 */
ANIMALDETECT_API const uint8_t *animaldetect_exchange_body(const animaldetect_exchange *exchange);

/**
 * Size of the request's body.
 *
 * @return  bytes; 0 for no body
 */
ANIMALDETECT_API uint64_t animaldetect_exchange_body_size(const animaldetect_exchange *exchange);

/**
 * Reads on in the request's body, wherever it is kept. A file or a reader of the host is read in here, so that memory
 * stays constant. After a failure end the exchange without completing the request; what was seen is reported to the
 * host, whatever the exchange is ended with.
 *
 * @param buffer  receives the bytes
 * @param size    room in `buffer`, at least 1 byte
 * @return  the number of bytes, 0 at the end, ANIMALDETECT_E_CANCELED when nobody waits any more,
 *          ANIMALDETECT_E_INVALID_ARGUMENT, ANIMALDETECT_E_FORKED, or what the image's source answered
 * @blocks on the source, and on another thread than that of a callback for the client's lock
 */
ANIMALDETECT_API int64_t animaldetect_exchange_read_body(animaldetect_exchange *exchange, uint8_t *buffer, size_t size);

/**
 * Goes back to the first byte of the request's body, to send it again on another connection.
 *
 * @return  also ANIMALDETECT_E_CANCELED, ANIMALDETECT_E_FORKED, or what the image's source answered
 * @blocks as `animaldetect_exchange_read_body`
 */
ANIMALDETECT_API int32_t animaldetect_exchange_rewind_body(animaldetect_exchange *exchange);

/**
 * May the transport send the request again by itself, when a kept connection turned out to be dead? If not, it must go
 * out at most once: a second time could have a second effect. The library itself repeats what can be repeated.
 *
 * @return  1 if so, else 0
 */
ANIMALDETECT_API int32_t animaldetect_exchange_may_resend(const animaldetect_exchange *exchange);

/**
 * How long a connection may take to be made. The transport keeps this one itself and ends the exchange with
 * ANIMALDETECT_FAILURE_TIMEOUT; the other timeouts are kept by the library.
 *
 * @return  milliseconds; 0 without an exchange
 */
ANIMALDETECT_API int64_t animaldetect_exchange_connect_timeout_ms(const animaldetect_exchange *exchange);

/**
 * Has the request been canceled, or has it timed out? The answer may change at any time.
 *
 * @return  1 if so, else 0
 */
ANIMALDETECT_API int32_t animaldetect_exchange_is_canceled(const animaldetect_exchange *exchange);

/**
 * Keeps a pointer of the transport's with the exchange.
 *
 * @param data  any pointer; not looked at
 */
ANIMALDETECT_API int32_t animaldetect_exchange_set_user_data(animaldetect_exchange *exchange, void *data);

/**
 * The pointer that was kept with the exchange.
 *
 * @return  the pointer; NULL when none was set
 */
ANIMALDETECT_API void *animaldetect_exchange_user_data(const animaldetect_exchange *exchange);

/**
 * Sets the status of the final answer. Interim answers (1xx) are the transport's own affair.
 *
 * @param http_status  200 to 599
 */
ANIMALDETECT_API int32_t animaldetect_exchange_set_status(animaldetect_exchange *exchange, int32_t http_status);

/**
 * Adds a header of the final answer. All may be given; the library looks at Retry-After, Date, the rate headers, the
 * request id and the content type.
 *
 * @param name   the name, in any case; copied
 * @param value  the value without line end; copied
 * @return  also ANIMALDETECT_E_NO_MEMORY, ANIMALDETECT_E_ANSWER_TOO_LARGE past 64 KiB of headers; the last two also
 *          decide the exchange
 */
ANIMALDETECT_API int32_t animaldetect_exchange_add_header(animaldetect_exchange *exchange, const char *name,
                                                          const char *value);

/**
 * Adds bytes to the body of the answer.
 *
 * @param bytes  the bytes, after any transfer or content coding was undone; copied
 * @param size   their number
 * @return  also ANIMALDETECT_E_NO_MEMORY, ANIMALDETECT_E_ANSWER_TOO_LARGE past the client's cap; the last two also
 *          decide the exchange: what is left of the answer need not be read
 */
ANIMALDETECT_API int32_t animaldetect_exchange_add_body(animaldetect_exchange *exchange, const void *bytes,
                                                        size_t size);

/**
 * Ends the exchange: the answer is here, whole. A body that was cut short is no whole answer: end with
 * ANIMALDETECT_FAILURE_BROKEN then. The handle must not be used any more.
 *
 * @param exchange  the exchange; taken on ANIMALDETECT_OK
 * @return  also ANIMALDETECT_E_STATE when no status was set
 */
ANIMALDETECT_API int32_t animaldetect_exchange_complete(animaldetect_exchange *exchange);

/**
 * Ends the exchange: there is no answer. The handle must not be used any more.
 *
 * @param exchange  the exchange; taken on ANIMALDETECT_OK
 * @param failure   a value of `enum animaldetect_failure`
 * @param words     what happened, for the host's message: one line without URLs and secrets, at most 190 bytes are
 *                  kept; NULL for none; copied
 */
ANIMALDETECT_API int32_t animaldetect_exchange_fail(animaldetect_exchange *exchange, int32_t failure,
                                                    const char *words);

#ifdef __cplusplus
}
#endif

#endif
