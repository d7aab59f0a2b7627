// SPDX-License-Identifier: MIT

// Package animaldetect is Animal Detect from Go, over libanimaldetect: goroutines, contexts, no thread per call.
//
//	client, err := animaldetect.FromEnv()
//	...
//	result, err := client.Detect(ctx, animaldetect.File("img_001.jpg"))
package animaldetect

/*
#cgo pkg-config: animaldetect
#cgo CFLAGS: -std=gnu11
#include "bridge.h"
#include <stdlib.h>
*/
import "C"

import (
	"os"
	"runtime"
	"runtime/cgo"
	"sync"
	"time"
)

// Client is configuration, connections, quota and engine: one per API key, for any number of goroutines.
type Client struct {
	handle handle
	c      *C.animaldetect_client

	log       *logger
	logHandle cgo.Handle

	// Guards what is below, and the words of a refusal, which C keeps for whoever asks. Goroutines wait for their turn
	// here and not in C, where each of them would block a thread.
	mutex   sync.Mutex
	pending map[*C.animaldetect_job]*call // in flight
	pumping bool                          // a goroutine moves them on
	watched *os.File                      // the client's descriptor, in the runtime's poller; nil before the first call
	thread  bool                          // there is none, or the host does not want it: see OnThread
}

// New makes a client that has no API key unless WithAPIKey is among the options.
func New(options ...Option) (*Client, error) {
	var c *C.animaldetect_client
	return adopt(Status(C.animaldetect_client_new(&c)), c, options)
}

// FromEnv takes the key from AD_API_KEY or ANIMAL_DETECT_API_KEY, and the base URL from AD_API_BASE_URL.
func FromEnv(options ...Option) (*Client, error) {
	var c *C.animaldetect_client
	return adopt(Status(C.animaldetect_client_new_from_env(&c)), c, options)
}

func adopt(status Status, c *C.animaldetect_client, options []Option) (*Client, error) {
	if status != OK {
		return nil, failure(status, "")
	}
	client := &Client{c: c, log: &logger{}, pending: map[*C.animaldetect_job]*call{}}
	runtime.SetFinalizer(client, (*Client).Close)
	for _, option := range options {
		if err := option(client); err != nil {
			client.Close()
			return nil, err
		}
	}
	return client, nil
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

// Restore makes a job from what Job.Save gave, in any process. Nothing is uploaded or billed twice.
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

// SetLog replaces the function; nil for none. It runs after the turn that had something to say, on the goroutine that
// moves the calls on: it may call anything on the client, but must not wait there for a call of this client to end.
func (c *Client) SetLog(level LogLevel, function func(LogLevel, string)) error {
	if function == nil {
		level = LogNone
	}
	err := c.set(func() C.int32_t {
		if c.logHandle == 0 {
			c.logHandle = cgo.NewHandle(c.log)
		}
		return C.bridge_set_log(c.c, C.int32_t(level), C.uintptr_t(c.logHandle))
	})
	if err == nil {
		c.log.set(function)
	}
	return err
}

// Statistic reads a counter or a gauge.
func (c *Client) Statistic(which Statistic) (int64, error) {
	var value C.int64_t
	err := c.set(func() C.int32_t { return C.animaldetect_client_statistic(c.c, C.int32_t(which), &value) })
	return int64(value), err
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
		if err.Status == ErrState {
			return nil
		}
		return err
	}
	runtime.SetFinalizer(c, nil)
	c.handle.shut()
	c.mutex.Lock()
	c.unwatch()
	c.mutex.Unlock()
	c.leave()
	return nil
}

// ---- for the other files ----

func (c *Client) enter() *Error {
	if C.bridge_is_inside(c.c) != 0 {
		return failure(ErrBusy, "the client cannot be called from inside its own callback")
	}
	if !c.handle.enter() {
		return failure(ErrState, "the client is closed")
	}
	return nil
}

func (c *Client) leave() {
	if !c.handle.leave() {
		return
	}
	C.animaldetect_client_free(c.c)
	c.log.deliver()
	if c.logHandle != 0 {
		c.logHandle.Delete()
	}
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
	return refusal(status, C.animaldetect_client_message(c.c))
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

// Version is that of the library.
func Version() string { return C.GoString(C.animaldetect_version()) }
