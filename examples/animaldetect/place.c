/* SPDX-License-Identifier: MIT */
/*
 * Root, ledger and inputs.  Lists are read twice, once for the root; standard input is kept in a temporary file for
 * that.
 */
#include "place.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

static FILE *standard_input; /* its copy */

bool place_is_below(const char *path, const char *folder)
{
    size_t length = strcmp(folder, "/") == 0 ? 0 : strlen(folder);

    return strncmp(path, folder, length) == 0 && (path[length] == '\0' || path[length] == '/');
}

/* The real path of a folder, or of the folder of a file with the file's own name: a link keeps its place in the tree.
 */
static bool resolve(const char *path, char out[PATH_MAX], bool *is_folder)
{
    char parent[PATH_MAX];
    struct stat facts;
    const char *name;
    size_t length;
    char *slash;

    *is_folder = stat(path, &facts) == 0 && S_ISDIR(facts.st_mode);
    if (*is_folder)
        return realpath(path, out) != NULL;
    if (strlen(path) >= sizeof parent) {
        errno = ENAMETOOLONG;
        return false;
    }
    (void)snprintf(parent, sizeof parent, "%s", path);
    slash = strrchr(parent, '/');
    if (slash != NULL)
        *slash = '\0';
    if (realpath(slash == NULL ? "." : slash == parent ? "/" : parent, out) == NULL)
        return false;
    length = strlen(out);
    name = strrchr(path, '/') != NULL ? strrchr(path, '/') + 1 : path;
    if (snprintf(out + length, PATH_MAX - length, "%s%s", strcmp(out, "/") == 0 ? "" : "/", name) >=
        (int)(PATH_MAX - length)) {
        errno = ENAMETOOLONG;
        return false;
    }
    return true;
}

/* ---- lists ---- */

static FILE *copy_standard_input(void)
{
    char bytes[8192];
    size_t got;

    if (standard_input != NULL) {
        rewind(standard_input);
        return standard_input;
    }
    standard_input = tmpfile();
    while (standard_input != NULL && (got = fread(bytes, 1, sizeof bytes, stdin)) > 0) {
        if (fwrite(bytes, 1, got, standard_input) != got) {
            place_close();
            return NULL;
        }
    }
    if (ferror(stdin))
        place_close();
    if (standard_input != NULL)
        rewind(standard_input);
    return standard_input;
}

void place_close(void)
{
    if (standard_input != NULL)
        (void)fclose(standard_input);
    standard_input = NULL;
}

static void say_list(struct place *place, const char *input)
{
    (void)snprintf(place->message, sizeof place->message, "cannot read the list %.3000s: %s",
                   *input == '@' ? input + 1 : "of standard input", strerror(errno));
}

typedef bool (*each_name)(void *context, const char *name);

/* Every name that was given: one of the command line, or one a line of a list. */
static bool each_given(struct place *place, char **inputs, int count, each_name each, void *context)
{
    bool goes_on = true;

    for (int i = 0; i < count && goes_on; i++) {
        bool is_stdin = strcmp(inputs[i], "-") == 0;
        char *line = NULL;
        size_t room = 0;
        ssize_t length;
        FILE *list;

        if (!is_stdin && *inputs[i] != '@') {
            goes_on = each(context, inputs[i]);
            continue;
        }
        list = is_stdin ? copy_standard_input() : fopen(inputs[i] + 1, "re");
        if (list == NULL) {
            say_list(place, inputs[i]);
            return false;
        }
        while (goes_on && (length = getline(&line, &room, list)) > 0) {
            if (line[length - 1] == '\n')
                line[--length] = '\0';
            if (length > 0)
                goes_on = each(context, line);
        }
        if (goes_on && ferror(list)) { /* in the middle: the rest would be passed over */
            say_list(place, inputs[i]);
            goes_on = false;
        }
        free(line);
        if (!is_stdin)
            (void)fclose(list);
    }
    return goes_on;
}

/* ---- the root ---- */

/* The root so far becomes the folder that it has in common with this input. */
static bool widen_root(void *context, const char *name)
{
    struct place *place = context;
    char path[PATH_MAX];
    bool is_folder;
    struct stat facts;

    if (lstat(name, &facts) != 0 || !resolve(name, path, &is_folder))
        return true; /* said when it is walked */
    if (!is_folder)
        *(strrchr(path, '/') == path ? path + 1 : strrchr(path, '/')) = '\0';
    if (*place->root == '\0') {
        (void)snprintf(place->root, sizeof place->root, "%s", path);
        return true;
    }
    while (!place_is_below(path, place->root) && strcmp(place->root, "/") != 0) {
        char *slash = strrchr(place->root, '/');

        *(slash == place->root ? slash + 1 : slash) = '\0';
    }
    return true;
}

