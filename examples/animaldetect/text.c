/* SPDX-License-Identifier: MIT */
/*
 * Untrusted text made safe, and numbers in one form whatever the locale.
 */
#include "text.h"

#include <inttypes.h>
#include <string.h>

#define MARK "bytes:"

size_t text_character(const char *bytes, size_t size, uint32_t *code)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    const unsigned char *at = (const unsigned char *)bytes;
    size_t length = 1;

    if (size == 0)
        return 0;
    if (at[0] < 0x80) {
        *code = at[0];
        return 1;
    }
    length = at[0] >= 0xF0 ? 4 : at[0] >= 0xE0 ? 3 : at[0] >= 0xC2 ? 2 : 0;
    if (length == 0 || length > size || at[0] > 0xF4)
        return 0;
    *code = at[0] & (0xFFU >> (length + 1));
    for (size_t i = 1; i < length; i++) {
        if ((at[i] & 0xC0) != 0x80)
            return 0;
        *code = *code << 6 | (at[i] & 0x3F);
    }
    if (*code < least[length] || *code > 0x10FFFF || (*code >= 0xD800 && *code <= 0xDFFF))
        return 0;
    return length;
}

bool text_is_utf8(const char *bytes, size_t size)
{
    uint32_t code = 0;

    while (size > 0) {
        size_t length = text_character(bytes, size, &code);

        if (length == 0)
            return false;
        bytes += length;
        size -= length;
    }
    return true;
}

const char *text_path(const char *bytes, size_t size, char *out)
{
    static const char digits[] = "0123456789ABCDEF";
    bool is_plain = text_is_utf8(bytes, size) && (size < strlen(MARK) || memcmp(bytes, MARK, strlen(MARK)) != 0);
    char *to = out;
    uint32_t code = 0;

    if (is_plain) {
        memcpy(out, bytes, size);
        out[size] = '\0';
        return out;
    }
    memcpy(to, MARK, strlen(MARK));
    to += strlen(MARK);
    while (size > 0) {
        size_t length = text_character(bytes, size, &code);

        if (length == 0 || code == '%' || code < 0x20) {
            unsigned char byte = (unsigned char)*bytes;

            *to++ = '%';
            *to++ = digits[byte >> 4];
            *to++ = digits[byte & 15];
            length = 1;
        } else {
            memcpy(to, bytes, length);
            to += length;
        }
        bytes += length;
        size -= length;
    }
    *to = '\0';
    return out;
}

/* ---- terminals ---- */

static bool is_unsafe(uint32_t code)
{
    return code < 0x20 || (code >= 0x7F && code < 0xA0) || (code >= 0x200B && code <= 0x200F) ||
           (code >= 0x2028 && code <= 0x202E) || (code >= 0x2060 && code <= 0x206F) || code == 0xFEFF;
}

/* Columns of a character: combining ones have none, East Asian ones and pictures two. */
static int width_of(uint32_t code)
{
    if (code >= 0x300 && code <= 0x36F)
        return 0;
    if ((code >= 0x1100 && code <= 0x115F) || (code >= 0x2E80 && code <= 0xA4CF) ||
        (code >= 0xAC00 && code <= 0xD7A3) || (code >= 0xF900 && code <= 0xFAFF) ||
        (code >= 0xFE30 && code <= 0xFE6F) || (code >= 0xFF00 && code <= 0xFF60) ||
        (code >= 0xFFE0 && code <= 0xFFE6) || (code >= 0x1F300 && code <= 0x1FAFF) ||
        (code >= 0x20000 && code <= 0x3FFFD))
        return 2;
    return 1;
}

/* The next character as it is shown: how many bytes of `bytes` it is, and its columns. */
static size_t show_one(const char *bytes, size_t size, char shown[8], int *columns)
{
    uint32_t code = 0;
    size_t length = text_character(bytes, size, &code);

    if (length == 0 || is_unsafe(code)) {
        length = length == 0 ? 1 : length;
        *columns = snprintf(shown, 8, length > 1 ? "?" : "\\x%02X", (unsigned char)*bytes);
        return length;
    }
    memcpy(shown, bytes, length);
    shown[length] = '\0';
    *columns = width_of(code);
    return length;
}

