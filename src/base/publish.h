/* SPDX-License-Identifier: MIT
 *
 * How something that is complete gets its final name. */
#ifndef BASE_PUBLISH_H
#define BASE_PUBLISH_H

#include "base/base.h"

/* Waits until the names in the folder of `path` are on the disk, where that is possible. */
void base_sync_folder_of(const char *path);
/* rename() that replaces nothing: fails with EEXIST if `to` is there. Sets errno, no message. */
int base_rename_new(const char *from, const char *to);
/* The two change places. Sets errno, no message. */
int base_exchange(const char *a, const char *b);

#endif
