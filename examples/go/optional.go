// SPDX-License-Identifier: MIT

package animaldetect

import "fmt"

// Optional is a value that may be absent, which is something else than zero.
type Optional[T any] struct {
	Value   T
	Present bool
}

// Or is the value, or the fallback when it is absent.
func (o Optional[T]) Or(fallback T) T {
	if o.Present {
		return o.Value
	}
	return fallback
}

func (o Optional[T]) String() string {
	if o.Present {
		return fmt.Sprint(o.Value)
	}
	return "-"
}

func present[T any](value T) Optional[T] { return Optional[T]{value, true} }
