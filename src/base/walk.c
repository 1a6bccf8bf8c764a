/* SPDX-License-Identifier: MIT
 *
 * Files in a folder and below it, through symbolic links. Real folders come first and links to
 * folders after all of them, so that a file keeps its own path where a link leads to it too:
 *
 *   data/a.hea               found
 *   data/again -> .          left out: entered already
 *   data/more -> /scratch    entered
 *   data/b.hea -> a.hea      left out: found itself
 *   data/c.hea -> /annex/c   found
 *
 * Everything is in the order of the names, whatever the file system's. */
#include "base/base.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct place { /* of a file or folder on its device */
    dev_t device;
    ino_t inode;
};

struct list { /* owns its paths */
    char **path;
    struct place *place;
    size_t n, room;
};

struct walk {
    const char *ending;
    leadseq_walk_visit *visit;
    void *state;
    struct list folders, later; /* real ones to enter, and those that links lead to */
    struct list files, links;   /* real ones, and those that links lead to */
    struct list entered;
};

/* --- Lists of paths ------------------------------------------------------------------ */

/* Takes ownership of `path`, also on failure. */
static int push(struct list *list, char *path, const struct stat *info)
{
    if (path && list->n == list->room) {
        size_t room = list->room ? 2 * list->room : 64;
        char **paths = leadseq_realloc(list->path, room, sizeof *paths);
        if (paths) list->path = paths;
        struct place *places = paths ? leadseq_realloc(list->place, room, sizeof *places) : NULL;
        if (places) list->place = places, list->room = room;
    }
    if (!path || list->n == list->room) {
        free(path);
        return -1;
    }
    list->place[list->n] = (struct place){info->st_dev, info->st_ino};
    list->path[list->n++] = path;
    return 0;
}

static void clear_list(struct list *list)
{
    for (size_t i = 0; i < list->n; i++) free(list->path[i]);
    free(list->path);
    free(list->place);
}

static int by_place(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    if (x->device != y->device) return x->device < y->device ? -1 : 1;
    return (x->inode > y->inode) - (x->inode < y->inode);
}

static bool has_place(const struct list *list, const struct place *place)
{
    for (size_t i = 0; i < list->n; i++)
        if (!by_place(&list->place[i], place)) return true;
    return false;
}

/* --- One folder ---------------------------------------------------------------------- */

static bool is_passed_over(const char *name)
{
    return *name == '.' || !strcmp(name, "__MACOSX");
}

static int leave_out(struct walk *w, const char *path, const char *why, bool bad)
{
    return w->visit(w->state, path, why, bad);
}

/* Whether a link that leads nowhere was to a file: by git-annex, which links files alone and to
 * content that may not be there, or by a name that folders of records have for files. */
static bool is_to_file(const char *path, const char *name)
{
    static const char *const names[] = {"RECORDS", "ANNOTATORS", "LICENSE", "README",
                                        "COPYING", "CHANGELOG",  "DOI",     "Makefile"};
    char to[PATH_MAX];
    ssize_t n = readlink(path, to, sizeof to - 1);
    to[n > 0 ? n : 0] = '\0';
    bool is = strstr(to, ".git/annex/objects/") || strstr(name, "SUMS");
    for (size_t i = 0; i < LEADSEQ_COUNT(names); i++) is = is || !strcmp(name, names[i]);
    return is;
}

/* An entry that cannot be looked at: a link to nothing, or to itself. Of a file with another
 * ending nobody asks; a link without one may be to a folder. */
static int leave_broken(struct walk *w, const char *path, bool link)
{
    const char *slash = strrchr(path, '/'), *dot = strrchr(slash ? slash : path, '.');
    int why = errno;
    bool wanted = leadseq_ends_with(path, w->ending) ||
                  (!dot && !(link && is_to_file(path, slash ? slash + 1 : path)));
    if (!wanted) return 0;
    return leave_out(w, path, link && why == ENOENT ? "a link to nothing" : strerror(why), true);
}

