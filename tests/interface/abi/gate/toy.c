/* SPDX-License-Identifier: MIT */
/* The implementation of the toy library; see animaldetect_toy.h. Keep it so small that each change is one line. */
#include "animaldetect_toy.h"

#include <stdlib.h>

struct animaldetect_toy {
    int32_t number;
};

int32_t animaldetect_toy_new(animaldetect_toy **out)
{
    *out = calloc(1, sizeof(**out));
    return *out != NULL ? ANIMALDETECT_TOY_OK : ANIMALDETECT_TOY_BUSY;
}

void animaldetect_toy_free(animaldetect_toy *toy)
{
    free(toy);
}

int32_t animaldetect_toy_tell(animaldetect_toy *toy, animaldetect_toy_callback callback, void *user)
{
    callback(toy->number, user);
    return ANIMALDETECT_TOY_OK;
}

int32_t animaldetect_toy_set(animaldetect_toy *toy, int32_t number)
{
    toy->number = (int32_t)number;
    return ANIMALDETECT_TOY_OK;
}

const char *animaldetect_toy_name(const animaldetect_toy *toy, size_t index)
{
    return (const void *)toy != NULL && index == 0 ? "toy" : "";
}

int32_t animaldetect_toy_bound(animaldetect_toy *toy, int32_t low, int32_t high)
{
    toy->number = toy->number < low ? low : toy->number > high ? high : toy->number;
    return ANIMALDETECT_TOY_OK;
}
