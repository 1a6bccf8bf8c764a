/* SPDX-License-Identifier: MIT
 *
 * All of the library: records, drawings, stacks, training and runs, comparisons, statistics. Each
 * header says who owns what and which calls may run at the same time. */
#ifndef LEADSEQ_H
#define LEADSEQ_H

#include <leadseq/base.h>
#include <leadseq/compare.h>
#include <leadseq/draw.h>
#include <leadseq/experiment.h>
#include <leadseq/record.h>
#include <leadseq/run.h>
#include <leadseq/stack.h>
#include <leadseq/stats.h>

#endif
