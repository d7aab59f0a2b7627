// SPDX-License-Identifier: MIT

package animaldetect

// #include <animaldetect/animaldetect.h>
import "C"

import (
	"context"
	"fmt"
	"time"
)

// Error is a call that did not succeed. Message is one line that lets a person act; no secret is in it.
type Error struct {
	Status         Status
	Message        string
	Step           Step  // in which the call failed
	Stage          Stage // how far the job has come all the same
	HTTPStatus     int   // of the last answer, 0 for none
	ServiceCode    string
	ServiceMessage string
	RequestID      string // of the last request, for the service's support
	JobID          string
	RetryAfter     Optional[time.Duration] // what the service asked to wait
	Attempts       int                     // requests that the call made, retries included
	cause          error
}

func (e *Error) Error() string { return fmt.Sprintf("%s (%s)", e.Message, e.Status.Name()) }

// Unwrap is the context's error when that ended the call, or what the image's reader failed with.
func (e *Error) Unwrap() error { return e.cause }

// Is makes errors.Is work with a Status, and with the errors of package context.
func (e *Error) Is(target error) bool {
	if status, ok := target.(Status); ok {
		return e.Status == status
	}
	return target == context.Canceled && e.Status == ErrCanceled && e.cause == nil ||
		target == context.DeadlineExceeded && e.Status == ErrDeadline
}

func failure(status Status, words string) *Error {
	if words == "" {
		words = status.Error()
	}
	return &Error{Status: status, Message: words}
}

// refusal is for a call that was not begun. The library keeps words for what it judges; for these statuses the words
// would be an older refusal's.
func refusal(status Status, words *C.char) error {
	switch status {
	case OK:
		return nil
	case ErrNoMemory, ErrSystem, ErrForked, ErrUnsupported:
		return failure(status, "")
	}
	return failure(status, C.GoString(words))
}

func interrupted(err error) *Error {
	status := ErrCanceled
	if err == context.DeadlineExceeded {
		status = ErrDeadline
	}
	e := failure(status, "")
	e.cause = err
	return e
}
