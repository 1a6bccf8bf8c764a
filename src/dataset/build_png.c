/* SPDX-License-Identifier: MIT
 *
 * The images of a build as PNG files, in a folder that appears under its name when
 * all are there: DIR/mi/ECGID_LEAD.png, DIR/normal/…, DIR/unlabelled/NAME_LEAD.png. */
#include "dataset_private.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct dataset_png {
    char *folder, *partial;
};

enum { NORMAL, MI, UNLABELLED, KINDS };
static const char *const kind_name[KINDS] = {"normal", "mi", "unlabelled"};

static bool is_png(const char *name)
{
    size_t n = strlen(name);
    return (n > 4 && !strcmp(name + n - 4, ".png")) || strstr(name, ".png.partial");
}

static void remove_images(const char *folder)
{
    DIR *dir = opendir(folder);
    if (!dir) return;
    for (struct dirent *e; (e = readdir(dir));)
        if (is_png(e->d_name)) unlinkat(dirfd(dir), e->d_name, 0);
    closedir(dir);
    rmdir(folder);
}

/* Removes images in the folders of ours and nothing else; what is not ours keeps it there. */
static void remove_tree(const char *partial)
{
    for (int k = 0; k < KINDS; k++) {
        char *folder = leadseq_path_join(partial, kind_name[k]);
        if (folder) remove_images(folder);
        free(folder);
    }
    rmdir(partial);
}

struct dataset_png *dataset_png_begin(const char *folder)
{
    struct dataset_png *png = leadseq_calloc(1, sizeof *png);
    if (!png) return NULL;
    size_t n = strlen(folder);
    while (n > 1 && folder[n - 1] == '/') n--;
    png->folder = leadseq_format("%.*s", (int)n, folder);
    char *partial = leadseq_format("%.*s.partial", (int)n, folder);
    if (!png->folder || !partial) goto fail;
    if (leadseq_folder_make_new(png->folder)) goto fail; // refuses one with anything in it
    if (leadseq_path_exists(partial)) {
        leadseq_info("%s: left by an earlier run that did not finish; removed", partial);
        remove_tree(partial);
    }
    if (leadseq_folder_make_new(partial)) goto fail;
    png->partial = partial;
    return png;
fail:
    free(partial);
    dataset_png_discard(png);
    return NULL;
}

static int write_lead(const char *folder, const char *key, int lead, struct leadseq_image *image)
{
    char *path = leadseq_format("%s/%s_%s.png", folder, key, leadseq_lead_name[lead]);
    int status = path ? leadseq_png_write(image, path) : -1;
    free(path);
    return status;
}

int dataset_png_write(const struct dataset_png *png, const struct leadseq_stack_row *row,
                      const struct leadseq_drawing *drawing, uint8_t *images)
{
    const char *kind = kind_name[row->mi <= 1 ? row->mi : UNLABELLED];
    char key[sizeof row->record];
    if (row->ecg_id >= 0)
        snprintf(key, sizeof key, "%d", row->ecg_id);
    else
        snprintf(key, sizeof key, "%s", row->record);
    char *folder = leadseq_path_join(png->partial, kind);
    int status = folder ? leadseq_folder_make(folder) : -1;
    struct leadseq_image image = {.width = drawing->width,
                                  .height = drawing->height,
                                  .channels = leadseq_drawing_channels(drawing)};
    for (int lead = 0; !status && lead < LEADSEQ_LEADS; lead++) {
        image.pixels = images + (size_t)lead * (dataset_record_bytes(drawing) / LEADSEQ_LEADS);
        status = write_lead(folder, key, lead, &image);
    }
    free(folder);
    return status;
}

static void png_free(struct dataset_png *png)
{
    free(png->folder);
    free(png->partial);
    free(png);
}

int dataset_png_commit(struct dataset_png *png)
{
    if (!png) return 0;
    int status = rename(png->partial, png->folder) // the empty folder is replaced
                     ? leadseq_fail("%s: cannot be renamed to %s: %s", png->partial, png->folder,
                                    strerror(errno))
                     : 0;
    if (status) {
        dataset_png_discard(png);
        return status;
    }
    png_free(png);
    return 0;
}

void dataset_png_discard(struct dataset_png *png)
{
    if (!png) return;
    if (png->partial) {
        remove_tree(png->partial);
        rmdir(png->folder); // made empty by us
    }
    png_free(png);
}
