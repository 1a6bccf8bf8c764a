/* SPDX-License-Identifier: MIT
 *
 * Texts of the command line to numbers, sizes, choices and paths. What cannot
 * be used is wrong usage: argp says so and ends the program with status 2. */
#include "cli_private.h"

#include <float.h>
#include <stdlib.h>
#include <string.h>

long cli_integer(struct argp_state *state, const char *option, const char *text, long least,
                 long most)
{
    int64_t value = least;
    if (!leadseq_parse_integer(text, least, most, &value))
        argp_error(state, "%s: expected a whole number from %ld to %ld, found '%s'", option, least,
                   most, text);
    return value;
}

uint64_t cli_seed(struct argp_state *state, const char *text)
{
    uint64_t value = 0;
    if (!leadseq_parse_seed(text, &value))
        argp_error(state, "--seed: expected a whole number from 0 to 2^64 - 1, found '%s'", text);
    return value;
}

double cli_number(struct argp_state *state, const char *option, const char *text, double least,
                  double most)
{
    double value = least;
    if (!leadseq_parse_number(text, least, most, &value))
        argp_error(state, "%s: expected a number from %g to %g, found '%s'", option, least, most,
                   text);
    return value;
}

void cli_window(struct argp_state *state, const char *text, struct leadseq_preparation *p)
{
    const char *rest = text;
    bool right = leadseq_scan_number(&rest, ":", -DBL_MAX, DBL_MAX, &p->window_start_s);
    if (right && *rest) right = leadseq_parse_number(rest + 1, DBL_MIN, DBL_MAX, &p->window_s);
    if (!right)
        argp_error(state,
                   "--window: expected START or START:LENGTH in seconds, such as 5:10, "
                   "found '%s'",
                   text);
    if (leadseq_preparation_check(p)) argp_error(state, "--window: %s", leadseq_error());
}

void cli_size(struct argp_state *state, const char *text, int *width, int *height)
{
    if (!leadseq_parse_size(text, LEADSEQ_SIDE_MAX, width, height))
        argp_error(state,
                   "--size: expected WIDTHxHEIGHT in pixels, each at most %d, such as 512x512, "
                   "found '%s'",
                   LEADSEQ_SIDE_MAX, text);
}

int cli_choice(struct argp_state *state, const char *option, const char *text,
               const char *const names[])
{
    char list[256] = "";
    for (int i = 0; names[i]; i++) {
        if (!strcmp(names[i], text)) return i;
        size_t n = strlen(list);
        snprintf(list + n, sizeof list - n, "%s%s", i ? ", " : "", names[i]);
    }
    argp_error(state, "%s: expected one of %s, found '%s'", option, list, text);
    return -1;
}

const char *cli_precision(struct argp_state *state, const char *text)
{
    const char *const *names = leadseq_precision_names;
    return names[cli_choice(state, "--precision", text, names)];
}

enum leadseq_checkpoint cli_checkpoint(struct argp_state *state, const char *text)
{
    static const char *const names[] = {"best", "last", NULL};
    return cli_choice(state, "--checkpoint", text, names) ? LEADSEQ_LAST : LEADSEQ_BEST;
}

void cli_need(struct argp_state *state, const char *option, const char *value)
{
    if (!value) argp_error(state, "%s is missing", option);
}

int cli_paths_add(struct cli_paths *paths, char *path)
{
    char **longer = leadseq_realloc(paths->path, paths->n + 1, sizeof *longer);
    if (!longer) return -1;
    paths->path = longer;
    paths->path[paths->n++] = path;
    return 0;
}

void cli_paths_clear(struct cli_paths *paths)
{
    free(paths->path);
    *paths = (struct cli_paths){0};
}
