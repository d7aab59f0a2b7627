// SPDX-License-Identifier: MIT

package animaldetect

// What the library calls back: the log, and readers. Both run while the client is processed, and locked. So a record of the
// log is only kept there and handed out afterwards; a reader must be read there and then.

/*
#include "bridge.h"
#include <stdlib.h>
*/
import "C"

import (
	"errors"
	"fmt"
	"io"
	"runtime/cgo"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"
)

// Record is one thing that happened. No secret is in it.
type Record struct {
	Level      LogLevel
	Text       string // the whole record as one line for a person
	Job        *Job   // nil when it is about the client as a whole
	JobID      string // the service's, "" when it is not known yet
	Step       Step   // StepNone when it is about none, or about a whole call
	HTTPStatus int    // of the response, 0 for none
	RequestID  string // the service's, "" when it gave none
	Duration   Optional[time.Duration]
}

// Attrs are the fields that are known, each key before its value: what log/slog and others like it take.
func (r Record) Attrs() (attrs []any) {
	add := func(known bool, key string, value any) {
		if known {
			attrs = append(attrs, key, value)
		}
	}
	add(r.JobID != "", "job", r.JobID)
	add(r.Step != StepNone, "step", r.Step.String())
	add(r.HTTPStatus != 0, "http_status", r.HTTPStatus)
	add(r.RequestID != "", "request_id", r.RequestID)
	add(r.Duration.Present, "duration", r.Duration.Value)
	return attrs
}

// logger holds no lock while the host's function runs, and refers to no client but by calls in flight: a client that
// nobody uses any more could not be collected otherwise.
type logger struct {
	mutex    sync.Mutex
	function func(Record)
	records  []Record
	jobs     map[*C.animaldetect_job]*Job // in flight
	busy     bool                         // somebody hands records out; he takes the new ones too, so that their order is kept
	wake     func()                       // makes the pump, which is in the library, hand records out; nil when it is not
}

// expect is called by the pump before and after its time in the library.
func (l *logger) expect(wake func()) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.wake = wake
	l.wakePump()
}

// wakePump, once: for the records that there are, and for those that come until the pump is back. Locked.
func (l *logger) wakePump() {
	if l.wake != nil && len(l.records) > 0 && !l.busy {
		go l.wake()
		l.wake = nil
	}
}

func (l *logger) set(function func(Record)) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.function = function
	if function == nil {
		l.records = nil
	}
}

func (l *logger) begun(job *Job) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.jobs[job.c] = job
}

func (l *logger) ended(job *C.animaldetect_job) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	delete(l.jobs, job)
}

func (l *logger) next() (record Record, function func(Record)) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if len(l.records) == 0 || l.function == nil {
		l.busy = false
		return record, nil
	}
	record = l.records[0]
	l.records[0] = Record{} // its job would be kept as long as the array, and with it the client
	if l.records = l.records[1:]; len(l.records) == 0 {
		l.records = nil
	}
	return record, l.function
}

// deliver hands out what was kept. A record that is written meanwhile, also by the function itself, comes last.
func (l *logger) deliver() {
	l.mutex.Lock()
	if l.busy {
		l.mutex.Unlock()
		return
	}
	l.busy = true
	l.mutex.Unlock()
	for l.deliverOne() {
	}
}

func (l *logger) deliverOne() (more bool) {
	record, function := l.next()
	if function == nil {
		return false
	}
	defer func() { // a function that panics must not keep the others' records back
		if !more {
			l.mutex.Lock()
			l.busy = false
			l.mutex.Unlock()
		}
	}()
	function(record)
	return true
}

//export animaldetectGoLog
func animaldetectGoLog(handle C.uintptr_t, from *C.struct_bridge_record) {
	record := Record{
		Level:      LogLevel(from.level),
		Text:       C.GoString(from.text),
		JobID:      C.GoString(from.job_id),
		Step:       Step(from.step),
		HTTPStatus: int(from.http_status),
		RequestID:  C.GoString(from.request_id),
	}
	if from.duration_ms >= 0 {
		record.Duration = present(time.Duration(from.duration_ms) * time.Millisecond)
	}
	l := cgo.Handle(handle).Value().(*logger)
	l.mutex.Lock()
	defer l.mutex.Unlock()
	record.Job = l.jobs[from.job]
	l.records = append(l.records, record)
	l.wakePump()
}

// The library does not use what the handle stands for any more.
//
//export animaldetectGoRelease
func animaldetectGoRelease(handle C.uintptr_t) { cgo.Handle(handle).Delete() }

// reader is an image that is read when the library asks for it: once to hash it, again to upload it.
type reader struct {
	source  io.ReadSeeker
	start   int64
	inside  *atomic.Int32 // the client's count of callbacks that run
	mutex   sync.Mutex
	failure error
}

// guard answers 0, or what the library is to be told. It keeps what went wrong, for the error that the call ends with. A
// panic cannot pass through C.
func (r *reader) guard(act func() error) (told Status) {
	r.inside.Add(1)
	defer r.inside.Add(-1)
	defer func() {
		if caught := recover(); caught != nil {
			told = r.fail(fmt.Errorf("the image's reader panicked: %v", caught))
		}
	}()
	if err := act(); err != nil {
		return r.fail(err)
	}
	return OK
}

func (r *reader) fail(err error) (told Status) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.failure = err
	if errors.As(err, &told) && told <= ErrHost {
		return told
	}
	return -1
}

func (r *reader) takeFailure() error {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	failure := r.failure
	r.failure = nil
	return failure
}

//export animaldetectGoRead
func animaldetectGoRead(handle C.uintptr_t, buffer *C.uint8_t, size C.size_t) C.int64_t {
	r := cgo.Handle(handle).Value().(*reader)
	count := 0
	told := r.guard(func() (err error) {
		count, err = io.ReadFull(r.source, unsafe.Slice((*byte)(unsafe.Pointer(buffer)), int(size)))
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			err = nil
		}
		return err
	})
	if told != OK {
		return C.int64_t(told)
	}
	return C.int64_t(count)
}

//export animaldetectGoRewind
func animaldetectGoRewind(handle C.uintptr_t) C.int32_t {
	r := cgo.Handle(handle).Value().(*reader)
	return C.int32_t(r.guard(func() error { _, err := r.source.Seek(r.start, io.SeekStart); return err }))
}
