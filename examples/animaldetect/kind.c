/* SPDX-License-Identifier: MIT */
/*
 * File types by their first bytes, and the marks that end them.
 */
#include "kind.h"

#include <string.h>

static const struct {
    size_t offset;
    size_t size;
    const char *bytes;
    struct kind kind;
} marks[] = {
    {0, 3, "\xFF\xD8\xFF", {"JPEG", ".jpg", false}},
    {0, 8, "\x89PNG\r\n\x1A\n", {"PNG", ".png", false}},
    {8, 4, "WEBP", {"WebP", ".webp", false}},
    {0, 4, "GIF8", {"GIF", NULL, false}},
    {0, 4, "II*\0", {"TIFF", NULL, false}},
    {0, 4, "MM\0*", {"TIFF", NULL, false}},
    {0, 2, "BM", {"BMP", NULL, false}},
    {0, 2, "\xFF\x0A", {"JPEG XL", NULL, false}},
    {0, 12, "\0\0\0\x0CJXL \r\n\x87\n", {"JPEG XL", NULL, false}},
    {8, 4, "AVI ", {"video", NULL, true}},
    {0, 4, "\x1A\x45\xDF\xA3", {"video", NULL, true}},
    {0, 4, "\0\0\x01\xBA", {"video", NULL, true}},
};

/* The service takes what has one of these as its first brand; a general one (heif) unless AVIF is among the others. */
static const char heic[] = "heicheixheimheishevmhevshevchevx";
static const char heif[] = "mif1msf1mif2";
static const char avif[] = "avifavis";

static bool is_one_of(const unsigned char *brand, const char *brands)
{
    for (; *brands != '\0'; brands += 4) {
        if (memcmp(brand, brands, 4) == 0)
            return true;
    }
    return false;
}

/* An ISO media file: its brands say whether it is an image; else it is a video. */
static struct kind kind_of_media(const unsigned char *head, size_t size)
{
    size_t box = (size_t)head[0] << 24 | (size_t)head[1] << 16 | (size_t)head[2] << 8 | head[3];
    size_t first = box == 1 ? 16 : 8; /* behind a size of 32 or of 64 bits; 0: up to the end of the file */
    bool is_image = false;

    if (box != 1 && is_one_of(head + first, heic))
        return (struct kind){"HEIC", ".heic", false};
    if (box > 1 && box < size)
        size = box;
    for (size_t at = first; at + 4 <= size; at += at == first ? 8 : 4) {
        if (is_one_of(head + at, avif))
            return (struct kind){"AVIF", NULL, false};
        is_image = is_image || is_one_of(head + at, heic) || is_one_of(head + at, heif);
    }
    if (!is_image)
        return (struct kind){"video", NULL, true};
    if (box != 1 && is_one_of(head + first, heif))
        return (struct kind){"HEIF", ".heic", false};
    return (struct kind){"a rare form of HEIF", NULL, false};
}

struct kind kind_of(const unsigned char *head, size_t size)
{
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        if (marks[i].offset + marks[i].size <= size &&
            memcmp(head + marks[i].offset, marks[i].bytes, marks[i].size) == 0)
            return marks[i].kind;
    }
    if (size >= 16 && memcmp(head + 4, "ftyp", 4) == 0)
        return kind_of_media(head, size);
    return (struct kind){0};
}

/* Where the picture itself begins: behind the headers, which may hold a whole thumbnail with an end of its own. */
static size_t scan_of(const unsigned char *head, size_t size)
{
    size_t at = 2;

    while (at + 4 <= size && head[at] == 0xFF) {
        size_t length = (size_t)head[at + 2] << 8 | head[at + 3];

        if (head[at + 1] == 0xDA)
            return at;
        at += 2 + length;
    }
    return at < size ? at : size;
}

static bool has_mark(const unsigned char *bytes, size_t size, const char *mark, size_t length)
{
    return memmem(bytes, size, mark, length) != NULL;
}

bool kind_is_whole(const struct kind *kind, const unsigned char *head, size_t head_size, const unsigned char *tail,
                   size_t tail_size, uint64_t total)
{
    uint64_t begin = total - tail_size; /* of the tail, in the file */

    if (kind->ending == NULL)
        return true;
    if (strcmp(kind->ending, ".jpg") == 0) {
        uint64_t scan = scan_of(head, head_size);
        size_t skip = scan > begin ? (size_t)(scan - begin) : 0;

        return skip < tail_size && has_mark(tail + skip, tail_size - skip, "\xFF\xD9", 2);
    }
    if (strcmp(kind->ending, ".png") == 0)
        return has_mark(tail, tail_size, "IEND\xAE\x42\x60\x82", 8);
    if (strcmp(kind->ending, ".webp") == 0 && head_size >= 8)
        return 8 + ((uint64_t)head[7] << 24 | (uint64_t)head[6] << 16 | (uint64_t)head[5] << 8 | head[4]) <= total;
    return true;
}
