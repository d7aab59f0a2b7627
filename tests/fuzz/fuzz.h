/* SPDX-License-Identifier: MIT */
/*
 * Helpers of the fuzz targets. A target is one file with LLVMFuzzerTestOneInput; it is linked with libFuzzer by
 * tests/fuzz/run and with replay.c as an ordinary test of every build. A violated promise aborts the process, which
 * libFuzzer and the test runner both detect.
 */
#ifndef AD_FUZZ_H
#define AD_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/answer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FUZZ_CHECK(condition) ((condition) ? (void)0 : fuzz_fail(__FILE__, __LINE__, #condition))
_Noreturn void fuzz_fail(const char *file, int line, const char *condition);

/* Both equal, or both NULL. */
bool fuzz_same_text(const char *a, const char *b);

/* The rest of an input; the functions below never fail and return zeros and empty texts at the end. */
struct fuzz_input {
    const uint8_t *at;
    size_t left;
};

uint8_t fuzz_take_byte(struct fuzz_input *input);
uint64_t fuzz_take_number(struct fuzz_input *input, size_t bytes); /* big endian, at most 8 bytes */

/*
 * Up to the next line feed; `size` bytes in memory of exactly that size, so that a sanitizer detects an access beyond
 * it.
 */
uint8_t *fuzz_take_line(struct fuzz_input *input, size_t *size);

/* The same as text: NUL-terminated, truncated at the first NUL. Free both with `free`. */
char *fuzz_take_text(struct fuzz_input *input);

/* All of some bytes as text, likewise. */
char *fuzz_text(const uint8_t *data, size_t size);

/* Whether `data` (any bytes) is UTF-8 without control characters. Uses jansson's decoder, so not the one under test. */
bool fuzz_is_utf8(const char *data, size_t size);
bool fuzz_is_clean(const char *data, size_t size);

/* Checks that a rejected document left an error message on one line that fits into the buffer. */
void fuzz_check_problem(const struct ad_problem *problem);

/* Checks everything that struct ad_header[] promises about an upload. */
void fuzz_check_headers(const struct ad_header *headers, size_t count);

#endif
