/* SPDX-License-Identifier: MIT
 *
 * Between output.c and file.c. */
#ifndef BASE_OUTPUT_H
#define BASE_OUTPUT_H

#include "base/base.h"

/* A device, a pipe, or an open file by its number, for writing; -1 and a message. */
int base_output_open(const char *path) LEADSEQ_CHECKED;

#endif
