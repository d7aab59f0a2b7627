/* SPDX-License-Identifier: MIT */
/*
 * The images of a seed: their bytes, their files, and changes of the files.
 */
#include "engine/sim/sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * The kernel's times and inode numbers differ in each run, but the trace of a seed must not. So a file is identified
 * here by the time that was set for it and by its inode number; the change time is left out.
 */
int __real_fstat64(int fd, struct stat *out);
int __wrap_fstat64(int fd, struct stat *out);
int __wrap_fstat64(int fd, struct stat *out)
{
    int status = __real_fstat64(fd, out);

    memset(&out->st_ctim, 0, sizeof out->st_ctim);
    return status;
}

static void write_file(struct sim_image *image)
{
    const time_t seconds = (time_t)(1000000000 + image->written);
    struct timespec times[2] = {{.tv_sec = seconds}, {.tv_sec = seconds}};
    char path[] = "/tmp/animaldetect-sim-XXXXXX";
    int fd = mkstemp(path);

    if (fd < 0 || write(fd, image->bytes, image->size) != (ssize_t)image->size)
        sim_fail("cannot write an image to /tmp");
    if (futimens(fd, times) != 0)
        sim_fail("cannot set the time of an image");
    close(fd);
    image->path = strdup(path);
}

static void make_bytes(struct sim_image *image, struct ad_rng *rng)
{
    static const uint8_t begin[] = {0xff, 0xd8, 0xff, 0xe0, 0x00, 0x10, 'J', 'F', 'I', 'F', 0, 1};

    image->bytes = malloc(image->size);
    if (image->bytes == NULL)
        abort();
    for (size_t i = 0; i < image->size; i++)
        image->bytes[i] = i < sizeof begin ? begin[i] : (uint8_t)ad_rng_u64(rng);
}

static size_t draw_size(const struct sim *sim, struct ad_rng *rng)
{
    if (sim->plan.calm_link)
        return (size_t)sim_between(rng, SIM_LARGEST / 10, SIM_LARGEST);
    return (size_t)(sim_chance(rng, 0.8) ? sim_between(rng, 64, 3000) : sim_between(rng, 3000, SIM_LARGEST));
}

void sim_images_make(struct sim *sim)
{
    static const char *const operations[] = {ANIMALDETECT_OPERATION_DETECT, ANIMALDETECT_OPERATION_DETECT_URBAN,
                                             ANIMALDETECT_OPERATION_FILTER, ANIMALDETECT_OPERATION_FILTER_URBAN};
    struct ad_rng rng;

    ad_rng_seed(&rng, sim->plan.seed ^ UINT64_C(0x5eed1ace));
    for (int i = 0; i < sim->plan.image_count; i++) {
        struct sim_image *image = &sim->images[i];

        image->input = (enum sim_input)ad_rng_upto(&rng, SIM_INPUTS - 1);
        image->operation = operations[ad_rng_upto(&rng, 3)];
        image->size = draw_size(sim, &rng);
        image->options = (unsigned)ad_rng_upto(&rng, 15);
        image->overdue_ms = -1;
        image->call_timeout_ms = sim_chance(&rng, 0.2) ? sim_between(&rng, 100, 120000) : -1;
        make_bytes(image, &rng);
        if (image->input == SIM_FILE)
            write_file(image);
    }
}

/* Another file under the same name: it never gets the inode of the previous one, which still exists. */
void sim_image_shift(struct sim_image *image, bool later)
{
    char *path = image->path;

    image->written += later;
    write_file(image);
    if (rename(image->path, path) != 0)
        sim_fail("cannot change an image in /tmp");
    free(image->path);
    image->path = path;
}

void sim_image_change(struct sim *sim, struct sim_image *image)
{
    struct ad_rng rng;

    ad_rng_seed(&rng, sim->plan.seed ^ (uint64_t)(image - sim->images) << 32 ^ UINT64_C(0xc4a26e));
    free(image->bytes);
    if (sim_chance(&rng, 0.5))
        image->size += 1 + (size_t)ad_rng_upto(&rng, 500);
    image->changed = true;
    make_bytes(image, &rng);
    sim_image_shift(image, true);
}

void sim_images_free(struct sim *sim)
{
    for (int i = 0; i < sim->plan.image_count; i++) {
        struct sim_image *image = &sim->images[i];

        if (image->path != NULL)
            unlink(image->path);
        free(image->path);
        free(image->bytes);
        free(image->saved);
    }
}
