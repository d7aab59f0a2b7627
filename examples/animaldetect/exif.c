/* SPDX-License-Identifier: MIT */
/*
 * EXIF data by libexif.
 */
#include "exif.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <libexif/exif-data.h>

#include "text.h"

static void copy_text(ExifData *data, ExifIfd where, ExifTag tag, char *out, size_t size)
{
    const ExifEntry *entry = exif_content_get_entry(data->ifd[where], tag);
    size_t length = 0;

    *out = '\0';
    if (entry == NULL || entry->format != EXIF_FORMAT_ASCII || entry->data == NULL)
        return;
    length = strnlen((const char *)entry->data, entry->size);
    if (length >= size)
        length = size - 1;
    memcpy(out, entry->data, length);
    out[length] = '\0';
    while (length > 0 && (out[length - 1] == ' ' || out[length - 1] == '\n'))
        out[--length] = '\0'; /* cameras pad */
    if (!text_is_utf8(out, length))
        *out = '\0';
}

static bool is_date(const int *f)
{
    return f[0] >= 1970 && f[1] >= 1 && f[1] <= 12 && f[2] >= 1 && f[2] <= 31 && f[3] >= 0 && f[3] < 24 && f[4] >= 0 &&
           f[4] < 60 && f[5] >= 0 && f[5] < 60;
}

static bool copy_time(ExifData *data, ExifIfd where, ExifTag tag, char out[24])
{
    char text[32];
    int f[6] = {0};

    copy_text(data, where, tag, text, sizeof text);
    if (sscanf(text, "%4d:%2d:%2d %2d:%2d:%2d", &f[0], &f[1], &f[2], &f[3], &f[4], &f[5]) != 6 || !is_date(f))
        return false;
    (void)snprintf(out, 24, "%04d-%02d-%02dT%02d:%02d:%02d", f[0] % 10000, f[1] % 100, f[2] % 100, f[3] % 100,
                   f[4] % 100, f[5] % 100);
    return true;
}

/* Degrees, minutes, seconds and a letter. */
static double angle(ExifData *data, int tag, int letter, char negative, double limit)
{
    const ExifEntry *entry = exif_content_get_entry(data->ifd[EXIF_IFD_GPS], (ExifTag)tag);
    const ExifEntry *sign = exif_content_get_entry(data->ifd[EXIF_IFD_GPS], (ExifTag)letter);
    ExifByteOrder order = exif_data_get_byte_order(data);
    double value = 0;
    double part = 1;

    if (entry == NULL || entry->format != EXIF_FORMAT_RATIONAL || entry->components < 3 || sign == NULL ||
        sign->data == NULL || sign->size < 1 || entry->size < 24)
        return NAN;
    for (int i = 0; i < 3; i++, part *= 60) {
        ExifRational ratio = exif_get_rational(entry->data + 8 * i, order);

        if (ratio.denominator == 0)
            return NAN;
        value += (double)ratio.numerator / ratio.denominator / part;
    }
    return value > limit ? NAN : sign->data[0] == (unsigned char)negative ? -value : value;
}

void exif_read(const unsigned char *head, size_t size, struct taken *taken)
{
    ExifData *data = exif_data_new_from_data(head, (unsigned)size);
    char make[32];
    char model[32];

    *taken = (struct taken){.latitude = NAN, .longitude = NAN};
    if (data == NULL)
        return;
    if (!copy_time(data, EXIF_IFD_EXIF, EXIF_TAG_DATE_TIME_ORIGINAL, taken->time))
        (void)copy_time(data, EXIF_IFD_EXIF, EXIF_TAG_DATE_TIME_DIGITIZED, taken->time);
    copy_text(data, EXIF_IFD_0, EXIF_TAG_MAKE, make, sizeof make);
    copy_text(data, EXIF_IFD_0, EXIF_TAG_MODEL, model, sizeof model);
    (void)snprintf(taken->camera, sizeof taken->camera, "%s%s%s", make, *make && *model ? " " : "", model);
    copy_text(data, EXIF_IFD_EXIF, (ExifTag)0xA431, taken->serial, sizeof taken->serial); /* BodySerialNumber */
    taken->latitude = angle(data, 2, 1, 'S', 90);
    taken->longitude = angle(data, 4, 3, 'W', 180);
    if (isnan(taken->latitude) || isnan(taken->longitude) || (taken->latitude == 0 && taken->longitude == 0))
        taken->latitude = taken->longitude = NAN; /* some cameras write an empty block */
    exif_data_unref(data);
}
