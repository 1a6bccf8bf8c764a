# SPDX-License-Identifier: MIT
leadseqinclude_HEADERS += include/leadseq/train.h

noinst_LIBRARIES += libtrain.a
libtrain_a_SOURCES = include/leadseq/train.h src/train/train_private.h \
    src/train/experiment.c src/train/kinds.c src/train/lists.c src/train/options.c
TRAIN = libtrain.a $(BASE)
