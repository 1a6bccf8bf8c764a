/* SPDX-License-Identifier: MIT
 *
 * What a path leads to, decided by its content. */
#include "kind.h"

#include "io/io.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static bool has_file(const char *path, const char *ending)
{
    char *whole = leadseq_format("%s%s", path, ending);
    bool is = whole && leadseq_path_exists(whole);
    free(whole);
    return is;
}

static int kind_of_file(enum cli_kind *kind, const char *path)
{
    static const unsigned char hdf5[8] = "\x89HDF\r\n\x1a\n", png[8] = "\x89PNG\r\n\x1a\n";
    FILE *file = fopen(path, "rb");
    if (!file) return leadseq_fail("%s: cannot be read: %s", path, strerror(errno));
    unsigned char first[LEADSEQ_PICTURE_HEAD] = {0};
    size_t n = fread(first, 1, sizeof first, file);
    fclose(file);
    const char *dot = strrchr(path, '.');
    bool named_png = dot && !strcasecmp(dot, ".png"), named_stack = dot && !strcasecmp(dot, ".h5");
    *kind = CLI_KIND_RECORD;
    // by name too: a damaged image or stack should be refused as one, not as a strange record
    if (named_png || (n >= 8 && !memcmp(first, png, 8))) *kind = CLI_KIND_PNG;
    if (named_stack || (n >= 8 && !memcmp(first, hdf5, 8))) *kind = CLI_KIND_STACK;
    const char *picture = leadseq_picture_kind(first, n);
    if (!picture || leadseq_ends_with(path, ".dat") || leadseq_ends_with(path, ".mat")) return 0;
    return leadseq_fail("%s: expected a picture to be a PNG file (8-bit grey or RGB), found %s",
                        path, picture);
}

int cli_kind(enum cli_kind *kind, const char *path)
{
    *kind = CLI_KIND_RECORD;
    if (leadseq_path_is_folder(path)) {
        *kind = CLI_KIND_RUN;
        if (has_file(path, "/experiment.yaml")) return 0;
        return leadseq_fail("%s: expected a run's folder with experiment.yaml in it, or a file",
                            path);
    }
    if (leadseq_path_exists(path)) return kind_of_file(kind, path);
    if (has_file(path, ".hea")) return 0;
    return leadseq_fail("%s: expected a file, a run's folder or a record, found nothing of that "
                        "name",
                        path);
}
