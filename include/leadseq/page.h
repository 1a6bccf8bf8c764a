/* SPDX-License-Identifier: MIT
 *
 * Tables, figures and one self-contained HTML page. */
#ifndef LEADSEQ_PAGE_H
#define LEADSEQ_PAGE_H

#include <leadseq/base.h>

#endif
