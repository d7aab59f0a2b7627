/* SPDX-License-Identifier: MIT */
/*
 * The promises of the digest: the published test vectors, the same digest however the bytes are split, strict hex.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/digest.h"

static void check_sum(const char *text, size_t slice, const char *expected)
{
    struct ad_digest digest;
    uint8_t sum[AD_DIGEST_SIZE];
    char hex[AD_DIGEST_HEX_SIZE];
    size_t size = strlen(text);

    ad_digest_begin(&digest);
    for (size_t at = 0; at < size; at += slice)
        ad_digest_add(&digest, text + at, size - at < slice ? size - at : slice);
    ad_digest_add(&digest, NULL, 0);
    ad_digest_end(&digest, sum);
    ad_digest_hex(sum, hex);
    assert_string_equal(hex, expected);
}

/* FIPS 180-4, examples for SHA-256. */
static void sums_are_those_of_the_standard_in_any_slices(void **state)
{
    static const char two_blocks[] = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";

    (void)state;
    check_sum("", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    check_sum("abc", 3, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    for (size_t slice = 1; slice < sizeof(two_blocks); slice++)
        check_sum(two_blocks, slice, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

static void hex_is_read_in_any_case_and_only_whole(void **state)
{
    static const char good[] = "00112233445566778899aabbccddeeffFFEEDDCCBBAA99887766554433221100";
    uint8_t bytes[AD_DIGEST_SIZE];
    char text[AD_DIGEST_HEX_SIZE + 2];
    char back[AD_DIGEST_HEX_SIZE];

    (void)state;
    assert_true(ad_digest_from_hex(good, bytes));
    assert_int_equal(bytes[1], 0x11);
    assert_int_equal(bytes[16], 0xFF);
    ad_digest_hex(bytes, back);
    assert_string_equal(back, "00112233445566778899aabbccddeeffffeeddccbbaa99887766554433221100");
    assert_false(ad_digest_from_hex("", bytes));
    assert_false(ad_digest_from_hex(good + 1, bytes));
    memcpy(text, good, sizeof(good));
    text[64] = '0';
    text[65] = '\0';
    assert_false(ad_digest_from_hex(text, bytes));
    for (size_t i = 0; i < 64; i++) {
        memcpy(text, good, sizeof(good));
        text[i] = 'g';
        assert_false(ad_digest_from_hex(text, bytes));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_are_those_of_the_standard_in_any_slices),
        cmocka_unit_test(hex_is_read_in_any_case_and_only_whole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
