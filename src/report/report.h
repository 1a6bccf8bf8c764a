/* SPDX-License-Identifier: MIT
 *
 * What a comparison needs, on which patients, said in which order: all of it is public. */
#ifndef LEADSEQ_REPORT_H
#define LEADSEQ_REPORT_H

#include <leadseq/compare.h>

#include "page/page.h"
#include "stats/stats.h"

#endif
