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

/* --- Files ----------------------------------------------------------------------- */

static void store_free(struct leadseq_store *store)
{
    for (int i = 0; i < store->n_sets; i++) free(store->set[i].name);
    leadseq_partial_close(&store->partial);
    free(store->path);
    free(store);
}

static struct leadseq_store *store_new(const char *path)
{
    struct leadseq_store *store = leadseq_calloc(1, sizeof *store);
    if (!store) return NULL;
    store->file = store->partial.file = -1;
    store->path = leadseq_format("%s", path);
    if (store->path) return store;
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

/* Whether HDF5 locks files although it was told not to: by its environment variable, or before
 * version 1.10.7. Its lock and ours on one file exclude each other. */
static bool locks_itself(void)
{
#if H5_VERSION_GE(1, 10, 7)
    const char *forced = getenv("HDF5_USE_FILE_LOCKING");
    return forced && strcmp(forced, "FALSE") != 0 && strcmp(forced, "0") != 0;
#else
    return true;
#endif
}

/* The list of a file whose NAME.partial we hold the lock of. */
static hid_t writing_list(struct leadseq_partial *partial)
{
    hid_t list = access_list();
#if H5_VERSION_GE(1, 10, 7)
    if (list >= 0) H5Pset_file_locking(list, false, true);
#endif
    if (locks_itself()) flock(partial->file, LOCK_UN);
    return list;
}

static int create_file(struct leadseq_store *store)
{
    hid_t access = writing_list(&store->partial), made = io_store_timeless(H5P_FILE_CREATE);
    if (access >= 0 && made >= 0)
        store->file = H5Fcreate(store->partial.name, H5F_ACC_TRUNC, made, access);
    io_store_drop(access);
    io_store_drop(made);
    return store->file >= 0 ? 0 : io_store_hdf5_fail(store, "", "cannot be created");
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

/* Lets go of the list. */
static int enter_file(struct leadseq_store *store, const char *path, hid_t access, unsigned how,
                      const char *what)
{
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
    return enter_file(store, store->path, access_list(), H5F_ACC_RDONLY,
                      "the HDF5 file cannot be opened");
}

/* NAME.partial as a copy of the file, open for writing. */
static int amend_file(struct leadseq_store *store)
{
    if (io_copy_file(store->path, store->partial.file)) return -1;
    if (H5Fis_hdf5(store->partial.name) <= 0)
        return leadseq_fail("%s: expected an HDF5 file, found something else", store->path);
    return enter_file(store, store->partial.name, writing_list(&store->partial), H5F_ACC_RDWR,
                      "the copy of the HDF5 file cannot be opened");
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

static struct leadseq_store *begin(struct leadseq_store *store,
                                   int (*enter)(struct leadseq_store *store))
{
    if (!store) return NULL;
    io_store_enter();
    int status = enter(store);
    io_store_leave();
    if (!status) return store;
    store_free(store);
    return NULL;
}

/* With NAME.partial. */
static struct leadseq_store *store_new_partial(const char *path, bool replaces)
{
    struct leadseq_store *store = store_new(path);
    if (!store || !leadseq_partial_open(&store->partial, path, replaces)) return store;
    store_free(store);
    return NULL;
}

static struct leadseq_store *create(const char *path, bool force)
{
    if (leadseq_output_check(path, force)) return NULL;
    if (!leadseq_output_is_stream(path)) return begin(store_new_partial(path, force), create_file);
    leadseq_fail("%s: expected the name of a file, found a device or a pipe, into which HDF5 "
                 "cannot write",
                 path);
    return NULL;
}

struct leadseq_store *leadseq_store_create(const char *path)
{
    return create(path, false);
}

struct leadseq_store *leadseq_store_replace(const char *path)
{
    return create(path, true);
}

struct leadseq_store *leadseq_store_open(const char *path)
{
    return begin(store_new(path), open_file);
}

struct leadseq_store *leadseq_store_amend(const char *path)
{
    return begin(store_new_partial(path, true), amend_file);
}

void leadseq_store_close(struct leadseq_store *store)
{
    if (!store) return;
    io_store_enter();
    if (store->partial.name && store->file >= 0) divert_writes(store);
    close_file(store);
    io_store_leave();
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

static int commit(struct leadseq_store *store, bool synced)
{
    int status = leadseq_store_flush(store);
    io_store_enter();
    if (!status && close_file(store)) status = io_store_hdf5_fail(store, "", "writing failed");
    io_store_leave();
    if (!status) status = leadseq_partial_unlock(&store->partial);
    if (!status) status = leadseq_partial_publish(&store->partial, synced);
    leadseq_store_close(store);
    return status;
}

int leadseq_store_commit(struct leadseq_store *store)
{
    return commit(store, true);
}

int leadseq_store_commit_unsynced(struct leadseq_store *store)
{
    return commit(store, false);
}

const char *leadseq_store_path(const struct leadseq_store *store)
{
    return store->path;
}
