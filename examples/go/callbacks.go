// SPDX-License-Identifier: MIT

package animaldetect

// What the library calls back: the log, and readers. Both run inside a turn, with the client locked. So a log line is
// only kept there and handed out after the turn; a reader must be read there and then.

/*
#include "bridge.h"
#include <stdlib.h>
*/
import "C"

import (
	"fmt"
	"io"
	"runtime/cgo"
	"sync"
	"unsafe"
)

type logLine struct {
	level   LogLevel
	message string
}

// logger holds no lock while the host's function runs, and refers to no client: a client that nobody uses any more
// could not be collected otherwise.
type logger struct {
	mutex    sync.Mutex
	function func(LogLevel, string)
	lines    []logLine
	busy     bool // somebody hands lines out; he takes the new ones too, so that their order is kept
}

func (l *logger) set(function func(LogLevel, string)) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.function = function
	if function == nil {
		l.lines = nil
	}
}

func (l *logger) next() (line logLine, function func(LogLevel, string)) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if len(l.lines) == 0 || l.function == nil {
		l.busy = false
		return line, nil
	}
	line, l.lines = l.lines[0], l.lines[1:]
	return line, l.function
}

// deliver hands out what was kept. A line that is written meanwhile, also by the function itself, comes last.
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
	line, function := l.next()
	if function == nil {
		return false
	}
	defer func() { // a function that panics must not keep the others' lines back
		if !more {
			l.mutex.Lock()
			l.busy = false
			l.mutex.Unlock()
		}
	}()
	function(line.level, line.message)
	return true
}

//export animaldetectGoLog
func animaldetectGoLog(handle C.uintptr_t, level C.int32_t, message *C.char) {
	l := cgo.Handle(handle).Value().(*logger)
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.lines = append(l.lines, logLine{LogLevel(level), C.GoString(message)})
}

// reader is an image that is read when the library asks for it: once to hash it, again to upload it.
type reader struct {
	source  io.ReadSeeker
	start   int64
	mutex   sync.Mutex
	failure error
}

// guard keeps what went wrong, for the error that the call ends with. A panic cannot pass through C.
func (r *reader) guard(act func() error) (ok bool) {
	defer func() {
		if caught := recover(); caught != nil {
			r.fail(fmt.Errorf("the image's reader panicked: %v", caught))
			ok = false
		}
	}()
	if err := act(); err != nil {
		r.fail(err)
		return false
	}
	return true
}

func (r *reader) fail(err error) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.failure = err
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
	ok := r.guard(func() (err error) {
		count, err = io.ReadFull(r.source, unsafe.Slice((*byte)(unsafe.Pointer(buffer)), int(size)))
		if err == io.EOF || err == io.ErrUnexpectedEOF {
			err = nil
		}
		return err
	})
	if !ok {
		return -1
	}
	return C.int64_t(count)
}

//export animaldetectGoRewind
func animaldetectGoRewind(handle C.uintptr_t) C.int32_t {
	r := cgo.Handle(handle).Value().(*reader)
	if !r.guard(func() error { _, err := r.source.Seek(r.start, io.SeekStart); return err }) {
		return -1
	}
	return 0
}
