/* SPDX-License-Identifier: MIT
 *
 * Between lock.c, partial.c and folder.c: a lock on a file that is open already. */
#ifndef BASE_LOCK_H
#define BASE_LOCK_H

#include "base/base.h"

enum base_lock { BASE_LOCK_TAKEN, BASE_LOCK_HELD, BASE_LOCK_UNKNOWN };

/* UNKNOWN: the file system has no locks. */
enum base_lock base_lock_file(int file);
/* Whether `path` itself, and not what a link there leads to, names the open file. */
bool base_lock_is_named(int file, const char *path);
/* "%s: process 7 (leadseq) is writing it; wait for it or choose another name". Returns -1. */
int base_lock_fail(const char *path, const char *held);

#endif
