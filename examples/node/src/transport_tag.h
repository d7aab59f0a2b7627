/* SPDX-License-Identifier: MIT */
/* What marks the transport that the mock's addon hands to the client's. */
#ifndef ANIMALDETECT_NODE_TRANSPORT_TAG_H
#define ANIMALDETECT_NODE_TRANSPORT_TAG_H

#define ANIMALDETECT_NODE_TRANSPORT_TAG            \
    {                                              \
        0x5e0b7c41d98f4a26, 0x9a3c62e1b7d4f058     \
    }

#endif