/* Takes ownership of `path`, also on failure. */
static int sort_entry(struct walk *w, char *path)
{
    struct stat own, info;
    bool link = !lstat(path, &own) && S_ISLNK(own.st_mode);
    int status = 0;
    if (stat(path, &info))
        status = leave_broken(w, path, link);
    else if (S_ISDIR(info.st_mode))
        return push(link ? &w->later : &w->folders, path, &info);
    else if (leadseq_ends_with(path, w->ending) && S_ISREG(info.st_mode))
        return push(link ? &w->links : &w->files, path, &info);
    else if (leadseq_ends_with(path, w->ending))
        status = leave_out(w, path, "not a regular file", true);
    free(path);
    return status;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_wanted(const struct dirent *entry)
{
    return !is_passed_over(entry->d_name);
}

/* Takes ownership of `folder`, also on failure. */
static int enter(struct walk *w, char *folder)
{
    struct stat info;
    struct dirent **entry = NULL;
    int n = stat(folder, &info) ? -1 : scandir(folder, &entry, is_wanted, by_name), status = 0;
    if (n < 0) {
        status = leave_out(w, folder, strerror(errno), true);
        free(folder);
        return status;
    }
    for (int i = 0; i < n; i++) {
        char *path = status ? NULL : leadseq_path_join(folder, entry[i]->d_name);
        if (!status) status = path ? sort_entry(w, path) : -1;
        free(entry[i]);
    }
    free(entry);
    if (!status) return push(&w->entered, folder, &info);
    free(folder);
    return status;
}

/* --- All of them --------------------------------------------------------------------- */

static int enter_once(struct walk *w, const struct list *list, size_t i, const char *why)
{
    if (why && has_place(&w->entered, &list->place[i]))
        return leave_out(w, list->path[i], why, false);
    char *copy = leadseq_format("%s", list->path[i]);
    return copy ? enter(w, copy) : -1;
}

/* Real folders as long as there are any, then the folder a link leads to. A real one may have been
 * searched only where a link led to it. */
static int search(struct walk *w)
{
    for (size_t real = 0, link = 0;;) {
        const char *why = link ? "a folder that is searched by a link to it" : NULL;
        for (; real < w->folders.n; real++)
            if (enter_once(w, &w->folders, real, why)) return -1;
        if (link == w->later.n) return 0;
        if (enter_once(w, &w->later, link++, "a link to a folder that is searched anyway"))
            return -1;
    }
}

struct found {
    const char *path;
    struct place place;
};

static int by_path(const void *a, const void *b)
{
    const struct found *x = a, *y = b;
    return strcmp(x->path, y->path);
}

static int visit_all(struct walk *w)
{
    struct place *real = leadseq_calloc(w->files.n, sizeof *real);
    struct found *found = leadseq_calloc(w->files.n + w->links.n, sizeof *found);
    int status = real && found ? 0 : -1;
    size_t n = 0;
    for (size_t i = 0; !status && i < w->files.n; i++) {
        real[i] = w->files.place[i];
        found[n++] = (struct found){w->files.path[i], real[i]};
    }
    if (!status) qsort(real, w->files.n, sizeof *real, by_place);
    for (size_t i = 0; !status && i < w->links.n; i++) {
        const struct place *place = &w->links.place[i];
        if (bsearch(place, real, w->files.n, sizeof *real, by_place))
            status = leave_out(w, w->links.path[i], "a link to a file that is found itself", false);
        else
            found[n++] = (struct found){w->links.path[i], *place};
    }
    if (!status) qsort(found, n, sizeof *found, by_path);
    for (size_t i = 0; !status && i < n; i++)
        status = w->visit(w->state, found[i].path, NULL, false);
    free(real);
    free(found);
    return status;
}

int leadseq_folder_walk(const char *folder, const char *ending, leadseq_walk_visit *visit,
                        void *state)
{
    struct walk w = {.ending = ending, .visit = visit, .state = state};
    size_t n = strlen(folder);
    while (n > 1 && folder[n - 1] == '/') n--;
    char *top = leadseq_format("%.*s", (int)n, folder);
    int status = top ? enter(&w, top) : -1;
    if (!status) status = search(&w);
    if (!status) status = visit_all(&w);
    clear_list(&w.folders);
    clear_list(&w.later);
    clear_list(&w.files);
    clear_list(&w.links);
    clear_list(&w.entered);
    return status;
}
