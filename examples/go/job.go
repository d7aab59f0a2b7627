// SPDX-License-Identifier: MIT

package animaldetect

/*
#include "bridge.h"
#include <stdlib.h>
*/
import "C"

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"
)

// Job is one image on its way. One call at a time; any goroutine may cancel it, read it or close it.
type Job struct {
	handle handle
	client *Client
	c      *C.animaldetect_job
	info   atomic.Pointer[Info]

	mutex       sync.Mutex // guards what is below, and that info is stored in order
	calling     bool
	canceled    bool          // by Cancel before a call: the next one ends at once
	callTimeout time.Duration // its own; 0 for none
	bounded     bool          // the library was told one
	reader      *reader       // the last one that was set, for what it fails with
}

// Info is what is known of a job, "" for what is not. It is that of the moment when the last call ended or the last setting
// was made, since the library lends texts until then.
type Info struct {
	ID, Operation, StateText, ExpiresAt, UploadExpiresAt, IdempotencyKey, SHA256, RequestID string
	Filename, Path, SourceURL, ClientReferenceID, Note                                      string
	RerunNumber, Priority                                                                   int32
}

// ---- the steps ----

// Run does all that is left, from wherever the job stands. Safe to repeat after a failure.
func (j *Job) Run(ctx context.Context) (*Result, error) {
	err := j.call(ctx, func(job *C.animaldetect_job) C.int32_t { return C.animaldetect_job_run_async(job) })
	if err != nil {
		return nil, err
	}
	return j.Result()
}

// Create asks the service for a job.
func (j *Job) Create(ctx context.Context) error {
	return j.call(ctx, func(job *C.animaldetect_job) C.int32_t { return C.animaldetect_job_create_async(job) })
}

// Upload sends the image to where the service said.
func (j *Job) Upload(ctx context.Context) error {
	return j.call(ctx, func(job *C.animaldetect_job) C.int32_t { return C.animaldetect_job_upload_async(job) })
}

// Submit tells the service that the image is there.
func (j *Job) Submit(ctx context.Context) error {
	return j.call(ctx, func(job *C.animaldetect_job) C.int32_t { return C.animaldetect_job_submit_async(job) })
}

// Poll asks for the state once.
func (j *Job) Poll(ctx context.Context) (State, error) {
	err := j.call(ctx, func(job *C.animaldetect_job) C.int32_t { return C.animaldetect_job_poll_async(job) })
	return j.State(), err
}

// Fetch fetches the result of a job that succeeded.
func (j *Job) Fetch(ctx context.Context) (*Result, error) {
	err := j.call(ctx, func(job *C.animaldetect_job) C.int32_t { return C.animaldetect_job_fetch_async(job) })
	if err != nil {
		return nil, err
	}
	return j.Result()
}

// Detect is one image, from its bytes to what is in it.
func (c *Client) Detect(ctx context.Context, settings ...Setting) (*Result, error) {
	job, err := c.NewJob(OperationDetect, settings...)
	if err != nil {
		return nil, err
	}
	defer job.Close()
	return job.Run(ctx)
}

// Cancel ends the call in flight with ErrCanceled; without one the next call ends so at once, and the one after it runs. The
// service may still process the image.
func (j *Job) Cancel() error {
	return j.cancel(true)
}

// cancel with `next` also counts for a call that is only about to begin.
func (j *Job) cancel(next bool) error {
	err := j.locked(func() error {
		if !j.calling {
			j.canceled = j.canceled || next
			return nil
		}
		return j.client.set(func() C.int32_t { return C.animaldetect_job_cancel(j.c) })
	})
	j.client.log.deliver()
	return err
}

// Rerun begins a new run of the image: the job goes back to StageNew with the next rerun number, what the service said of
// it is forgotten, and the next call creates another job, which is billed. Save before it if that must survive a power cut.
func (j *Job) Rerun() error {
	return setting(func(j *Job) C.int32_t { return C.animaldetect_job_rerun(j.c) })(j)
}

// Save is a small JSON text without the API key, for Client.Restore; also while a call is in flight.
func (j *Job) Save() ([]byte, error) {
	if err := j.enter(); err != nil {
		return nil, err
	}
	defer j.leave()
	var out *C.char
	var size C.size_t
	if status := Status(C.animaldetect_job_save(j.c, &out, &size)); status != OK {
		return nil, failure(status, "")
	}
	defer C.animaldetect_text_free(out)
	return C.GoBytes(unsafe.Pointer(out), C.int(size)), nil
}

