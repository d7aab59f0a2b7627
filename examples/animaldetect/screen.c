/* SPDX-License-Identifier: MIT */
/*
 * Fitting text to a terminal.
 */
#include "screen.h"

#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "text.h"

#define LEAST_COLUMNS 20

int screen_columns(FILE *file)
{
    struct winsize size;

    if (ioctl(fileno(file), TIOCGWINSZ, &size) != 0)
        return 0;
    return size.ws_col >= LEAST_COLUMNS ? size.ws_col : 80;
}

void screen_wrap(FILE *file, int columns, int indent, const char *text)
{
    int at = indent;

    while (*text != '\0') {
        size_t length = strcspn(text, " ");
        int width = text_width(text, length);

        if (at > indent && columns > 0 && at + 1 + width > columns - 1) {
            fprintf(file, "\n%*s", indent, "");
            at = indent;
        } else if (at > indent) {
            putc(' ', file);
            at++;
        }
        fwrite(text, 1, length, file);
        at += width;
        text += length + (text[length] == ' ');
    }
    putc('\n', file);
}

void screen_cell(FILE *file, int width, const char *text)
{
    char shown[4096];

    (void)text_shown(text, width, shown, sizeof shown);
    fprintf(file, "%s%*s", shown, width - text_width(shown, strlen(shown)), "");
}
