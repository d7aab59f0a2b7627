// SPDX-License-Identifier: MIT

// Package animaldetect is Animal Detect from Go, over libanimaldetect: goroutines, contexts, no thread per call.
//
//	client, err := animaldetect.FromEnv()
//	...
//	result, err := client.Detect(ctx, animaldetect.File("img_001.jpg"))
package animaldetect

/*
#cgo CFLAGS: -std=gnu11
#include "bridge.h"
#include <stdlib.h>
*/
import "C"

import (
	"runtime"
	"runtime/cgo"
	"sync"
	"sync/atomic"
	"time"
)

// Client is configuration, connections, quota and engine: one per API key, for any number of goroutines.
type Client struct {
	handle handle
	c      *C.animaldetect_client

	log    *logger
	inside atomic.Int32 // readers of images that run, each on a thread that the library has locked

	// Guards what is below, and the words of a refusal, which C keeps for whoever asks. Goroutines wait for their turn
	// here and not in C, where each of them would block a thread.
	mutex   sync.Mutex
	pending map[*C.animaldetect_job]*call // in flight
	pumping bool                          // a goroutine moves them on
}

// New makes a client that has no API key unless WithAPIKey is among the options.
func New(options ...Option) (*Client, error) {
	if err := versionFits(); err != nil {
		return nil, err
	}
	var c *C.animaldetect_client
	if status := Status(C.animaldetect_client_new(&c)); status != OK {
		return nil, failure(status, "")
	}
	client := &Client{c: c, log: &logger{jobs: map[*C.animaldetect_job]*Job{}}, pending: map[*C.animaldetect_job]*call{}}
	runtime.SetFinalizer(client, (*Client).Close)
	if err := client.Configure(options...); err != nil {
		client.Close()
		return nil, err
	}
	return client, nil
}

// FromEnv is New with WithEnvironment before the other options.
func FromEnv(options ...Option) (*Client, error) {
	return New(append([]Option{WithEnvironment()}, options...)...)
}

// Configure applies options, also while jobs run: they count for what is sent next. The base URL, trusted origins, the user
// agent, plain http and the checksum field are fixed with the first call (ErrState).
func (c *Client) Configure(options ...Option) error {
	for _, option := range options {
		if err := option(c); err != nil {
			return err
		}
	}
	return nil
}

// NewJob makes a job; nothing is sent.
func (c *Client) NewJob(operation string, settings ...Setting) (*Job, error) {
	job, err := c.newJob(operation, func(text *C.char, out **C.animaldetect_job) C.int32_t {
		return C.animaldetect_job_new(c.c, text, out)
	})
	if err != nil {
		return nil, err
	}
	if err := job.Configure(settings...); err != nil {
		job.Close()
		return nil, err
	}
	return job, nil
}

// Restore makes a job from what Job.Save gave, in any process, under the same key: nothing is uploaded or billed twice.
func (c *Client) Restore(saved []byte) (*Job, error) {
	return c.newJob(string(saved), func(text *C.char, out **C.animaldetect_job) C.int32_t {
		return C.animaldetect_job_restore(c.c, text, C.size_t(len(saved)), out)
	})
}

// Attach makes a job of which only the service's id is known.
func (c *Client) Attach(id string) (*Job, error) {
	return c.newJob(id, func(text *C.char, out **C.animaldetect_job) C.int32_t {
		return C.animaldetect_job_attach(c.c, text, out)
	})
}

// SetAPIKey may be called while jobs run: the next request carries the new key.
func (c *Client) SetAPIKey(key string) error { return WithAPIKey(key)(c) }

// SetLog replaces the function; nil for none. It runs after what it tells of has happened, on the goroutine that
// moves the calls on: it may call anything on the client, but must not wait there for a call of this client to end.
func (c *Client) SetLog(level LogLevel, function func(Record)) error {
	if function == nil {
		level = LogNone
	}
	err := c.set(func() C.int32_t {
		handle := cgo.NewHandle(c.log)
		status := C.bridge_set_log(c.c, C.int32_t(level), C.uintptr_t(handle))
		if status != C.ANIMALDETECT_OK {
			handle.Delete()
		}
		return status
	})
	if err == nil {
		c.log.set(function)
	}
	return err
}

// Stop ends the client for good: calls in flight end with ErrCanceled, and so does each that is begun later. Jobs can
// still be read and saved. Close the client when every goroutine has seen the end.
func (c *Client) Stop() error {
	err := c.set(func() C.int32_t { return C.animaldetect_client_stop(c.c) })
	c.log.deliver()
	return err
}

