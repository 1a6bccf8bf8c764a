/* SPDX-License-Identifier: MIT
 *
 * The harnesses under libFuzzer, all in one program, which runs the one it is named after:
 *
 *     fuzz/all --list             their names and what they read
 *     fuzz/header --seeds DIR     writes the harness's seeds
 *     fuzz/header DIR -runs=100   libFuzzer's own arguments */
#include "harnesses.h"

#include <unistd.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct fuzz_harness *harness;
static const char *seeds_folder;

/* A seed's name is what is in it, so that seeds do not pile up. */
static void write_seed(const void *data, size_t size)
{
    char path[512];
    snprintf(path, sizeof path, "%s/seed-%016llx", seeds_folder,
             (unsigned long long)leadseq_hash(LEADSEQ_HASH_START, data, size));
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(data, 1, size, file) != size || fclose(file)) {
        perror(path);
        exit(99);
    }
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    const char *name = strrchr((*argv)[0], '/');
    name = name ? name + 1 : (*argv)[0];
    if (*argc == 2 && !strcmp((*argv)[1], "--list")) {
        for (const struct fuzz_harness *const *h = fuzz_harnesses; *h; h++)
            printf("%s\t%s\n", (*h)->name, (*h)->reads);
        exit(0);
    }
    harness = fuzz_find(name);
    if (!harness) {
        fprintf(stderr, "%s: no harness of that name; fuzz/all --list names them\n", name);
        exit(2);
    }
    fuzz_begin();
    atexit(fuzz_end);
    if (*argc == 3 && !strcmp((*argv)[1], "--seeds")) {
        fuzz_take_seed = write_seed;
        seeds_folder = (*argv)[2];
        harness->seeds();
        exit(0);
    }
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    fuzz_run(harness, data, size);
    return 0;
}
