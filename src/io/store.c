/* SPDX-License-Identifier: MIT
 *
 * HDF5 files that appear whole. The files store*.c alone know HDF5: store_reason.c is the lock
 * around it and its reasons, store_set.c and store_attribute.c are what files hold. */
#include "io/store.h"

#include "io_private.h"

#include <errno.h>
#include <fcntl.h>
#include <hdf5.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

void io_store_drop(hid_t id)
{
    if (id >= 0) H5Idec_ref(id);
}

/* --- Files ----------------------------------------------------------------------- */

static void store_free(struct leadseq_store *store)
{
    for (int i = 0; i < store->n_sets; i++) free(store->set[i].name);
    free(store->path);
    free(store->partial);
    free(store);
}

static struct leadseq_store *store_new(const char *path, bool writing)
{
    struct leadseq_store *store = leadseq_calloc(1, sizeof *store);
    if (!store) return NULL;
    store->file = -1;
    store->path = leadseq_format("%s", path);
    if (writing) store->partial = leadseq_format("%s.partial", path);
    if (store->path && (store->partial || !writing)) return store;
    store_free(store);
    return NULL;
}

static hid_t access_list(void)
{
    hid_t list = H5Pcreate(H5P_FILE_ACCESS);
    if (list < 0) return -1;
    H5Pset_libver_bounds(list, H5F_LIBVER_V110, H5F_LIBVER_V110);
    H5Pset_fclose_degree(list, H5F_CLOSE_STRONG);
    return list;
}

hid_t io_store_timeless(hid_t class)
{
    hid_t list = H5Pcreate(class);
    if (list >= 0) H5Pset_obj_track_times(list, 0);
    return list;
}

