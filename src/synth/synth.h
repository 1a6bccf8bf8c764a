/* SPDX-License-Identifier: MIT
 *
 * The simulator: patients with and without infarction, laid out as PTB-XL. */
#ifndef LEADSEQ_SYNTH_H
#define LEADSEQ_SYNTH_H

#include "render/render.h"

struct leadseq_synth_options {
    int patients; /* some have several records */
    uint64_t seed;
    double mi_share;   /* share of MI among records, default .25 */
    double difficulty; /* 0: textbook cases, 1: as in real records (default), up to 3:
                          fainter and more alike */
    double noise;      /* 1: as in real records; 0: none */
    int workers;       /* 0: leadseq_threads_share() */
};
void leadseq_synth_default(struct leadseq_synth_options *options);
/* Writes a folder laid out exactly as PTB-XL; `folder` must be new. What is
 * written depends on the options alone, not on the workers. */
int leadseq_synth(const char *folder, const struct leadseq_synth_options *options) LEADSEQ_CHECKED;

#endif
