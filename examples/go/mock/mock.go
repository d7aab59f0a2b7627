// SPDX-License-Identifier: MIT

// Package mock is the Animal Detect service in memory, for tests of programs that use package animaldetect: a service, a
// network and a clock, without a socket and without real time. The clock advances whenever a call has nothing to do but
// wait, so that an hour's outage passes at once.
package mock

/*
#include <animaldetect/mock.h>
#include <stdlib.h>
*/
import "C"

import (
	"fmt"
	"runtime"
	"strings"
	"sync"
	"time"
	"unsafe"

	ad "animaldetect.com/go/animaldetect"
)

// APIKey is the key that the service accepts.
const APIKey = "sk_test_mock"

// Failure is how a request fails below HTTP.
type Failure int32

// A timeout and a broken connection may have had the request's effect; the others were certainly not sent.
const (
	FailureConnect Failure = C.ANIMALDETECT_FAILURE_CONNECT
	FailureBroken  Failure = C.ANIMALDETECT_FAILURE_BROKEN
	FailureTimeout Failure = C.ANIMALDETECT_FAILURE_TIMEOUT
	FailureTLS     Failure = C.ANIMALDETECT_FAILURE_TLS
	FailureRefused Failure = C.ANIMALDETECT_FAILURE_REFUSED
)

// Mock is a service in memory. Its methods may be called from any goroutine. It is kept as long as a client uses it.
type Mock struct {
	c     *C.animaldetect_mock
	mutex sync.Mutex // keeps the words of a refusal until they are read
}

// New makes a healthy service: every image is stored, processed and gets a result.
func New() (*Mock, error) {
	m := &Mock{}
	if status := ad.Status(C.animaldetect_mock_new(&m.c)); status != ad.OK {
		return nil, status
	}
	runtime.SetFinalizer(m, (*Mock).free)
	// The client is driven by its descriptor here, so no thread ever blocks in the library and advances the clock.
	if status := ad.Status(C.animaldetect_mock_set_auto_advance(m.c, 1)); status != ad.OK {
		return nil, status
	}
	return m, nil
}

func (m *Mock) free() { C.animaldetect_mock_free(m.c) }

// AnimaldetectTransport is for animaldetect.WithTransport.
func (m *Mock) AnimaldetectTransport() unsafe.Pointer {
	return unsafe.Pointer(C.animaldetect_mock_transport(m.c))
}

// Client makes a client on the mock, with its key. A program that makes its own gives it
// animaldetect.WithTransport(mock) and animaldetect.WithAPIKey(mock.APIKey).
func (m *Mock) Client(options ...ad.Option) (*ad.Client, error) {
	return ad.New(append([]ad.Option{ad.WithTransport(m), ad.WithAPIKey(APIKey)}, options...)...)
}

// ---- the service ----

// SetSeed seeds all random numbers, those of the clients included. Before a client uses the mock.
func (m *Mock) SetSeed(seed uint64) error {
	return m.set(func() C.int32_t { return C.animaldetect_mock_set_seed(m.c, C.uint64_t(seed)) })
}

// SetProcessing sets how long the service processes an image: "fixed:MS", "lognormal:MEDIAN_MS:SIGMA",
// "bimodal:MS1:MS2:P" or "fifo:SERVICE_MS". Before the first request.
func (m *Mock) SetProcessing(how string) error {
	return m.withText(how, func(how *C.char) C.int32_t { return C.animaldetect_mock_set_processing(m.c, how) })
}

// SetLatency sets the round-trip time of a request.
func (m *Mock) SetLatency(latency time.Duration) error {
	return m.set(func() C.int32_t { return C.animaldetect_mock_set_latency_ms(m.c, C.int64_t(latency.Milliseconds())) })
}

// SetRateLimit sets the quota of the key: API requests in any minute; 0 for none. Before the first request.
func (m *Mock) SetRateLimit(perMinute int) error {
	return m.set(func() C.int32_t { return C.animaldetect_mock_set_rate_limit(m.c, C.int32_t(perMinute)) })
}

// LoadAnswers reads the result for each image from a JSON file.
func (m *Mock) LoadAnswers(path string) error {
	return m.withText(path, func(path *C.char) C.int32_t { return C.animaldetect_mock_load_answers(m.c, path) })
}

// ---- what goes wrong ----

// AddFault adds a fault of the service's own, such as "submit:reset-after:n=1"; doc/mock.md of the library lists them.
func (m *Mock) AddFault(fault string) error {
	return m.withText(fault, func(fault *C.char) C.int32_t { return C.animaldetect_mock_add_fault(m.c, fault) })
}

// ClearFaults removes all faults and scripts.
func (m *Mock) ClearFaults() error {
	return m.set(func() C.int32_t { return C.animaldetect_mock_clear_faults(m.c) })
}

// Answer scripts a response in place of the service's to the nth request of a route ("create", "upload", "submit",
// "poll", "fetch" or "any"), counted from 1; 0 for each. Headers are "Name: value" lines.
func (m *Mock) Answer(route string, nth, httpStatus int, body string, headers ...string) error {
	return m.withText(route, func(route *C.char) C.int32_t {
		return withText(body, func(body *C.char) C.int32_t {
			return withText(strings.Join(headers, "\n"), func(headers *C.char) C.int32_t {
				return C.animaldetect_mock_answer(m.c, route, C.int32_t(nth), C.int32_t(httpStatus), headers, body)
			})
		})
	})
}

