/* SPDX-License-Identifier: MIT */
/*
 * Marks functions whose status must not be dropped.  A status that nobody reads is a failure that nobody sees: the
 * compiler warns where the status of a function with AD_CHECKED is dropped.  AD_IGNORE is for the few places where
 * dropping it is right; each says why.
 */
#ifndef AD_BASE_CHECK_H
#define AD_BASE_CHECK_H

#define AD_CHECKED __attribute__((warn_unused_result))

/* A cast to void does not do: compilers warn all the same. */
#define AD_IGNORE(call)                                                                                                \
    do {                                                                                                               \
        if ((call) != 0) {                                                                                             \
        }                                                                                                              \
    } while (0)

#endif
