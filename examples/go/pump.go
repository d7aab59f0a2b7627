// SPDX-License-Identifier: MIT

package animaldetect

// How calls make progress: while any is in flight, one goroutine per client, the pump, is blocked in the library, which
// takes one thread. The library drives every call there and returns when some have completed; then the pump hands the
// completions to the goroutines that wait for them. A call in flight is a parked goroutine, and an idle client has neither
// goroutine nor thread. To watch the client's descriptor in the runtime's poller would save the thread, but the runtime
// would be entered for every response from the network: several times per call, where now it is once at most.

/*
#include <animaldetect/animaldetect.h>
*/
import "C"

import "runtime"

// call is one that is in flight.
type call struct {
	job *Job
	end chan error // has room for the one value
}

// begin starts a call, and the pump when there is none.
func (c *Client) begin(job *Job, start func(*C.animaldetect_job) C.int32_t) (*call, error) {
	if err := c.enter(); err != nil {
		return nil, err
	}
	defer c.leave()
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.log.begun(job) // a call may end, and tell the log, while it is started
	if err := refusal(Status(start(job.c)), job.message); err != nil {
		c.log.ended(job.c)
		return nil, err
	}
	begun := &call{job, make(chan error, 1)}
	c.pending[job.c] = begun
	if !c.pumping {
		c.pumping = true
		go c.pump()
	}
	return begun, nil
}

func (c *Client) pump() {
	for c.advance() {
	}
}

// advance waits until calls have completed or the log has records, and hands them out. False: nothing is in flight any
// more, or the client is closed; the pump must end.
func (c *Client) advance() bool {
	if c.enter() != nil {
		return false
	}
	defer c.leave()
	c.log.expect(c.wakeup)
	status := Status(C.animaldetect_client_wait(c.c, -1))
	c.log.expect(nil)
	c.log.deliver()
	if status != OK && status != Again {
		c.settleAll(status)
	}
	var job *C.animaldetect_job
	for C.animaldetect_client_next_done(c.c, &job) == C.ANIMALDETECT_OK {
		c.settle(job, Status(C.animaldetect_job_status(job)))
	}
	runtime.Gosched() // those who were told go first: what they begin next is found without waking the pump for it
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.pumping = len(c.pending) > 0
	return c.pumping
}

// wakeup makes the pump return from the library.
func (c *Client) wakeup() {
	if c.enter() == nil {
		C.animaldetect_client_wakeup(c.c)
		c.leave()
	}
}

// settle tells the end of a call. The job is in use until its caller has heard of it, so the handle is not a freed one's.
func (c *Client) settle(job *C.animaldetect_job, status Status) {
	c.mutex.Lock()
	ended, ok := c.pending[job]
	delete(c.pending, job)
	c.mutex.Unlock()
	if ok {
		c.log.ended(job)
		ended.end <- ended.job.ended(status)
	}
}

func (c *Client) settleAll(status Status) {
	c.mutex.Lock()
	var jobs []*C.animaldetect_job
	for job := range c.pending {
		jobs = append(jobs, job)
	}
	c.mutex.Unlock()
	for _, job := range jobs {
		c.settle(job, status)
	}
}