/* A partial file nobody holds was left by a killed run. */
static int remove_stale(const char *partial)
{
    int fd = open(partial, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return 0;
    bool held = flock(fd, LOCK_EX | LOCK_NB) && errno == EWOULDBLOCK;
    close(fd);
    if (held) return leadseq_fail("%s: another program is writing it; wait for it", partial);
    if (unlink(partial))
        return leadseq_fail("%s: left by an earlier run, cannot be removed: %s", partial,
                            strerror(errno));
    leadseq_info("%s: left by an earlier run that did not finish; removed", partial);
    return 0;
}

static int create_file(struct leadseq_store *store)
{
    if (leadseq_path_exists(store->path))
        return leadseq_fail("%s: exists already; remove it or choose another name", store->path);
    if (remove_stale(store->partial)) return -1;
    int fd = open(store->partial, O_CREAT | O_WRONLY | O_CLOEXEC, 0666);
    if (fd < 0) return leadseq_fail("%s: cannot be written: %s", store->partial, strerror(errno));
    close(fd);
    hid_t access = access_list(), made = io_store_timeless(H5P_FILE_CREATE);
    if (access >= 0 && made >= 0)
        store->file = H5Fcreate(store->partial, H5F_ACC_TRUNC, made, access);
    io_store_drop(access);
    io_store_drop(made);
    if (store->file >= 0) return 0;
    io_store_hdf5_fail(store, "", "cannot be created");
    unlink(store->partial);
    return -1;
}

/* What the checks of other people's files need to know. */
static int measure_file(struct leadseq_store *store, const char *path)
{
    struct stat info;
    hsize_t base = 0;
    if (stat(path, &info)) return leadseq_fail("%s: cannot be read: %s", path, strerror(errno));
    hid_t made = H5Fget_create_plist(store->file);
    int status = made < 0 || H5Pget_userblock(made, &base) < 0
                     ? io_store_hdf5_fail(store, "", "the HDF5 file cannot be opened")
                     : 0;
    io_store_drop(made);
    store->bytes = (uint64_t)info.st_size;
    store->base = base;
    return status;
}

/* Here rather than at the first attribute, of which many a caller makes "another kind of file". */
static int check_root(const struct leadseq_store *store)
{
    hid_t root = io_store_open_object(store, "/");
    io_store_drop(root);
    return root < 0 ? -1 : 0;
}

static int enter_file(struct leadseq_store *store, const char *path, unsigned how, const char *what)
{
    hid_t access = access_list();
    if (access >= 0) store->file = H5Fopen(path, how, access);
    io_store_drop(access);
    if (store->file < 0) return io_store_hdf5_fail(store, "", what);
    if (!measure_file(store, path) && !check_root(store)) return 0;
    H5Fclose(store->file);
    store->file = -1;
    return -1;
}

static int open_file(struct leadseq_store *store)
{
    struct stat info;
    if (stat(store->path, &info))
        return leadseq_fail("%s: cannot be read: %s", store->path, strerror(errno));
    if (!S_ISREG(info.st_mode))
        return leadseq_fail("%s: expected an HDF5 file, found %s", store->path,
                            S_ISDIR(info.st_mode) ? "a folder" : "no regular file");
    if (access(store->path, R_OK))
        return leadseq_fail("%s: cannot be read: %s", store->path, strerror(errno));
    if (H5Fis_hdf5(store->path) <= 0)
        return leadseq_fail("%s: expected an HDF5 file, found %s", store->path,
                            info.st_size ? "something else" : "an empty file");
    return enter_file(store, store->path, H5F_ACC_RDONLY, "the HDF5 file cannot be opened");
}

/* PATH.partial as a copy of PATH, open for writing. */
static int amend_file(struct leadseq_store *store)
{
    if (remove_stale(store->partial)) return -1;
    if (io_copy_file(store->path, store->partial)) return -1;
    int status = H5Fis_hdf5(store->partial) > 0
                     ? enter_file(store, store->partial, H5F_ACC_RDWR,
                                  "the copy of the HDF5 file cannot be opened")
                     : leadseq_fail("%s: expected an HDF5 file, found something else", store->path);
    if (status) unlink(store->partial);
    return status;
}

static int close_file(struct leadseq_store *store)
{
    for (int i = 0; i < store->n_sets; i++) io_store_drop(store->set[i].id);
    herr_t status = store->file >= 0 ? H5Fclose(store->file) : 0;
    store->file = -1;
    return status < 0 ? -1 : 0;
}

/* A file that is given up need not reach the disk, which may be full, and HDF5
 * survives no failure while it closes: let it finish into memory. */
static void divert_writes(const struct leadseq_store *store)
{
    int *fd;
    int memory = memfd_create("discarded", MFD_CLOEXEC);
    if (memory < 0) return;
    if (H5Fget_vfd_handle(store->file, H5P_DEFAULT, (void **)&fd) >= 0)
        dup3(memory, *fd, O_CLOEXEC);
    close(memory);
}

static struct leadseq_store *begin(const char *path, bool writing,
                                   int (*enter)(struct leadseq_store *store))
{
    struct leadseq_store *store = store_new(path, writing);
    if (!store) return NULL;
    io_store_enter();
    int status = enter(store);
    io_store_leave();
    if (!status) return store;
    store_free(store);
    return NULL;
}

struct leadseq_store *leadseq_store_create(const char *path)
{
    return begin(path, true, create_file);
}

struct leadseq_store *leadseq_store_open(const char *path)
{
    return begin(path, false, open_file);
}

struct leadseq_store *leadseq_store_amend(const char *path)
{
    return begin(path, true, amend_file);
}

void leadseq_store_close(struct leadseq_store *store)
{
    if (!store) return;
    io_store_enter();
    if (store->partial && store->file >= 0) divert_writes(store);
    close_file(store);
    io_store_leave();
    if (store->partial) unlink(store->partial);
    store_free(store);
}

void leadseq_store_discard(struct leadseq_store *store)
{
    leadseq_store_close(store);
}

int leadseq_store_flush(struct leadseq_store *store)
{
    io_store_enter();
    int status = H5Fflush(store->file, H5F_SCOPE_LOCAL) < 0
                     ? io_store_hdf5_fail(store, "", "writing failed")
                     : 0;
    io_store_leave();
    return status;
}

static int commit(struct leadseq_store *store, int (*rename_file)(const char *, const char *))
{
    int status = leadseq_store_flush(store);
    io_store_enter();
    if (!status && close_file(store)) status = io_store_hdf5_fail(store, "", "writing failed");
    io_store_leave();
    if (!status) status = rename_file(store->partial, store->path);
    leadseq_store_close(store); // unlinks the partial file where it is still there
    return status;
}

int leadseq_store_commit(struct leadseq_store *store)
{
    return commit(store, leadseq_file_rename);
}

static int rename_unsynced(const char *from, const char *to)
{
    return rename(from, to) ? leadseq_fail("%s: cannot be replaced: %s", to, strerror(errno)) : 0;
}

int leadseq_store_commit_unsynced(struct leadseq_store *store)
{
    return commit(store, rename_unsynced);
}

const char *leadseq_store_path(const struct leadseq_store *store)
{
    return store->path;
}