// SetPaused sets what the client does not begin for now. Requests on the wire are finished; calls wait, and their timeouts
// run.
func (c *Client) SetPaused(what Pause) error {
	return c.set(func() C.int32_t { return C.animaldetect_client_set_paused(c.c, C.int32_t(what)) })
}

// NetworkChanged tells the client that the machine has another network: it makes new connections, and tries at once what
// waits after a failure of the network.
func (c *Client) NetworkChanged() error {
	return c.set(func() C.int32_t { return C.animaldetect_client_network_changed(c.c) })
}

// Resume ends HoldAccount: the account can pay again, or the key has its rights back. A network that is not there is probed
// at once; a wait that the service asked for goes on.
func (c *Client) Resume() error {
	return c.set(func() C.int32_t { return C.animaldetect_client_resume(c.c) })
}

// HoldReason is what keeps requests back now; of several holds the one that holds the most. HoldNone for a closed client.
func (c *Client) HoldReason() Hold {
	if !c.handle.enter() {
		return HoldNone
	}
	defer c.leave()
	return Hold(C.animaldetect_client_hold_reason(c.c))
}

// HeldUntil is when the hold of HoldReason ends, or when the client next asks by itself whether it does; to a second. It is
// absent without a hold, and the zero time (IsZero) when only the host can end the hold, by SetAPIKey or Resume.
func (c *Client) HeldUntil() Optional[time.Time] {
	if !c.handle.enter() {
		return Optional[time.Time]{}
	}
	defer c.leave()
	switch until := int64(C.animaldetect_client_held_until_ms(c.c)); {
	case until == 0:
		return Optional[time.Time]{}
	case until < 0:
		return present(time.Time{})
	default:
		return present(time.UnixMilli(until))
	}
}

// SetPermits makes each API request need a permit: several clients then share the quota of one key, with something of the
// host's own that counts for all of them. See permits.h and doc/guide.md of the library.
func (c *Client) SetPermits(needed bool) error {
	return c.set(func() C.int32_t { return C.animaldetect_client_set_permits(c.c, truth(needed)) })
}

// SetPermitShare sets what the client may send while nothing is granted for so long; 0 to wait.
func (c *Client) SetPermitShare(perMinute int32, after time.Duration) error {
	return c.set(func() C.int32_t {
		return C.animaldetect_client_set_permit_share(c.c, C.int32_t(perMinute), milliseconds(after))
	})
}

// SetPermitLag sets how much later than it was sent a request may still arrive at the service.
func (c *Client) SetPermitLag(lag time.Duration) error {
	return c.set(func() C.int32_t { return C.animaldetect_client_set_permit_lag_ms(c.c, milliseconds(lag)) })
}

// PermitsWanted is how many permits the client could use now or within a second, beyond those that it has.
func (c *Client) PermitsWanted() (int32, error) {
	var count C.int32_t
	err := c.set(func() C.int32_t { return C.animaldetect_client_permits_wanted(c.c, &count) })
	return int32(count), err
}

// GrantPermits grants permits; those that are unused when their life ends are gone.
func (c *Client) GrantPermits(count int32, life time.Duration) error {
	return c.set(func() C.int32_t {
		return C.animaldetect_client_grant_permits(c.c, C.int32_t(count), milliseconds(life))
	})
}

// ReturnPermits takes back unused permits, at most so many, and answers how many there were.
func (c *Client) ReturnPermits(count int32) (int32, error) {
	var returned C.int32_t
	err := c.set(func() C.int32_t { return C.animaldetect_client_return_permits(c.c, C.int32_t(count), &returned) })
	return int32(returned), err
}

// ReportPermits takes the permits that were settled since the last report, at most so many: how long ago each, the oldest
// first; and answers how many are outstanding at the same moment.
func (c *Client) ReportPermits(most int) (settled []time.Duration, outstanding int32, err error) {
	if most < 1 || most > 1<<20 {
		return nil, 0, failure(ErrInvalidArgument, "a report holds 1 to 1048576 permits")
	}
	ages := make([]C.int64_t, most)
	var count, left C.int32_t
	err = c.set(func() C.int32_t {
		return C.animaldetect_client_report_permits(c.c, &ages[0], C.int32_t(most), &count, &left)
	})
	for _, age := range ages[:count] {
		settled = append(settled, time.Duration(age)*time.Millisecond)
	}
	return settled, int32(left), err
}

