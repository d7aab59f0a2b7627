/* SPDX-License-Identifier: MIT */
/*
 * Content type from magic bytes.  HEIC and HEIF are distinguished by the brands of the ISO base media "ftyp" box
 * (ISO/IEC 23008-12 annex B); AVIF has the same box but is not supported by the service.
 */
#include "protocol/sniff.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static bool starts_with(const uint8_t *bytes, size_t size, size_t at, const char *magic, size_t magic_size)
{
    return size >= at + magic_size && memcmp(bytes + at, magic, magic_size) == 0;
}

static bool is_one_of(const uint8_t *brand, const char *brands)
{
    for (; *brands; brands += 4) {
        if (memcmp(brand, brands, 4) == 0)
            return true;
    }
    return false;
}

static const char *sniff_ftyp(const uint8_t *bytes, size_t size)
{
    static const char heic[] = "heicheixhevchevxheimheishevmhevs";
    static const char heif[] = "mif1msf1mif2";
    size_t end = (size_t)bytes[0] << 24 | (size_t)bytes[1] << 16 | (size_t)bytes[2] << 8 | (size_t)bytes[3];
    bool has_heic = false;

    if (is_one_of(bytes + 8, heic))
        return "image/heic";
    if (!is_one_of(bytes + 8, heif))
        return NULL;
    /* For a generic major brand, the compatible brands after the minor version name the content. */
    for (size_t at = 16; at + 4 <= size && at + 4 <= end; at += 4) {
        if (is_one_of(bytes + at, "avifavis"))
            return NULL;
        has_heic = has_heic || is_one_of(bytes + at, heic);
    }
    return has_heic ? "image/heic" : "image/heif";
}

const char *ad_sniff(const void *bytes, size_t size)
{
    const uint8_t *at = bytes;

    /* The type is hashed into the key: it must not depend on how much of the image is in memory. */
    if (size > AD_SNIFF_SIZE)
        size = AD_SNIFF_SIZE;
    if (starts_with(at, size, 0, "\xFF\xD8\xFF", 3))
        return "image/jpeg";
    if (starts_with(at, size, 0, "\x89PNG\r\n\x1A\n", 8))
        return "image/png";
    if (starts_with(at, size, 0, "RIFF", 4) && starts_with(at, size, 8, "WEBP", 4))
        return "image/webp";
    if (size >= 12 && starts_with(at, size, 4, "ftyp", 4))
        return sniff_ftyp(at, size);
    return NULL;
}
