/* SPDX-License-Identifier: MIT
 *
 * Options of what is done to pictures after they were drawn, and of what is told about them:
 * a child of the parser of leadseq render. */
#include "cli_private.h"

#include <stdlib.h>
#include <string.h>

enum { DISTORT = 512, LEVELS, SIDECAR };

static const struct argp_option options[] = {
    {0, 0, NULL, 0, "After drawing:", 1},
    {"distort", DISTORT, "NAME=STRENGTH[:PROBABILITY],...", 0,
     "Distort pictures, each by chance of its own that --seed decides; see below", 1},
    {"levels", LEVELS, "N", 0,
     "Keep N values of grey (or of each colour), 2 to 256 (default); 16 gives stacks of less "
     "than half the size",
     1},
    {"sidecar", SIDECAR, "DIR", 0,
     "Write DIR/ID.json with every drawing parameter, the box of every lead and the pixel of every "
     "sample (beside the images where it is the DIR of --png), and the same into the stack",
     1},
    {0},
};

static error_t parse(int key, char *text, struct argp_state *state)
{
    struct cli_afterwards *a = state->input;
    switch (key) {
    case DISTORT:
        if (leadseq_distort_parse(&a->distort, text))
            argp_error(state, "--distort: %s", leadseq_error());
        return 0;
    case LEVELS:
        a->levels = (int)cli_integer(state, "--levels", text, 2, 256) % 256;
        return 0;
    case SIDECAR:
        a->sidecar = text;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* The distortions there are, from their own table. */
static char *list_distortions(int key, const char *text, void *input)
{
    (void)input;
    if (key != ARGP_KEY_HELP_POST_DOC) return (char *)(uintptr_t)text;
    char *list = NULL;
    size_t size;
    FILE *out = open_memstream(&list, &size);
    if (!out) return NULL;
    fprintf(out, "Distortions, in the order they are applied, and what they are at strength 1 "
                 "(--distort shadow=0.5:0.3,rotation=0.2 shades 30 %% of pictures at half of "
                 "that and turns all by 3 degrees):\n");
    for (int k = 0; k < LEADSEQ_DISTORTIONS; k++)
        fprintf(out, "  %-12s %s\n", leadseq_distortion_name(k), leadseq_distortion_meaning(k));
    fclose(out);
    return list;
}

const struct argp cli_afterwards_argp = {
    .options = options,
    .parser = parse,
    .doc = "\v ", // filled by the list
    .help_filter = list_distortions,
};

void cli_afterwards_apply(const struct cli_afterwards *a, uint64_t seed,
                          struct leadseq_build_options *build)
{
    build->drawing.levels = a->levels;
    build->sidecar_folder = a->sidecar;
    build->distort = a->distort;
    build->distort.seed = seed;
}
