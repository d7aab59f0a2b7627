// SPDX-License-Identifier: MIT

package animaldetect

/*
#include <animaldetect/animaldetect.h>
#include <stdlib.h>
#include <string.h>
*/
import "C"

import (
	"strings"
	"time"
	"unsafe"
)

// Option configures a client, when it is made or later by Client.Configure. What is not set has the default of the C
// headers.
type Option func(*Client) error

// WithAPIKey sets the key. It is sent only to trusted origins, never logged, and wiped by the library when it is replaced
// or the client closed. The string that Go holds stays in memory: read it from the environment (FromEnv) where that matters.
func WithAPIKey(key string) Option {
	return textOption(key, func(c *Client, text *C.char) C.int32_t {
		status := C.animaldetect_client_set_api_key(c.c, text)
		C.memset(unsafe.Pointer(text), 0, C.strlen(text))
		return status
	})
}

// WithEnvironment takes the key from AD_API_KEY or ANIMAL_DETECT_API_KEY, and the base URL from AD_API_BASE_URL.
func WithEnvironment() Option {
	return option(func(c *Client) C.int32_t { return C.animaldetect_client_configure_from_env(c.c) })
}

// WithBaseURL sets where the service is.
func WithBaseURL(url string) Option {
	return textOption(url, func(c *Client, text *C.char) C.int32_t { return C.animaldetect_client_set_base_url(c.c, text) })
}

// WithTrustedOrigin adds an origin that may see the key.
func WithTrustedOrigin(origin string) Option {
	return textOption(origin, func(c *Client, text *C.char) C.int32_t {
		return C.animaldetect_client_add_trusted_origin(c.c, text)
	})
}

// WithCAFile names a PEM file with the authorities to trust.
func WithCAFile(path string) Option {
	return textOption(path, func(c *Client, text *C.char) C.int32_t { return C.animaldetect_client_set_ca_file(c.c, text) })
}

// WithCAPEM gives the authorities to trust as PEM text.
func WithCAPEM(pem []byte) Option {
	return textOption(string(pem), func(c *Client, text *C.char) C.int32_t {
		return C.animaldetect_client_set_ca_pem(c.c, text, C.size_t(len(pem)))
	})
}

// WithProxy sets a proxy for all requests; "" for none, whatever the environment says.
func WithProxy(url string) Option {
	return textOption(url, func(c *Client, text *C.char) C.int32_t { return C.animaldetect_client_set_proxy(c.c, text) })
}

// WithHeader adds a header to each request to a trusted origin, for tracing or for a gateway; "" takes it away. What it
// holds is no secret to the log.
func WithHeader(name, value string) Option {
	return func(c *Client) error {
		return withText(value, func(value *C.char) error {
			return textOption(name, func(c *Client, name *C.char) C.int32_t {
				return C.animaldetect_client_add_header(c.c, name, value)
			})(c)
		})
	}
}

// WithUserAgent adds words to the User-Agent header.
func WithUserAgent(words string) Option {
	return textOption(words, func(c *Client, text *C.char) C.int32_t {
		return C.animaldetect_client_set_user_agent(c.c, text)
	})
}

// WithChecksumField names the create request's checksum field.
func WithChecksumField(name string) Option {
	return textOption(name, func(c *Client, text *C.char) C.int32_t {
		return C.animaldetect_client_set_checksum_field(c.c, text)
	})
}

// WithConnectTimeout bounds how long a connection may take to be made.
func WithConnectTimeout(timeout time.Duration) Option {
	return option(func(c *Client) C.int32_t {
		return C.animaldetect_client_set_connect_timeout_ms(c.c, milliseconds(timeout))
	})
}

// WithStallTimeout bounds how long a request may go without a byte.
func WithStallTimeout(timeout time.Duration) Option {
	return option(func(c *Client) C.int32_t {
		return C.animaldetect_client_set_stall_timeout_ms(c.c, milliseconds(timeout))
	})
}

// WithRequestTimeout bounds how long one API request may take.
func WithRequestTimeout(timeout time.Duration) Option {
	return option(func(c *Client) C.int32_t {
		return C.animaldetect_client_set_request_timeout_ms(c.c, milliseconds(timeout))
	})
}

// WithOfflinePatience bounds how long calls wait for a network; negative for no end, 0 not to wait.
func WithOfflinePatience(patience time.Duration) Option {
	return option(func(c *Client) C.int32_t {
		return C.animaldetect_client_set_offline_patience_ms(c.c, bound(patience))
	})
}