const char *text_shown(const char *bytes, int columns, char *out, size_t size)
{
    size_t left = strlen(bytes);
    size_t used = 0;
    char shown[8];
    int width = 0;
    int total = 0;

    for (size_t at = 0; at < left; total += width)
        at += show_one(bytes + at, left - at, shown, &width);
    *out = '\0';
    if (total > columns) { /* leave out as much at the beginning as it is too wide, and a column for the mark */
        for (int over = total - columns + 1; over > 0 && left > 0; over -= width) {
            size_t length = show_one(bytes, left, shown, &width);

            bytes += length;
            left -= length;
        }
        used = (size_t)snprintf(out, size, "%s", "\xE2\x80\xA6");
    }
    while (left > 0) {
        size_t length = show_one(bytes, left, shown, &width);
        size_t more = strlen(shown);

        if (used + more >= size)
            break;
        memcpy(out + used, shown, more + 1);
        used += more;
        bytes += length;
        left -= length;
    }
    return out;
}

int text_width(const char *shown, size_t size)
{
    uint32_t code = 0;
    int width = 0;

    for (size_t length; size > 0; shown += length, size -= length) {
        length = text_character(shown, size, &code);
        width += length == 0 ? 1 : width_of(code);
        length = length == 0 ? 1 : length;
    }
    return width;
}

const char *text_count(int64_t count, char out[32])
{
    char digits[32];
    int length = snprintf(digits, sizeof digits, "%" PRId64, count);
    char *to = out;

    for (int i = 0; i < length; i++) {
        *to++ = digits[i];
        if ((length - i) % 3 == 1 && i + 1 < length && digits[i] != '-')
            *to++ = ',';
    }
    *to = '\0';
    return out;
}

/* ---- files ---- */

void text_json(FILE *out, const char *text, size_t size)
{
    uint32_t code = 0;

    putc('"', out);
    while (size > 0) {
        size_t length = text_character(text, size, &code);

        if (length == 0)
            fputs("\\ufffd", out);
        else if (code == '"' || code == '\\')
            fprintf(out, "\\%c", (char)code);
        else if (code < 0x20 || code == 0x7F || code == 0x2028 || code == 0x2029)
            fprintf(out, "\\u%04x", (unsigned)code);
        else
            fwrite(text, 1, length, out);
        length = length == 0 ? 1 : length;
        text += length;
        size -= length;
    }
    putc('"', out);
}

void text_csv(FILE *out, const char *text)
{
    if (text == NULL)
        return;
    if (strpbrk(text, ",\"\r\n") == NULL) {
        fputs(text, out);
        return;
    }
    putc('"', out);
    for (; *text != '\0'; text++) {
        if (*text == '"')
            putc('"', out);
        putc(*text, out);
    }
    putc('"', out);
}

const char *text_decimal(double value, int decimals, char out[32])
{
    int64_t scale = 1;
    int64_t units;

    for (int i = 0; i < decimals; i++)
        scale *= 10;
    if (!(value > -1e9 && value < 1e9)) /* a NaN too */
        value = 0;
    units = (int64_t)(value * (double)scale + (value < 0 ? -0.5 : 0.5));
    (void)snprintf(out, 32, "%s%" PRId64 ".%0*" PRId64, units < 0 ? "-" : "", (units < 0 ? -units : units) / scale,
                   decimals, (units < 0 ? -units : units) % scale);
    return out;
}

const char *text_bytes(uint64_t bytes, char out[32])
{
    static const char *const units[] = {"kB", "MB", "GB", "TB"};
    double value = (double)bytes / 1000;
    size_t unit = 0;
    char number[32];

    if (bytes < 1000) {
        (void)snprintf(out, 32, "%" PRIu64 " bytes", bytes);
        return out;
    }
    for (; value >= 999.95 && unit < 3; unit++)
        value /= 1000;
    (void)snprintf(out, 32, "%.20s %s", text_decimal(value, 1, number), units[unit]);
    return out;
}

const char *text_duration(int64_t seconds, char out[32])
{
    int64_t minutes = (seconds + 30) / 60;

    if (seconds < 60)
        (void)snprintf(out, 32, "%" PRId64 " s", seconds < 0 ? 0 : seconds);
    else if (minutes < 60)
        (void)snprintf(out, 32, "%" PRId64 " min", minutes);
    else if (minutes < 48 * 60)
        (void)snprintf(out, 32, "%" PRId64 " h %02" PRId64 " min", minutes / 60, minutes % 60);
    else
        (void)snprintf(out, 32, "%" PRId64 " days %" PRId64 " h", minutes / 1440, minutes % 1440 / 60);
    return out;
}
