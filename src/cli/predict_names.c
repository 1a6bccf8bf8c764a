/* SPDX-License-Identifier: MIT
 *
 * Files of one name in different folders are distinguished by their paths. */
#include "predict.h"

#include <stdlib.h>
#include <string.h>

struct named {
    char *path; /* without its ending */
    const char *last;
    size_t at;
};

static int by_last(const void *a, const void *b)
{
    const struct named *x = a, *y = b;
    int order = strcmp(x->last, y->last);
    return order ? order : strcmp(x->path, y->path);
}

static int cut(struct named *to, const char *path, size_t at, const char *const *endings)
{
    size_t n = strlen(path);
    for (size_t k = 0; endings[k]; k++)
        if (leadseq_ends_with(path, endings[k])) {
            n -= strlen(endings[k]);
            break;
        }
    to->at = at;
    to->path = leadseq_format("%.*s", (int)n, path);
    if (!to->path) return -1;
    const char *slash = strrchr(to->path, '/');
    to->last = slash ? slash + 1 : to->path;
    return 0;
}

static int fill(char **names, struct named *file, size_t n)
{
    qsort(file, n, sizeof *file, by_last);
    for (size_t i = 1; i < n; i++) {
        if (strcmp(file[i - 1].last, file[i].last)) continue;
        if (!strcmp(file[i - 1].path, file[i].path))
            return leadseq_fail("%s: is given twice; expected each record once", file[i].path);
        for (size_t k = i - 1; k <= i; k++)
            if (!names[file[k].at] && !(names[file[k].at] = leadseq_format("%s", file[k].path)))
                return -1;
    }
    return 0;
}

int predict_names_fill(char **names, char *const *paths, size_t n, const char *const *endings)
{
    struct named *file = leadseq_calloc(n, sizeof *file);
    int status = file ? 0 : -1;
    for (size_t i = 0; !status && i < n; i++) status = cut(&file[i], paths[i], i, endings);
    if (!status) status = fill(names, file, n);
    for (size_t i = 0; file && i < n; i++) free(file[i].path);
    free(file);
    return status;
}
