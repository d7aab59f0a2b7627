// SPDX-License-Identifier: MIT

package animaldetect

import (
	"context"
	"fmt"
	"time"
)

// Error is a call that did not succeed. Message is one line that lets a person act; no secret is in it. An image's reader
// may fail with a Status of its own, ErrHost or below: the call then ends with this very number.
type Error struct {
	Status         Status
	Message        string
	Step           Step  // in which the call failed
	Stage          Stage // how far the job has come all the same
	HTTPStatus     int   // of the last response, 0 for none
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

// Scope says whose matter it is: what a host may decide by.
func (e *Error) Scope() Scope { return e.Status.Scope() }

// Is makes errors.Is work with a Status, a Scope, and the errors of package context.
func (e *Error) Is(target error) bool {
	switch target := target.(type) {
	case Status:
		return e.Status == target
	case Scope:
		return e.Scope() == target
	}
	return target == context.Canceled && e.Status == ErrCanceled && e.cause == nil ||
		target == context.DeadlineExceeded && e.Status == ErrCallTimeout
}

func failure(status Status, words string) *Error {
	if words == "" {
		words = status.Error()
	}
	return &Error{Status: status, Message: words}
}

// refusal is for a call that was not begun. The library keeps words for what it judges; for these statuses the words
// would be an older refusal's.
func refusal(status Status, words func() string) error {
	switch status {
	case OK:
		return nil
	case ErrNoMemory, ErrSystem, ErrForked, ErrUnsupported, ErrReentrant, ErrClientFreed:
		return failure(status, "")
	}
	return failure(status, words())
}

func interrupted(err error) *Error {
	status := ErrCanceled
	if err == context.DeadlineExceeded {
		status = ErrCallTimeout
	}
	e := failure(status, "")
	e.cause = err
	return e
}
