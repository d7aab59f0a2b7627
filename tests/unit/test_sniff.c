/* SPDX-License-Identifier: MIT */
/*
 * The promises of the sniffer: the five types of the service by their magic bytes, nothing else, from any short prefix.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "protocol/sniff.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))
#define BYTES(text) text, sizeof(text) - 1

static const struct {
    const char *bytes;
    size_t size;
    const char *type;
} rows[] = {
    {BYTES("\xFF\xD8\xFF\xE0\0\x10JFIF"), "image/jpeg"},
    {BYTES("\xFF\xD8\xFF\xE1"), "image/jpeg"},
    {BYTES("\x89PNG\r\n\x1A\n\0\0\0\rIHDR"), "image/png"},
    {BYTES("RIFF\x24\0\0\0WEBPVP8 "), "image/webp"},
    {BYTES("\0\0\0\x18"
           "ftypheic\0\0\0\0mif1heic"),
     "image/heic"},
    {BYTES("\0\0\0\x18"
           "ftypheix\0\0\0\0mif1heix"),
     "image/heic"},
    {BYTES("\0\0\0\x1C"
           "ftypmif1\0\0\0\0mif1heicmiaf"),
     "image/heic"},
    {BYTES("\0\0\0\x18"
           "ftypmif1\0\0\0\0mif1miaf"),
     "image/heif"},
    {BYTES("\0\0\0\x14"
           "ftypmif1\0\0\0\0mif1heic"),
     "image/heif"}, /* after the box */
    {BYTES("\0\0\0\x18"
           "ftypmsf1\0\0\0\0msf1hevc"),
     "image/heic"},
    {BYTES("\0\0\0\x1C"
           "ftypmif1\0\0\0\0avifmif1heic"),
     NULL},
    {BYTES("\0\0\0\x1C"
           "ftypavif\0\0\0\0avifmif1miaf"),
     NULL},
    {BYTES("\0\0\0\x18"
           "ftypisom\0\0\0\0isommp41"),
     NULL},
    {BYTES("\xFF\xD8\xFE"), NULL},
    {BYTES("\x89PNG\n"), NULL},
    {BYTES("RIFF\x24\0\0\0WAVEfmt "), NULL},
    {BYTES("GIF89a"), NULL},
    {BYTES("BM\0\0"), NULL},
    {BYTES("<html>"), NULL},
    {BYTES(""), NULL},
};

static void types_are_detected_by_their_first_bytes(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const char *type = ad_sniff(rows[i].bytes, rows[i].size);

        if (!rows[i].type)
            assert_null(type);
        else
            assert_string_equal(type, rows[i].type);
    }
}

/* Under a sanitizer this also shows that nothing beyond a prefix is read: each prefix is a separate allocation. */
static void any_prefix_is_safe_to_look_at(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        for (size_t size = 0; size < rows[i].size; size++) {
            char *prefix = test_malloc(size + 1);

            memcpy(prefix, rows[i].bytes, size);
            prefix[size] = '\0';
            (void)ad_sniff(prefix, size);
            if (size < 3)
                assert_null(ad_sniff(prefix, size));
            test_free(prefix);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(types_are_detected_by_their_first_bytes),
        cmocka_unit_test(any_prefix_is_safe_to_look_at),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