// Fail scripts a failure of the network for the nth request of a route; 0 for each.
func (m *Mock) Fail(route string, nth int, how Failure) error {
	return m.withText(route, func(route *C.char) C.int32_t {
		return C.animaldetect_mock_fail(m.c, route, C.int32_t(nth), C.int32_t(how))
	})
}

// Delay scripts a delay of the response to the nth request of a route; 0 for each.
func (m *Mock) Delay(route string, nth int, delay time.Duration) error {
	return m.withText(route, func(route *C.char) C.int32_t {
		return C.animaldetect_mock_delay(m.c, route, C.int32_t(nth), C.int64_t(delay.Milliseconds()))
	})
}

// SetJobState puts a job of the service into a state, such as "failed" or "expired".
func (m *Mock) SetJobState(id, state string) error {
	return m.withText(id, func(id *C.char) C.int32_t {
		return withText(state, func(state *C.char) C.int32_t { return C.animaldetect_mock_set_job_state(m.c, id, state) })
	})
}

// ExpireUploads makes every upload URL that was issued so far expire now.
func (m *Mock) ExpireUploads() error {
	return m.set(func() C.int32_t { return C.animaldetect_mock_expire_uploads(m.c) })
}

// Now is the virtual time since the mock's beginning of time.
func (m *Mock) Now() time.Duration {
	defer runtime.KeepAlive(m)
	return milliseconds(C.animaldetect_mock_now_ms(m.c))
}

// Advance lets time pass.
func (m *Mock) Advance(by time.Duration) error {
	return m.set(func() C.int32_t { return C.animaldetect_mock_advance_ms(m.c, C.int64_t(by.Milliseconds())) })
}

// ---- what to assert ----

// Request is one that was made.
type Request struct {
	Route, Method, URL string
	Body               string // unless it is an image
	BodySize           uint64
	HTTPStatus         int           // 0 while it is pending, and when it got no response
	Start, End         time.Duration // of virtual time; End is negative while it is pending
	c                  *C.animaldetect_mock_request
	mock               *Mock
}

// Header is the value of a header, "" when the request has none of this name.
func (r Request) Header(name string) (value string) {
	withText(name, func(name *C.char) C.int32_t {
		value = C.GoString(C.animaldetect_mock_request_header(r.c, name))
		return 0
	})
	runtime.KeepAlive(r.mock)
	return value
}

// Requests are those of a route, in the order in which they were started; of all for "any".
func (m *Mock) Requests(route string) (all []Request) {
	defer runtime.KeepAlive(m)
	withText(route, func(route *C.char) C.int32_t {
		for index := C.size_t(0); ; index++ {
			c := C.animaldetect_mock_request_at(m.c, route, index)
			if c == nil {
				return 0
			}
			all = append(all, Request{
				Route:      C.GoString(C.animaldetect_mock_request_route(c)),
				Method:     C.GoString(C.animaldetect_mock_request_method(c)),
				URL:        C.GoString(C.animaldetect_mock_request_url(c)),
				Body:       C.GoString(C.animaldetect_mock_request_body(c)),
				BodySize:   uint64(C.animaldetect_mock_request_body_size(c)),
				HTTPStatus: int(C.animaldetect_mock_request_http_status(c)),
				Start:      milliseconds(C.animaldetect_mock_request_start_ms(c)),
				End:        milliseconds(C.animaldetect_mock_request_end_ms(c)),
				c:          c, mock: m,
			})
		}
	})
	return all
}

// Jobs are the ids of the service's jobs: what would be billed.
func (m *Mock) Jobs() []string {
	defer runtime.KeepAlive(m)
	return texts(func(index C.size_t) *C.char { return C.animaldetect_mock_job_id(m.c, index) })
}

// JobState is the service's word for the state of a job, "" for an unknown one.
func (m *Mock) JobState(id string) (state string) {
	defer runtime.KeepAlive(m)
	withText(id, func(id *C.char) C.int32_t {
		state = C.GoString(C.animaldetect_mock_job_state(m.c, id))
		return 0
	})
	return state
}

// Violations are what a client did that the service's contract forbids; the library keeps them at none.
func (m *Mock) Violations() []string {
	defer runtime.KeepAlive(m)
	return texts(func(index C.size_t) *C.char { return C.animaldetect_mock_violation(m.c, index) })
}

func texts(at func(C.size_t) *C.char) (all []string) {
	for index := C.size_t(0); ; index++ {
		text := at(index)
		if text == nil {
			return all
		}
		all = append(all, C.GoString(text))
	}
}

func milliseconds(count C.int64_t) time.Duration { return time.Duration(count) * time.Millisecond }

func (m *Mock) set(act func() C.int32_t) error {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	defer runtime.KeepAlive(m)
	status := act()
	if status == C.ANIMALDETECT_OK {
		return nil
	}
	return fmt.Errorf("%w: %s", ad.Status(status), C.GoString(C.animaldetect_mock_message(m.c)))
}

func (m *Mock) withText(text string, use func(*C.char) C.int32_t) error {
	return m.set(func() C.int32_t { return withText(text, use) })
}

// withText lends a C copy; a NUL inside would cut it.
func withText(text string, use func(*C.char) C.int32_t) C.int32_t {
	if strings.IndexByte(text, 0) >= 0 {
		return C.ANIMALDETECT_E_INVALID_ARGUMENT
	}
	copied := C.CString(text)
	defer C.free(unsafe.Pointer(copied))
	return use(copied)
}