// ---- reading it; all zero once it is closed ----

// Result is what was seen, once it was fetched.
func (j *Job) Result() (*Result, error) {
	if err := j.enter(); err != nil {
		return nil, err
	}
	defer j.leave()
	var out *C.animaldetect_result
	switch status := Status(C.animaldetect_job_result(j.c, &out)); status {
	case OK:
		return takeResult(out), nil
	case ErrState:
		return nil, failure(status, "the result was not fetched yet")
	default:
		return nil, failure(status, "")
	}
}

// ResultJSON is the service's result byte for byte, whatever its shape, once it was fetched.
func (j *Job) ResultJSON() (copied []byte, err error) {
	err = j.locked(func() error {
		if j.calling { // the end of the call could take the text away
			return failure(ErrBusy, "a call is in flight on this job")
		}
		var size C.size_t
		json := C.animaldetect_job_result_json(j.c, &size)
		if json == nil {
			return failure(ErrState, "the result was not fetched yet")
		}
		copied = C.GoBytes(unsafe.Pointer(json), C.int(size))
		return nil
	})
	return copied, err
}

// Info also answers for a closed job.
func (j *Job) Info() Info { return *j.info.Load() }

// ID is the service's id of the job, "" before Create.
func (j *Job) ID() string { return j.Info().ID }

// State is where the service says that the job is.
func (j *Job) State() State {
	return read(j, func() State { return State(C.animaldetect_job_state(j.c)) })
}

// Stage is how far the job has come.
func (j *Job) Stage() Stage {
	return read(j, func() Stage { return Stage(C.animaldetect_job_stage(j.c)) })
}

// Attempts is the number of requests that the current or last call made, retries included.
func (j *Job) Attempts() int {
	return read(j, func() int { return int(C.animaldetect_job_attempts(j.c)) })
}

// Polls is the number of status requests that got a response.
func (j *Job) Polls() int { return read(j, func() int { return int(C.animaldetect_job_polls(j.c)) }) }

// Sent is the number of bytes of the image that were sent, also while it is uploaded.
func (j *Job) Sent() uint64 {
	return read(j, func() uint64 { return uint64(C.animaldetect_job_upload_sent(j.c)) })
}

// Size is that of the image, 0 while it is not known.
func (j *Job) Size() uint64 {
	return read(j, func() uint64 { return uint64(C.animaldetect_job_upload_total(j.c)) })
}

// StepTime is how long a step took in all, waiting and retries included.
func (j *Job) StepTime(step Step) time.Duration {
	return read(j, func() time.Duration {
		return time.Duration(C.animaldetect_job_step_ms(j.c, C.int32_t(step))) * time.Millisecond
	})
}

// Close aborts a call in flight and frees the job. The service may still process the image.
func (j *Job) Close() error {
	if j.enter() != nil {
		return nil
	}
	runtime.SetFinalizer(j, nil)
	j.handle.shut()
	_ = j.client.set(func() C.int32_t { return C.animaldetect_job_cancel(j.c) })
	j.client.log.deliver()
	j.leave()
	return nil
}

// ---- for the other files ----

func (j *Job) enter() error {
	if !j.handle.enter() {
		return failure(ErrState, "the job is closed")
	}
	return nil
}

func (j *Job) leave() {
	if !j.handle.leave() {
		return
	}
	C.animaldetect_job_free(j.c)
}

func (j *Job) message() string { return C.GoString(C.animaldetect_job_message(j.c)) }

// call runs one step to its end. When the context ends first the step is canceled, and its end awaited, which takes
// no time: the job may be run again when this returns.
func (j *Job) call(ctx context.Context, start func(*C.animaldetect_job) C.int32_t) error {
	if err := ctx.Err(); err != nil {
		return interrupted(err)
	}
	if err := j.enter(); err != nil {
		return err
	}
	defer j.leave()
	begun, err := j.begin(ctx, start)
	if err != nil {
		return err
	}
	select {
	case err = <-begun.end:
	case <-ctx.Done():
		_ = j.cancel(false)
		err = <-begun.end
	}
	var failed *Error
	if errors.As(err, &failed) && failed.cause == nil && (failed.Status == ErrCanceled || failed.Status == ErrCallTimeout) {
		failed.cause = ctx.Err()
	}
	return err
}

