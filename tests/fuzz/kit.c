/* SPDX-License-Identifier: MIT */
/*
 * The helpers of fuzz.h. Nothing in here may use the code under test: a check that shares a bug with it cannot detect
 * it.
 */
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Noreturn void fuzz_fail(const char *file, int line, const char *condition)
{
    (void)fprintf(stderr, "%s:%d: broken promise: %s\n", file, line, condition);
    abort();
}

static void *allocate(size_t size)
{
    void *memory = malloc(size > 0 ? size : 1);

    FUZZ_CHECK(memory != NULL);
    return memory;
}

bool fuzz_same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

uint8_t fuzz_take_byte(struct fuzz_input *input)
{
    if (input->left == 0)
        return 0;
    input->left--;
    return *input->at++;
}

uint64_t fuzz_take_number(struct fuzz_input *input, size_t bytes)
{
    uint64_t number = 0;

    while (bytes-- > 0)
        number = number << 8 | fuzz_take_byte(input);
    return number;
}

uint8_t *fuzz_take_line(struct fuzz_input *input, size_t *size)
{
    const uint8_t *end = input->left > 0 ? memchr(input->at, '\n', input->left) : NULL;
    uint8_t *line;

    *size = end ? (size_t)(end - input->at) : input->left;
    line = allocate(*size);
    if (*size > 0)
        memcpy(line, input->at, *size);
    input->at += *size + (end != NULL);
    input->left -= *size + (end != NULL);
    return line;
}

char *fuzz_take_text(struct fuzz_input *input)
{
    size_t size;
    uint8_t *line = fuzz_take_line(input, &size);
    char *text = fuzz_text(line, size);

    free(line);
    return text;
}

char *fuzz_text(const uint8_t *data, size_t size)
{
    const uint8_t *end = size > 0 ? memchr(data, '\0', size) : NULL;
    size_t length = end ? (size_t)(end - data) : size;
    char *text = allocate(length + 1);

    if (length > 0)
        memcpy(text, data, length);
    text[length] = '\0';
    return text;
}

bool fuzz_is_utf8(const char *data, size_t size)
{
    json_t *text = json_stringn(data, size);
    bool is_utf8 = text != NULL;

    json_decref(text);
    return is_utf8;
}

bool fuzz_is_clean(const char *data, size_t size)
{
    if (!fuzz_is_utf8(data, size))
        return false;
    for (size_t i = 0; i < size; i++) {
        uint8_t c = (uint8_t)data[i];

        if (c < 0x20 || c == 0x7F)
            return false;
        if (c == 0xC2 && (uint8_t)data[i + 1] < 0xA0)
            return false;
    }
    return true;
}

void fuzz_check_problem(const struct ad_problem *problem)
{
    size_t size = strlen(problem->text);

    FUZZ_CHECK(size > 0 && size < sizeof(problem->room));
    FUZZ_CHECK(fuzz_is_clean(problem->text, size));
}

void fuzz_check_headers(const struct ad_header *headers, size_t count)
{
    FUZZ_CHECK(count <= AD_UPLOAD_MAX_HEADERS);
    for (size_t i = 0; i < count; i++) {
        size_t size = strlen(headers[i].value);

        FUZZ_CHECK(headers[i].name[0] != '\0');
        for (const char *c = headers[i].name; *c; c++)
            FUZZ_CHECK(*c > 32 && *c < 127 && !strchr("()<>@,;:\\\"/[]?={}", *c));
        for (size_t j = 0; j < size; j++)
            FUZZ_CHECK(headers[i].value[j] >= 32 && headers[i].value[j] < 127);
        FUZZ_CHECK(size == 0 || (headers[i].value[0] != ' ' && headers[i].value[size - 1] != ' '));
    }
}
