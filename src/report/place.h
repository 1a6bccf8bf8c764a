/* SPDX-License-Identifier: MIT
 *
 * Between compare.c and place.c: the folder a report is written into. */
#ifndef REPORT_PLACE_H
#define REPORT_PLACE_H

#include "base/base.h"

/* `out` if it is not there, empty, or a report that compare made, which is replaced at commit()
 * unless one of the inputs is in it. */
struct leadseq_folder *report_place_begin(const char *out, char *const *inputs,
                                          size_t n) LEADSEQ_CHECKED;

#endif
