// SPDX-License-Identifier: MIT

package animaldetect

// #include <animaldetect/animaldetect.h>
import "C"

import "unsafe"

// Transport is what a client sends with in place of the network; package mock makes one. A C type of one package is another
// type in the next, so it is handed over as a pointer, to an animaldetect_transport.
type Transport interface{ AnimaldetectTransport() unsafe.Pointer }

// WithTransport sends everything through the transport. Before the first call.
func WithTransport(transport Transport) Option {
	return option(func(c *Client) C.int32_t {
		return C.animaldetect_client_set_transport(c.c, (*C.animaldetect_transport)(transport.AnimaldetectTransport()))
	})
}
