/* SPDX-License-Identifier: MIT
 *
 * What can be said of, or done to, sampled millivolts before they are drawn.
 *
 * Ownership: leadseq_signal_resample() returns memory that is the caller's to free(); what
 * leadseq_signal_prepare() fills is freed by leadseq_prepared_clear(). */
#ifndef LEADSEQ_SIGNAL_H
#define LEADSEQ_SIGNAL_H

#include <leadseq/record.h>

#include "io/io.h"

#endif
