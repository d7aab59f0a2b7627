/* SPDX-License-Identifier: MIT */
/** @file
 * One request that a custom transport sends: what to send, and where to put the response.
 *
 * Until it is ended, an exchange may be used by any thread, but by one at a time. What a getter returns is valid until
 * the exchange is ended. See `transport.h` for the life of an exchange.
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
 * Reads the next bytes of the request's body, wherever it is kept. A file or a reader of the host is read inside this
 * call, so that memory stays constant. After a failure end the exchange without completing the request; the error is
 * reported to the caller of the step, whatever the exchange is ended with.
 *
 * @param buffer  receives the bytes
 * @param size    size of `buffer`, at least 1 byte
 * @return  the number of bytes, 0 at the end, ANIMALDETECT_E_CANCELED when the exchange was canceled,
 *          ANIMALDETECT_E_INVALID_ARGUMENT, ANIMALDETECT_E_FORKED, or the error of the image's source
 * @blocks  on the source, and, unless it is called inside a callback, for the client's lock
 */
ANIMALDETECT_API int64_t animaldetect_exchange_read_body(animaldetect_exchange *exchange, uint8_t *buffer, size_t size);

/**
 * Goes back to the first byte of the request's body, to send it again on another connection.
 *
 * @return  also ANIMALDETECT_E_CANCELED, ANIMALDETECT_E_FORKED, or the error of the image's source
 * @blocks  as `animaldetect_exchange_read_body`
 */
ANIMALDETECT_API int32_t animaldetect_exchange_rewind_body(animaldetect_exchange *exchange);

/**
 * Whether the transport may send the request again by itself, when a reused connection turned out to be dead. If not,
 * it must be sent at most once: a second one could have a second effect. The library itself retries what can be
 * retried.
 *
 * @return  1 if so, else 0
 */
ANIMALDETECT_API int32_t animaldetect_exchange_may_resend(const animaldetect_exchange *exchange);

/**
 * How long establishing a connection may take. The transport enforces this timeout itself and ends the exchange with
 * ANIMALDETECT_FAILURE_TIMEOUT; the library enforces the other timeouts.
 *
 * @return  milliseconds; 0 without an exchange
 */
ANIMALDETECT_API int64_t animaldetect_exchange_connect_timeout_ms(const animaldetect_exchange *exchange);

/**
 * Whether the request was canceled or has timed out. The value may change at any time.
 *
 * @return  1 if so, else 0
 */
ANIMALDETECT_API int32_t animaldetect_exchange_is_canceled(const animaldetect_exchange *exchange);

/**
 * Stores a pointer of the transport with the exchange.
 *
 * @param data  any pointer; never dereferenced by the library
 */
ANIMALDETECT_API int32_t animaldetect_exchange_set_user_data(animaldetect_exchange *exchange, void *data);

/**
 * The pointer that was stored with the exchange.
 *
 * @return  the pointer, valid as long as the transport keeps it so; NULL when none was set
 */
ANIMALDETECT_API void *animaldetect_exchange_user_data(const animaldetect_exchange *exchange);

/**
 * Sets the status of the final response. Interim responses (1xx) are handled by the transport.
 *
 * @param http_status  200 to 599
 */
ANIMALDETECT_API int32_t animaldetect_exchange_set_status(animaldetect_exchange *exchange, int32_t http_status);

/**
 * Adds a header of the final response. All may be given; the library reads Retry-After, Date, the rate headers, the
 * request id and the content type.
 *
 * @param name   the name, in any case; copied
 * @param value  the value without the line end; copied
 * @return  also ANIMALDETECT_E_NO_MEMORY, ANIMALDETECT_E_ANSWER_TOO_LARGE past 64 KiB of headers; the last two are
 *          then the outcome of the exchange
 */
ANIMALDETECT_API int32_t animaldetect_exchange_add_header(animaldetect_exchange *exchange, const char *name,
                                                          const char *value);

/**
 * Adds bytes to the body of the response.
 *
 * @param bytes  the bytes, with any transfer or content coding decoded; copied
 * @param size   their number
 * @return  also ANIMALDETECT_E_NO_MEMORY, ANIMALDETECT_E_ANSWER_TOO_LARGE past the client's limit; the last two are
 *          then the outcome of the exchange: the rest of the response need not be read
 */
ANIMALDETECT_API int32_t animaldetect_exchange_add_body(animaldetect_exchange *exchange, const void *bytes,
                                                        size_t size);

/**
 * Ends the exchange: the response is complete. When its body was cut short, end the exchange with
 * ANIMALDETECT_FAILURE_BROKEN instead. The handle becomes invalid.
 *
 * @param exchange  the exchange; consumed on ANIMALDETECT_OK
 * @return  also ANIMALDETECT_E_STATE when no status was set
 */
ANIMALDETECT_API int32_t animaldetect_exchange_complete(animaldetect_exchange *exchange);

/**
 * Ends the exchange: there is no response. The handle becomes invalid.
 *
 * @param exchange  the exchange; consumed on ANIMALDETECT_OK
 * @param failure   a value of `enum animaldetect_failure`
 * @param words     what failed, for the error message: one line without URLs and secrets, of which 190 bytes are kept;
 *                  NULL for none; copied
 */
ANIMALDETECT_API int32_t animaldetect_exchange_fail(animaldetect_exchange *exchange, int32_t failure,
                                                    const char *words);

#ifdef __cplusplus
}
#endif

#endif
