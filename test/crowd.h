/* SPDX-License-Identifier: MIT
 *
 * Engines with more threads than leadseq_engine_open() gives on few processors. */
#ifndef TEST_CROWD_H
#define TEST_CROWD_H

#include "nn/tensor.h"

#include <omp.h>

/* Numbers of threads whose results are held against one thread's. */
static const int crowds[] = {2, 3, 5, 16, 64};

static inline struct leadseq_engine *open_crowded(const struct leadseq_engine_options *options)
{
    enum { FEW = 3 };
    struct leadseq_engine_options o = *options;
    if (o.threads > FEW) o.threads = FEW;
    struct leadseq_engine *engine = leadseq_engine_open(&o);
    if (engine && options->threads > FEW) {
        engine->threads = options->threads;
        omp_set_num_threads(options->threads);
    }
    return engine;
}

#endif