func (j *Job) begin(ctx context.Context, start func(*C.animaldetect_job) C.int32_t) (begun *call, err error) {
	err = j.locked(func() (err error) {
		if j.calling {
			return failure(ErrBusy, "a call is in flight on this job")
		}
		if j.canceled {
			j.canceled = false
			return failure(ErrCanceled, "the job was canceled before the call")
		}
		if err = j.tellDeadline(ctx); err != nil {
			return err
		}
		begun, err = j.client.begin(j, start)
		j.calling = err == nil
		return err
	})
	return begun, err
}

// locked is inside the client before it locks: within one of its callbacks it is refused, where it could wait forever.
func (j *Job) locked(act func() error) error {
	if err := j.enter(); err != nil {
		return err
	}
	defer j.leave()
	if err := j.client.enter(); err != nil {
		return err
	}
	defer j.client.leave()
	j.mutex.Lock()
	defer j.mutex.Unlock()
	return act()
}

// tellDeadline gives the context's deadline to the library as well: it then fails at once, and says why, when the service
// asks to wait longer than that. Locked.
func (j *Job) tellDeadline(ctx context.Context) error {
	timeout := j.callTimeout
	if until, ok := ctx.Deadline(); ok {
		left := time.Until(until)
		if left <= 0 {
			return interrupted(context.DeadlineExceeded)
		}
		if timeout == 0 || left < timeout {
			timeout = left
		}
	}
	if timeout == 0 && !j.bounded {
		return nil
	}
	j.bounded = timeout != 0
	if timeout == 0 {
		timeout = -time.Millisecond
	}
	return j.client.set(func() C.int32_t { return C.animaldetect_job_set_call_timeout_ms(j.c, milliseconds(timeout)) })
}

// ended copies what a call left behind, and lets the next one begin.
func (j *Job) ended(status Status) error {
	j.mutex.Lock()
	defer j.mutex.Unlock()
	j.calling = false
	info := j.readInfo()
	j.info.Store(info)
	if status == OK {
		return nil
	}
	failed := failure(status, j.message())
	failed.Step = Step(C.animaldetect_job_failed_step(j.c))
	failed.Stage = Stage(C.animaldetect_job_stage(j.c))
	failed.HTTPStatus = int(C.animaldetect_job_http_status(j.c))
	failed.ServiceCode = C.GoString(C.animaldetect_job_service_code(j.c))
	failed.ServiceMessage = C.GoString(C.animaldetect_job_service_message(j.c))
	failed.RequestID = info.RequestID
	failed.JobID = info.ID
	failed.Attempts = int(C.animaldetect_job_attempts(j.c))
	if wait := C.animaldetect_job_retry_after_ms(j.c); wait >= 0 {
		failed.RetryAfter = present(time.Duration(wait) * time.Millisecond)
	}
	if j.reader != nil {
		failed.cause = j.reader.takeFailure()
	}
	return failed
}

// Not while a call is in flight: its end would take the texts away.
func (j *Job) readInfo() *Info {
	return &Info{
		ID:              C.GoString(C.animaldetect_job_id(j.c)),
		Operation:       C.GoString(C.animaldetect_job_operation(j.c)),
		StateText:       C.GoString(C.animaldetect_job_state_text(j.c)),
		ExpiresAt:       C.GoString(C.animaldetect_job_expires_at(j.c)),
		UploadExpiresAt: C.GoString(C.animaldetect_job_upload_expires_at(j.c)),
		IdempotencyKey:  C.GoString(C.animaldetect_job_idempotency_key(j.c)),
		SHA256:          C.GoString(C.animaldetect_job_sha256(j.c)),
		RequestID:       C.GoString(C.animaldetect_job_request_id(j.c)),

		Filename:          C.GoString(C.animaldetect_job_filename(j.c)),
		Path:              C.GoString(C.animaldetect_job_path(j.c)),
		SourceURL:         C.GoString(C.animaldetect_job_source_url(j.c)),
		ClientReferenceID: C.GoString(C.animaldetect_job_client_reference_id(j.c)),
		Note:              C.GoString(C.animaldetect_job_note(j.c)),
		RerunNumber:       int32(C.animaldetect_job_rerun_number(j.c)),
		Priority:          int32(C.animaldetect_job_priority(j.c)),
	}
}

func read[T any](j *Job, get func() T) (value T) {
	if j.enter() != nil {
		return value
	}
	defer j.leave()
	return get()
}
