/* SPDX-License-Identifier: MIT
 *
 * What a path leads to. */
#ifndef CLI_KIND_H
#define CLI_KIND_H

#include "base/base.h"

enum cli_kind { CLI_KIND_STACK, CLI_KIND_RUN, CLI_KIND_PNG, CLI_KIND_RECORD };
/* Pictures that are no PNG are refused by name. Decided by content (signatures,
 * RUN/experiment.yaml); anything else is taken for the name of a record. -1 if nothing of that name
 * exists. */
int cli_kind(enum cli_kind *kind, const char *path) LEADSEQ_CHECKED;

#endif
