/* SPDX-License-Identifier: MIT */
/*
 * Fuzzes base/text and base/digest: text reported as clean is clean for another decoder, and a quoted text fits its
 * buffer. Input: one byte for the buffer size, then the bytes.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/digest.h"
#include "base/text.h"
#include "fuzz.h"

/* ad_text_quote into a buffer of exactly `room` bytes. */
static void check_quote(size_t room, const char *bytes, size_t size)
{
    char *out = malloc(room > 0 ? room : 1);
    char *again = malloc(room > 0 ? room : 1);
    size_t length;

    FUZZ_CHECK(out && again);
    length = ad_text_quote(out, room, bytes, size);
    if (room == 0) {
        FUZZ_CHECK(length == 0);
        goto out;
    }
    FUZZ_CHECK(length < room && out[length] == '\0' && strlen(out) == length);
    FUZZ_CHECK(fuzz_is_clean(out, length));
    FUZZ_CHECK(size > 0 || length == 0);
    if (size < room && fuzz_is_clean(bytes, size) && !memchr(bytes, 0xE2, size)) /* may start a bidirectional control */
        FUZZ_CHECK(length == size && memcmp(out, bytes, size) == 0);
    FUZZ_CHECK(ad_text_quote(again, room, out, length) == length && strcmp(again, out) == 0);
out:
    free(out);
    free(again);
}

static void check_rules(const char *text)
{
    size_t size = strlen(text);
    bool visible = ad_text_is_visible_ascii(text);

    FUZZ_CHECK(ad_text_is_utf8(text) == fuzz_is_utf8(text, size));
    FUZZ_CHECK(ad_text_is_clean(text) == fuzz_is_clean(text, size));
    FUZZ_CHECK(!visible || (ad_text_is_clean(text) && ad_text_is_header_value(text)));
    FUZZ_CHECK(!ad_text_is_header_value(text) || !strpbrk(text, "\r\n\t\x7F"));
    FUZZ_CHECK(!ad_text_is_token(text) || (visible && size > 0 && !strpbrk(text, ":\"(),/;<=>?@[\\]{}")));
    FUZZ_CHECK(!ad_job_id_is_good(text) || (ad_url_text_is_good(text) && size <= 128 && !strpbrk(text, "/?#%\\")));
    FUZZ_CHECK(!ad_job_id_is_good(text) || (strcmp(text, ".") != 0 && strcmp(text, "..") != 0));
    FUZZ_CHECK(ad_text_length(text, size) == size);
    FUZZ_CHECK(size == 0 || ad_text_length(text, size - 1) == size);
    FUZZ_CHECK(ad_state_from_text(text) > 0);
}

/* Two texts: the halves of the input. */
static void check_pair(const char *text)
{
    size_t half = strlen(text) / 2;
    char *first = fuzz_text((const uint8_t *)text, half);

    FUZZ_CHECK(ad_text_equal_nocase(first, text + half) == (strcasecmp(first, text + half) == 0));
    FUZZ_CHECK(ad_text_equal_nocase(text, text));
    if (ad_upload_header_is_good(first, text + half)) {
        struct ad_header header = {first, text + half};

        fuzz_check_headers(&header, 1);
    }
    free(first);
}

static void check_hex(const char *text)
{
    uint8_t digest[AD_DIGEST_SIZE];
    char hex[AD_DIGEST_HEX_SIZE];
    bool good = strlen(text) == 64 && strspn(text, "0123456789abcdefABCDEF") == 64;

    FUZZ_CHECK(ad_digest_from_hex(text, digest) == good);
    if (!good)
        return;
    ad_digest_hex(digest, hex);
    FUZZ_CHECK(strcasecmp(hex, text) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = {data, size};
    size_t room = fuzz_take_byte(&input);
    const char *bytes = (const char *)input.at;
    char *text = fuzz_text(input.at, input.left);

    FUZZ_CHECK(ad_text_is_clean(text) == fuzz_is_clean(text, strlen(text)));
    check_quote(room, bytes, input.left);
    check_quote(384, bytes, input.left);
    check_rules(text);
    check_pair(text);
    check_hex(text);
    free(text);
    return 0;
}
