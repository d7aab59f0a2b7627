/* SPDX-License-Identifier: MIT */
/*
 * Options from the command line and the configuration file.
 */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <locale.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "options_table.h"
#include "text.h"

enum { BAD_USAGE = 2, FIRST_OPTION = 256 };

void complain(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    fputs("animaldetect: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
}

/* ---- values ---- */

/* In the C locale, whatever the environment says; the whole text. */
static bool number_in(const char *text, double *value)
{
    char *end = NULL;

    errno = 0;
    *value = strtod(text, &end); /* the program never leaves the C locale for numbers */
    return end != text && *end == '\0' && errno == 0 && isfinite(*value);
}

static bool is_location(const char *text)
{
    char copy[64];
    char *comma;
    double latitude;
    double longitude;

    if (strlen(text) >= sizeof copy)
        return false;
    (void)snprintf(copy, sizeof copy, "%s", text);
    comma = strchr(copy, ',');
    if (comma == NULL)
        return false;
    *comma++ = '\0';
    comma += strspn(comma, " ");
    return number_in(copy, &latitude) && number_in(comma, &longitude) && fabs(latitude) <= 90 && fabs(longitude) <= 180;
}

static bool is_zone(const char *text)
{
    int hours = 0;
    int minutes = 0;
    int used = 0;

    if (strcmp(text, "Z") == 0)
        return true;
    return (*text == '+' || *text == '-') && sscanf(text + 1, "%2d:%2d%n", &hours, &minutes, &used) == 2 && used == 5 &&
           text[6] == '\0' && hours <= 14 && minutes < 60;
}

static bool is_word_of(const char *text, const char *words)
{
    size_t length = strlen(text);

    for (; *words != '\0'; words += strcspn(words, "|"), words += *words == '|') {
        if (length == strcspn(words, "|") && strncmp(words, text, length) == 0)
            return true;
    }
    return false;
}

static bool is_good(const struct option_row *row, const char *value)
{
    double number = 0;

    switch ((enum value_kind)row->kind) {
    case VALUE_SWITCH:
        return strcmp(value, "yes") == 0;
    case VALUE_TEXT:
        return *value != '\0';
    case VALUE_NUMBER:
        return number_in(value, &number) && number >= row->least && number <= row->most;
    case VALUE_WHOLE:
        return number_in(value, &number) && number >= row->least && number <= row->most && floor(number) == number;
    case VALUE_YES_NO:
    case VALUE_WORD:
        return is_word_of(value, row->argument);
    case VALUE_LOCATION:
        return is_location(value);
    case VALUE_ZONE:
        return is_zone(value);
    }
    return false;
}

static bool take(struct options *options, int which, const char *value, const char *where)
{
    const struct option_row *row = &option_rows[which];

    if (!is_good(row, value)) {
        complain("%s%s: invalid value \"%s\" (expected %s)", where, row->name, value,
                 row->argument != NULL ? row->argument : "yes");
        return false;
    }
    options->values[which] = value;
    return true;
}

/* ---- the configuration file ---- */

static char *trim(char *text)
{
    size_t length;

    text += strspn(text, " \t");
    length = strlen(text);
    while (length > 0 && strchr(" \t\r", text[length - 1]) != NULL)
        text[--length] = '\0';
    return text;
}

static int option_named(const char *name)
{
    for (int i = 0; i < OPTIONS; i++) {
        if (strcmp(option_rows[i].name, name) == 0 && i != OPT_CONFIG && i != OPT_HELP)
            return i;
    }
    return -1;
}

/* Options of other commands are allowed: one file serves all. */
static bool take_line(struct options *options, char *line, const char *where)
{
    char *equals = strchr(line, '=');
    char *name;
    int which;

    line = trim(line);
    if (*line == '\0' || *line == '#')
        return true;
    if (equals == NULL) {
        complain("%s\"%s\" does not have the form option = value", where, line);
        return false;
    }
    *equals = '\0';
    name = trim(line);
    which = option_named(name);
    if (which < 0) {
        complain("%sunknown option \"%s\"", where, name);
        return false;
    }
    if (options->values[which] != NULL)
        return true; /* said on the command line */
    if (option_rows[which].kind == VALUE_SWITCH && strcmp(trim(equals + 1), "no") == 0)
        return true;
    if (!take(options, which, trim(equals + 1), where))
        return false;
    if ((option_rows[which].commands & options->command) == 0)
        options->values[which] = NULL; /* checked, and meant for another command */
    return true;
}

static char *whole_file(const char *path)
{
    FILE *file = fopen(path, "re");
    char *text = NULL;
    size_t size = 0;

    if (file == NULL)
        return NULL;
    if (getdelim(&text, &size, '\0', file) < 0) { /* an empty file leaves the buffer unchanged */
        free(text);
        text = ferror(file) ? NULL : strdup("");
    }
    (void)fclose(file);
    return text;
}

static bool read_file(struct options *options, const char *path, bool must_be_there)
{
    char where[PATH_MAX + 32];
    int number = 1;

    options->file = whole_file(path);
    if (options->file == NULL && !must_be_there && errno == ENOENT)
        return true;
    if (options->file == NULL) {
        complain("cannot read %s: %s", path, strerror(errno));
        return false;
    }
    for (char *line = options->file, *next; line != NULL; line = next, number++) {
        next = strchr(line, '\n');
        if (next != NULL)
            *next++ = '\0';
        (void)snprintf(where, sizeof where, "%s:%d: ", path, number);
        if (!take_line(options, line, where))
            return false;
    }
    return true;
}

static bool read_configuration(struct options *options)
{
    const char *config = getenv("XDG_CONFIG_HOME");
    const char *home = getenv("HOME");
    char path[PATH_MAX];

    if (options->values[OPT_CONFIG] != NULL)
        return read_file(options, options->values[OPT_CONFIG], true);
    if (config != NULL && *config == '/')
        (void)snprintf(path, sizeof path, "%s/animaldetect/config", config);
    else if (home != NULL && *home == '/')
        (void)snprintf(path, sizeof path, "%s/.config/animaldetect/config", home);
    else
        return true;
    return read_file(options, path, false);
}

/* ---- the command line ---- */

static size_t fill(int command, struct option *longs, char *letters)
{
    size_t count = 0;

    for (int i = 0; i < OPTIONS; i++) {
        const struct option_row *row = &option_rows[i];

        if ((row->commands & command) == 0)
            continue;
        longs[count++] = (struct option){row->name, row->kind == VALUE_SWITCH ? no_argument : required_argument, NULL,
                                         row->letter != 0 ? row->letter : FIRST_OPTION + i};
        if (row->letter != 0) {
            *letters++ = row->letter;
            if (row->kind != VALUE_SWITCH)
                *letters++ = ':';
        }
    }
    *letters = '\0';
    return count;
}

static int which_of(int code)
{
    for (int i = 0; i < OPTIONS; i++) {
        if (code == FIRST_OPTION + i || (code < FIRST_OPTION && code == option_rows[i].letter))
            return i;
    }
    return -1;
}

int options_read(struct options *options, int command, int argc, char **argv)
{
    struct option longs[OPTIONS + 1] = {{0}};
    char letters[2 * OPTIONS + 1];
    int code;

    *options = (struct options){.command = command};
    (void)fill(command, longs, letters);
    optind = 1;
    while ((code = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
        int which = which_of(code);

        if (which < 0) {
            fprintf(stderr, "try animaldetect %s --help\n", options_command_name(command));
            return BAD_USAGE;
        }
        if (!take(options, which, optarg != NULL ? optarg : "yes", "--"))
            return BAD_USAGE;
    }
    if (options_has(options, OPT_HELP)) {
        options_help(command, stdout);
        return -1;
    }
    options->inputs = argv + optind;
    options->input_count = argc - optind;
    return read_configuration(options) ? 0 : BAD_USAGE;
}

void options_free(struct options *options)
{
    free(options->file);
    options->file = NULL;
}

/* ---- reading them ---- */

bool options_has(const struct options *options, int which)
{
    return options->values[which] != NULL;
}

double options_number(const struct options *options, int which, double otherwise)
{
    double number = otherwise;

    if (options->values[which] != NULL)
        (void)number_in(options->values[which], &number);
    return number;
}

bool options_yes(const struct options *options, int which, bool otherwise)
{
    return options->values[which] == NULL ? otherwise : strcmp(options->values[which], "yes") == 0;
}

bool options_location(const struct options *options, double *latitude, double *longitude)
{
    const char *text = options->values[OPT_LOCATION];
    char *comma = NULL;

    if (text == NULL)
        return false;
    *latitude = strtod(text, &comma);
    *longitude = strtod(comma + 1, NULL);
    return true;
}

char *options_asked(const struct options *options)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);

    if (out == NULL)
        return NULL;
    for (int i = 0; i < OPT_ASKED_END; i++) {
        const char *value = options->values[i];

        if (i == OPT_OPERATION && value == NULL)
            value = "detect";
        if (value != NULL)
            fprintf(out, "%s=%s\n", option_rows[i].name, value);
    }
    if (fclose(out) != 0) {
        free(text);
        return NULL;
    }
    return text;
}

bool options_from_asked(struct options *options, char *text)
{
    *options = (struct options){0};
    for (char *line = text, *next; *line != '\0'; line = next) {
        char *equals = strchr(line, '=');
        int which;

        next = line + strcspn(line, "\n");
        if (*next == '\n')
            *next++ = '\0';
        if (equals == NULL || equals >= next)
            return false;
        *equals = '\0';
        which = option_named(line);
        if (which < 0 || which >= OPT_ASKED_END || !take(options, which, equals + 1, "the queue: --"))
            return false;
    }
    return true;
}
