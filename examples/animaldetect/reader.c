/* SPDX-License-Identifier: MIT */
/*
 * Opening a ledger to read it.
 */
#include "reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct ledger *reader_open(const struct options *options, struct place *place)
{
    char message[512];
    bool is_locked;
    struct ledger *ledger;
    char *root;

    *place = (struct place){0};
    if (options->input_count > 1 || (options->input_count == 0 && options->values[OPT_LEDGER] == NULL)) {
        complain("give one folder, or a ledger with --ledger");
        return NULL;
    }
    if (options->input_count == 0)
        (void)snprintf(place->ledger, sizeof place->ledger, "%s", options->values[OPT_LEDGER]);
    else if (!place_find(place, options->inputs, 1, options->values[OPT_LEDGER])) {
        complain("%s", place->message);
        return NULL;
    }
    if (access(place->ledger, F_OK) != 0) {
        complain("%s has no ledger yet (%s): run animaldetect run first",
                 options->input_count > 0 ? options->inputs[0] : "this", place->ledger);
        return NULL;
    }
    ledger = ledger_open(place->ledger, LEDGER_READ, message, sizeof message, &is_locked);
    if (ledger == NULL) {
        complain("%s: %s", place->ledger, message);
        return NULL;
    }
    root = ledger_get(ledger, "root");
    if (root != NULL && !options_has(options, OPT_MOVED))
        place_set_root(place, root);
    free(root);
    return ledger;
}