/* ---- the ledger ---- */

static bool state_folder(char out[PATH_MAX])
{
    const char *state = getenv("XDG_STATE_HOME");
    const char *home = getenv("HOME");

    if (state != NULL && *state == '/')
        return snprintf(out, PATH_MAX, "%s/animaldetect", state) < PATH_MAX;
    return home != NULL && *home == '/' && snprintf(out, PATH_MAX, "%s/.local/state/animaldetect", home) < PATH_MAX;
}

/* A name that a person recognizes, and that no other root has. */
static void ledger_name(const char *folder, const char *root, char *out, size_t size)
{
    unsigned char digest[crypto_hash_sha256_BYTES];
    char hex[17];
    char base[65];
    const char *slash = strrchr(root, '/');

    (void)crypto_hash_sha256(digest, (const unsigned char *)root, strlen(root));
    (void)sodium_bin2hex(hex, sizeof hex, digest, 8);
    (void)snprintf(base, sizeof base, "%s", slash != NULL && slash[1] != '\0' ? slash + 1 : "root");
    for (char *at = base; *at != '\0'; at++) {
        if ((unsigned char)*at <= ' ' || (unsigned char)*at >= 0x7F)
            *at = '_';
    }
    (void)snprintf(out, size, "%s/%s-%s.ledger", folder, base, hex);
}

static bool find_ledger(struct place *place)
{
    char folder[PATH_MAX];
    char above[PATH_MAX];
    char candidate[sizeof place->ledger];

    if (!state_folder(folder)) {
        (void)snprintf(place->message, sizeof place->message,
                       "no folder for the ledger: set HOME, or use --ledger FILE");
        return false;
    }
    (void)snprintf(above, sizeof above, "%s", place->root);
    while (strrchr(above, '/') != above) {
        ledger_name(folder, above, candidate, sizeof candidate);
        if (access(candidate, F_OK) == 0) {
            (void)snprintf(place->ledger, sizeof place->ledger, "%s", candidate);
            (void)snprintf(place->root, sizeof place->root, "%s", above);
            return true;
        }
        *strrchr(above, '/') = '\0';
    }
    ledger_name(folder, place->root, place->ledger, sizeof place->ledger);
    return true;
}

bool place_find(struct place *place, char **inputs, int count, const char *ledger)
{
    place->root[0] = place->ledger[0] = place->message[0] = '\0';
    if (!each_given(place, inputs, count, widen_root, place))
        return false;
    if (*place->root == '\0') {
        (void)snprintf(place->message, sizeof place->message, "%.3000s: %s", count > 0 ? inputs[0] : "no input",
                       strerror(errno));
        return false;
    }
    if (ledger != NULL) {
        (void)snprintf(place->ledger, sizeof place->ledger, "%s", ledger);
        return true;
    }
    if (strcmp(place->root, "/") == 0) {
        (void)snprintf(place->message, sizeof place->message, "the inputs have no common folder: set --ledger FILE");
        return false;
    }
    return find_ledger(place);
}

bool place_make(struct place *place)
{
    char path[sizeof place->ledger];

    (void)snprintf(path, sizeof path, "%s", place->ledger);
    for (char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(path, 0700) != 0 && errno != EEXIST) {
            (void)snprintf(place->message, sizeof place->message, "cannot create the folder %.3000s: %s", path,
                           strerror(errno));
            return false;
        }
        *slash = '/';
    }
    return true;
}

void place_set_root(struct place *place, const char *root)
{
    (void)snprintf(place->root, sizeof place->root, "%s", root);
}

/* ---- the inputs ---- */

struct relative {
    const struct place *place;
    each_name each;
    void (*problem)(void *context, const char *path, int error, bool folder);
    void *context;
};

static bool give_relative(void *context, const char *name)
{
    const struct relative *relative = context;
    size_t root = strcmp(relative->place->root, "/") == 0 ? 0 : strlen(relative->place->root);
    char path[PATH_MAX];
    struct stat facts;
    bool is_folder;

    if (lstat(name, &facts) != 0 || !resolve(name, path, &is_folder)) {
        relative->problem(relative->context, name, errno, false);
        return true;
    }
    if (!place_is_below(path, relative->place->root)) {
        relative->problem(relative->context, name, EXDEV, false);
        return true;
    }
    return relative->each(relative->context, path[root] == '\0' ? "" : path + root + 1);
}

bool place_each(struct place *place, char **inputs, int count, each_name each,
                void (*problem)(void *context, const char *path, int error, bool folder), void *context)
{
    struct relative relative = {place, each, problem, context};

    return each_given(place, inputs, count, give_relative, &relative);
}