// TakeRateLimits is how many responses 429 there were since the last call, and how much longer requests are held for that.
func (c *Client) TakeRateLimits() (count int32, wait time.Duration, err error) {
	var met C.int32_t
	var ms C.int64_t
	err = c.set(func() C.int32_t { return C.animaldetect_client_take_rate_limits(c.c, &met, &ms) })
	return int32(met), time.Duration(ms) * time.Millisecond, err
}

// HoldRequests holds all API requests, as after a response 429 that another client has met.
func (c *Client) HoldRequests(wait time.Duration) error {
	return c.set(func() C.int32_t { return C.animaldetect_client_hold_requests(c.c, milliseconds(wait)) })
}

// Statistic reads a counter or a gauge.
func (c *Client) Statistic(which Statistic) (int64, error) {
	var value C.int64_t
	err := c.set(func() C.int32_t { return C.animaldetect_client_statistic(c.c, C.int32_t(which), &value) })
	return int64(value), err
}

// StatisticValue is one statistic of Client.Statistics.
type StatisticValue struct {
	Which Statistic
	Name  string
	Gauge bool // goes up and down; a counter only grows
	Value int64
}

// Statistics reads all that the library has, also those that are not named here.
func (c *Client) Statistics() (all []StatisticValue, err error) {
	for which := Statistic(0); ; which++ {
		name := C.animaldetect_statistic_name(C.int32_t(which))
		if name == nil {
			return all, nil
		}
		value, err := c.Statistic(which)
		if err != nil {
			return nil, err
		}
		all = append(all, StatisticValue{which, C.GoString(name), which.IsGauge(), value})
	}
}

// Latency is a quantile of how long requests of a step took, or whole jobs (StepNone); absent while nothing was measured.
func (c *Client) Latency(step Step, quantile float64) (Optional[time.Duration], error) {
	var value C.int64_t
	var status C.int32_t
	err := c.set(func() C.int32_t {
		status = C.animaldetect_client_latency_ms(c.c, C.int32_t(step), C.double(quantile), &value)
		if status == C.ANIMALDETECT_ABSENT {
			return C.ANIMALDETECT_OK
		}
		return status
	})
	if err != nil || status != C.ANIMALDETECT_OK {
		return Optional[time.Duration]{}, err
	}
	return present(time.Duration(value) * time.Millisecond), nil
}

// Close aborts what is in flight; those calls end with ErrCanceled. Jobs stay readable until they are closed. The error
// is nil unless it is called from inside an image's reader.
func (c *Client) Close() error {
	if err := c.enter(); err != nil {
		if err.Status == ErrClientFreed {
			return nil
		}
		return err
	}
	runtime.SetFinalizer(c, nil)
	c.handle.shut()
	c.mutex.Lock()
	if c.pumping {
		C.animaldetect_client_wakeup(c.c)
	}
	c.mutex.Unlock()
	c.leave()
	return nil
}

// ---- for the other files ----

func (c *Client) enter() *Error {
	if c.inside.Load() > 0 && C.bridge_is_inside(c.c) != 0 {
		return failure(ErrReentrant, "the client cannot be called from inside its own callback")
	}
	if !c.handle.enter() {
		return failure(ErrClientFreed, "the client is closed")
	}
	return nil
}

func (c *Client) leave() {
	if !c.handle.leave() {
		return
	}
	C.animaldetect_client_free(c.c)
	c.log.deliver()
	c.settleAll(ErrCanceled)
}

// set makes a call that does not block, and reads its words before anybody else is refused.
func (c *Client) set(act func() C.int32_t) error {
	if err := c.enter(); err != nil {
		return err
	}
	defer c.leave()
	c.mutex.Lock()
	defer c.mutex.Unlock()
	status := Status(act())
	return refusal(status, c.message)
}

func (c *Client) message() string {
	var buffer [256]C.char
	C.animaldetect_client_copy_message(c.c, &buffer[0], C.size_t(len(buffer)))
	return C.GoString(&buffer[0])
}

func (c *Client) newJob(text string, make func(*C.char, **C.animaldetect_job) C.int32_t) (*Job, error) {
	var out *C.animaldetect_job
	err := withText(text, func(text *C.char) error {
		return c.set(func() C.int32_t { return make(text, &out) })
	})
	if err != nil {
		return nil, err
	}
	job := &Job{client: c, c: out}
	job.info.Store(job.readInfo())
	runtime.SetFinalizer(job, (*Job).Close)
	return job, nil
}
