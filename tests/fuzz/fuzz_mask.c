/* SPDX-License-Identifier: MIT */
/*
 * Fuzzes base/mask: whatever the text, the keys and the buffer size, the line is clean, fits, and contains no eight
 * bytes of a key in a row. Input: one byte for the buffer size, a line with a key, a line with another, then the text.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <animaldetect/types.h>

#include "base/mask.h"
#include "fuzz.h"

/* Keys of letters and digits: another character may look like a cleaned byte or a mask. */
static char *take_key(struct fuzz_input *input)
{
    char *key = fuzz_take_text(input);

    for (char *c = key; *c != '\0'; c++)
        *c = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789ab"[(unsigned char)*c % 64];
    return key;
}

static bool shows(const char *text, const char *key)
{
    for (; *text != '\0'; text++)
        for (size_t from = 0; from + AD_MASK_MIN <= strlen(key); from++)
            if (strncasecmp(text, key + from, AD_MASK_MIN) == 0)
                return true;
    return false;
}

static void check_found(const struct ad_mask *mask, const char *key)
{
    char out[8];

    if (strlen(key) < AD_MASK_MIN)
        return;
    FUZZ_CHECK(ad_mask_finds(mask, key));
    FUZZ_CHECK(ad_mask_text(mask, out, sizeof out, key, strlen(key)) >= 3 && out[0] == '*');
}

/*
 * Plain text is copied as a whole, and searched at some positions only. A control character before it, or an escape
 * after it, makes the search check every position; the results must be the same.
 */
static void check_quick_paths(const struct ad_mask *mask, size_t room, const char *bytes, size_t size)
{
    char *text = fuzz_text((const uint8_t *)bytes, size);
    size_t length = strlen(text);
    char *marked = malloc(length + 6);
    char *out = malloc(room + 4);
    char *expected = malloc(room + 5);

    FUZZ_CHECK(marked != NULL && out != NULL && expected != NULL);
    marked[0] = '\n';
    memcpy(marked + 1, text, length + 1);
    FUZZ_CHECK(ad_mask_text(mask, out, room + 4, text, length) + 1 ==
               ad_mask_text(mask, expected, room + 5, marked, length + 1));
    FUZZ_CHECK(strcmp(out, expected + 1) == 0);
    memcpy(marked + 1 + length, " %41", 5);
    FUZZ_CHECK(ad_mask_finds(mask, text) == ad_mask_finds(mask, marked));
    free(text);
    free(marked);
    free(out);
    free(expected);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = {data, size};
    size_t room = (size_t)fuzz_take_byte(&input) * 3;
    char *keys[] = {take_key(&input), take_key(&input)};
    char *out = malloc(room > 0 ? room : 1);
    struct ad_mask mask;
    size_t length;

    FUZZ_CHECK(out != NULL);
    ad_mask_init(&mask);
    for (int i = 0; i < 2; i++)
        FUZZ_CHECK(ad_mask_add(&mask, keys[i]) == ANIMALDETECT_OK);
    length = ad_mask_text(&mask, out, room, (const char *)input.at, input.left);
    if (room > 0) {
        FUZZ_CHECK(length < room && strlen(out) == length && fuzz_is_clean(out, length));
        FUZZ_CHECK(!shows(out, keys[0]) && !shows(out, keys[1]));
    }
    check_quick_paths(&mask, room, (const char *)input.at, input.left);
    for (int i = 0; i < 2; i++) {
        check_found(&mask, keys[i]);
        free(keys[i]);
    }
    ad_mask_free(&mask);
    free(out);
    return 0;
}
