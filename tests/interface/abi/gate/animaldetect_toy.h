/* SPDX-License-Identifier: MIT */
/** @file
 * A small library in the shape of the real one, for the test of the ABI gate: test-gate builds it, changes one line at
 * a time and checks what the gate reports. Each line that it changes occurs exactly once.
 */
#ifndef ANIMALDETECT_TOY_H
#define ANIMALDETECT_TOY_H

#include <stddef.h>
#include <stdint.h>

#define ANIMALDETECT_API __attribute__((visibility("default")))

#ifdef __cplusplus
extern "C" {
#endif

/** Opaque. */
typedef struct animaldetect_toy animaldetect_toy;
/** Opaque, too. */
typedef struct animaldetect_box animaldetect_box;

/** Named values. */
enum animaldetect_toy_status {
    ANIMALDETECT_TOY_OK = 0,
    ANIMALDETECT_TOY_BUSY = -1
};

/** Receives a number. */
typedef void (*animaldetect_toy_callback)(int32_t number, void *user);

/**
 * Makes a toy.
 *
 * @param out  receives the toy; owned by the caller
 * @return  ANIMALDETECT_TOY_OK
 */
ANIMALDETECT_API int32_t animaldetect_toy_new(animaldetect_toy **out);

/** Frees a toy. */
ANIMALDETECT_API void animaldetect_toy_free(animaldetect_toy *toy);

/**
 * Hands a toy's number to a callback.
 *
 * @param callback  receives the number
 * @param user      handed to the callback
 * @return  ANIMALDETECT_TOY_OK or ANIMALDETECT_TOY_BUSY
 */
ANIMALDETECT_API int32_t animaldetect_toy_tell(animaldetect_toy *toy, animaldetect_toy_callback callback, void *user);

/**
 * Sets a toy's number.
 *
 * @param number  any number
 * @return  ANIMALDETECT_TOY_OK
 */
ANIMALDETECT_API int32_t animaldetect_toy_set(animaldetect_toy *toy, int32_t number);

/**
 * A toy's name.
 *
 * @param index  of the name
 * @return  static text, always valid
 */
ANIMALDETECT_API const char *animaldetect_toy_name(const animaldetect_toy *toy, size_t index);

/**
 * Bounds a toy's number.
 *
 * @param low   the least
 * @param high  the largest
 * @return  ANIMALDETECT_TOY_OK
 */
ANIMALDETECT_API int32_t animaldetect_toy_bound(animaldetect_toy *toy, int32_t low, int32_t high);

#ifdef __cplusplus
}
#endif

#endif