// WithMaxRetryAfter bounds how long a wait that the service asked for is kept without asking again.
func WithMaxRetryAfter(wait time.Duration) Option {
	return option(func(c *Client) C.int32_t {
		return C.animaldetect_client_set_max_retry_after_ms(c.c, milliseconds(wait))
	})
}

// WithProcessingTimeout bounds how long the service may take for a job, from its submit: then ErrOverdue. Negative for none.
func WithProcessingTimeout(timeout time.Duration) Option {
	return option(func(c *Client) C.int32_t {
		return C.animaldetect_client_set_processing_timeout_ms(c.c, bound(timeout))
	})
}

// WithMaxRequests sets how many requests may be on the wire at once.
func WithMaxRequests(count int32) Option {
	return option(func(c *Client) C.int32_t { return C.animaldetect_client_set_max_requests(c.c, C.int32_t(count)) })
}

// WithMaxJobs sets how many calls may be in flight; one more is ErrQueueFull. 0 for no limit.
func WithMaxJobs(count int64) Option {
	return option(func(c *Client) C.int32_t { return C.animaldetect_client_set_max_jobs(c.c, C.int64_t(count)) })
}

// WithRateLimit tells the quota. Burst 0 is the default.
func WithRateLimit(requestsPerMinute, burst int32) Option {
	return option(func(c *Client) C.int32_t {
		return C.animaldetect_client_set_rate_limit(c.c, C.int32_t(requestsPerMinute), C.int32_t(burst))
	})
}

// WithMaxTries sets how often one request is tried in all.
func WithMaxTries(tries int32) Option {
	return option(func(c *Client) C.int32_t { return C.animaldetect_client_set_max_tries(c.c, C.int32_t(tries)) })
}

// WithPollMode sets what polls are spent on.
func WithPollMode(mode PollMode) Option {
	return option(func(c *Client) C.int32_t { return C.animaldetect_client_set_poll_mode(c.c, C.int32_t(mode)) })
}

// WithPollBounds sets the shortest and the longest time between two polls.
func WithPollBounds(least, most time.Duration) Option {
	return option(func(c *Client) C.int32_t {
		return C.animaldetect_client_set_poll_bounds_ms(c.c, milliseconds(least), milliseconds(most))
	})
}

// WithInsecureHTTP permits plain http to hosts other than loopback.
func WithInsecureHTTP(allow bool) Option {
	return option(func(c *Client) C.int32_t { return C.animaldetect_client_set_allow_insecure_http(c.c, truth(allow)) })
}

// WithMaxImageBytes sets the size above which an image is refused before anything is sent.
func WithMaxImageBytes(size uint64) Option {
	return option(func(c *Client) C.int32_t { return C.animaldetect_client_set_max_image_bytes(c.c, C.uint64_t(size)) })
}

// WithMaxAnswerBytes sets the size above which a response is refused.
func WithMaxAnswerBytes(size uint64) Option {
	return option(func(c *Client) C.int32_t { return C.animaldetect_client_set_max_answer_bytes(c.c, C.uint64_t(size)) })
}

// WithLog is SetLog.
func WithLog(level LogLevel, function func(Record)) Option {
	return func(c *Client) error { return c.SetLog(level, function) }
}

func option(act func(*Client) C.int32_t) Option {
	return func(c *Client) error { return c.set(func() C.int32_t { return act(c) }) }
}

func textOption(text string, act func(*Client, *C.char) C.int32_t) Option {
	return func(c *Client) error {
		return withText(text, func(text *C.char) error { return c.set(func() C.int32_t { return act(c, text) }) })
	}
}

// withText lends a C copy. A NUL inside would cut it: it is refused.
func withText(text string, use func(*C.char) error) error {
	if strings.IndexByte(text, 0) >= 0 {
		return failure(ErrInvalidArgument, "a text has a NUL in it")
	}
	copied := C.CString(text)
	defer C.free(unsafe.Pointer(copied))
	return use(copied)
}

// milliseconds rounds away from zero: what is not zero does not become it.
func milliseconds(duration time.Duration) C.int64_t {
	count := duration / time.Millisecond
	switch rest := duration % time.Millisecond; {
	case rest > 0:
		count++
	case rest < 0:
		count--
	}
	return C.int64_t(count)
}

// bound is for what may have no bound, which is a negative duration.
func bound(duration time.Duration) C.int64_t {
	if duration < 0 {
		return -1
	}
	return milliseconds(duration)
}

func truth(value bool) C.int32_t {
	if value {
		return 1
	}
	return 0
}
