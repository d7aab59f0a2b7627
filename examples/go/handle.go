// SPDX-License-Identifier: MIT

package animaldetect

import "sync"

// handle counts who is inside a C object that any goroutine may close at any time. C asks that no call begins on a freed
// object and none is inside when it is freed: the last one that leaves a closed handle frees it.
type handle struct {
	mutex  sync.Mutex
	users  int
	closed bool
}

// enter answers false when the handle is closed; otherwise leave must follow.
func (h *handle) enter() bool {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	if h.closed {
		return false
	}
	h.users++
	return true
}

// leave answers true to the one who has to free the object.
func (h *handle) leave() (last bool) {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	h.users--
	return h.closed && h.users == 0
}

// shut is for somebody who is inside.
func (h *handle) shut() {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	h.closed = true
}

func (h *handle) isClosed() bool {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	return h.closed
}
