/* SPDX-License-Identifier: MIT */
#include "options.h"

#include <stdio.h>
#include <string.h>

bool options_read(int argc, char **argv, struct options *out)
{
    *out = (struct options){false, false, NULL};
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--quick") == 0) {
            out->quick = true;
        } else if (strcmp(argv[i], "--json") == 0) {
            out->json = true;
        } else if (strcmp(argv[i], "--svg") == 0 && i + 1 < argc) {
            out->svg = argv[++i];
        } else {
            (void)fprintf(stderr, "usage: %s [--quick] [--json] [--svg FILE]\n", argv[0]);
            return false;
        }
    }
    return true;
}
