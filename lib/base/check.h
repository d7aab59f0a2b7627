/* SPDX-License-Identifier: MIT */
/*
 * AD_CHECKED: the compiler warns when the returned status is ignored.  AD_IGNORE is for the few calls whose status may
 * be ignored; each says why.
 */
#ifndef AD_BASE_CHECK_H
#define AD_BASE_CHECK_H

#define AD_CHECKED __attribute__((warn_unused_result))

/* A cast to void is not enough: compilers warn regardless. */
#define AD_IGNORE(call)                                                                                                \
    do {                                                                                                               \
        if ((call) != 0) {                                                                                             \
        }                                                                                                              \
    } while (0)

#endif
