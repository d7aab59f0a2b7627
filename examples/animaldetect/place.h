/* SPDX-License-Identifier: MIT */
/*
 * Where things are: the folder that all inputs have in common (the root), the ledger that belongs to it, and the inputs
 * as paths relative to it.
 *
 * Without --ledger the ledger is under $XDG_STATE_HOME/animaldetect/ (~/.local/state), one per root; the ledger of a
 * folder above is used if there is one, so that "season/camera7" continues in the ledger of "season".
 */
#ifndef TOOL_PLACE_H
#define TOOL_PLACE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

struct place {
    char root[PATH_MAX];        /* real path, without a slash at its end */
    char ledger[PATH_MAX + 64]; /* file */
    char message[PATH_MAX + 128];
};

/* Finds root and ledger of these inputs; `ledger` is what was named, or NULL. False with a message. */
bool place_find(struct place *place, char **inputs, int count, const char *ledger);

/* Makes the folder of the ledger. */
bool place_make(struct place *place);

/* Takes another root, when the ledger has one above this one or says that it moved. */
void place_set_root(struct place *place, const char *root);

/*
 * Calls `each` with every input relative to the root ("" for the root itself): those of lists too.  `problem` is called
 * for what is not there or not below the root.  False when `each` returned false or a list cannot be read.
 */
bool place_each(struct place *place, char **inputs, int count, bool (*each)(void *context, const char *path),
                void (*problem)(void *context, const char *path, int error, bool folder), void *context);

/* Whether `path` is `folder` or below it. */
bool place_is_below(const char *path, const char *folder);

void place_close(void);

#endif
