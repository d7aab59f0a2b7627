// SPDX-License-Identifier: MIT

package animaldetect

// How calls are moved on: while any is in flight one goroutine per client, the pump, waits for the client's descriptor in
// the runtime's poller. When it is readable the pump processes the client and tells the ends of calls to those who
// wait for them. So a call in flight is a parked goroutine and no thread, and an idle client is nothing at all.

/*
#include <animaldetect/animaldetect.h>
*/
import "C"

import (
	"os"
	"syscall"
	"time"
)

// call is one that is in flight.
type call struct {
	job *Job
	end chan error // has room for the one value
}

// begin starts a call and sees to it that it is moved on.
func (c *Client) begin(job *Job, start func(*C.animaldetect_job) C.int32_t) (*call, error) {
	if err := c.enter(); err != nil {
		return nil, err
	}
	defer c.leave()
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if err := c.watch(); err != nil {
		return nil, err
	}
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

// watch gives the descriptor to the runtime's poller, which is edge-triggered. The poller gets a copy that is its own to
// close, since the library's must not be closed. Locked.
func (c *Client) watch() error {
	if c.watched != nil || c.thread {
		return nil
	}
	fd := C.animaldetect_client_fd(c.c)
	if fd == C.ANIMALDETECT_E_UNSUPPORTED {
		c.thread = true
		return nil
	}
	if fd < 0 {
		return refusal(Status(fd), c.message)
	}
	syscall.ForkLock.RLock()
	own, err := syscall.Dup(int(fd))
	if err == nil {
		syscall.CloseOnExec(own)
	}
	syscall.ForkLock.RUnlock()
	if err == nil {
		// Nobody reads from it. That it does not block is what tells os.NewFile to have it polled.
		err = syscall.SetNonblock(own, true)
	}
	if err != nil {
		return failure(ErrSystem, "the client's descriptor cannot be watched: "+err.Error())
	}
	c.watched = os.NewFile(uintptr(own), "libanimaldetect")
	return nil
}

// unwatch ends the pump of a client that is being closed. Locked.
func (c *Client) unwatch() {
	if c.thread {
		C.animaldetect_client_wakeup(c.c)
	}
	if c.watched == nil {
		return
	}
	if c.pumping { // to close it would wait for the pump, which may be this goroutine, in a log function
		c.watched.SetReadDeadline(time.Unix(1, 0))
	} else {
		c.watched.Close()
	}
}

func (c *Client) pump() {
	if c.watched == nil || !c.poll() {
		for !c.process() {
			c.block()
		}
	}
	if c.watched != nil && c.handle.isClosed() {
		c.watched.Close()
	}
}

// poll answers false when the descriptor is none that this system can watch.
func (c *Client) poll() bool {
	raw, err := c.watched.SyscallConn()
	if err == nil {
		// The function runs once before the first wait and after each; true ends it.
		err = raw.Read(func(uintptr) bool { return c.process() })
	}
	if err == nil || c.handle.isClosed() {
		return true
	}
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.thread = true
	return false
}

// block waits in the library, for which it takes a thread.
func (c *Client) block() {
	if c.enter() == nil {
		C.animaldetect_client_wait(c.c, -1)
		c.leave()
	}
}

// process does what is ready. True: nothing is in flight any more, or the client is closed; the pump must end.
func (c *Client) process() bool {
	if c.enter() != nil {
		return true
	}
	defer c.leave()
	status := Status(C.animaldetect_client_process(c.c))
	c.log.deliver()
	if status != OK {
		c.settleAll(status)
	}
	var job *C.animaldetect_job
	for C.animaldetect_client_next_done(c.c, &job) == C.ANIMALDETECT_OK {
		c.settle(job, Status(C.animaldetect_job_status(job)))
	}
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.pumping = len(c.pending) > 0
	return !c.pumping
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
