/* SPDX-License-Identifier: MIT */
/*
 * Fuzzes protocol/sniff: one of five types or none, from the first AD_SNIFF_SIZE bytes alone. The content type is part
 * of the idempotency key, so it must not depend on how much of the image was in memory when it was detected.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "protocol/sniff.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const types[] = {"image/jpeg", "image/png", "image/webp", "image/heic", "image/heif"};
    const char *type = ad_sniff(data, size);
    size_t start = size < AD_SNIFF_SIZE ? size : AD_SNIFF_SIZE;
    uint8_t *copy = malloc(start > 0 ? start : 1);
    bool known = type == NULL;

    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        known = known || strcmp(type, types[i]) == 0;
    FUZZ_CHECK(known);
    FUZZ_CHECK(type == NULL || size >= 3);
    FUZZ_CHECK(copy != NULL);
    if (start > 0)
        memcpy(copy, data, start);
    FUZZ_CHECK(fuzz_same_text(ad_sniff(copy, start), type));
    free(copy);
    return 0;
}
