# SPDX-License-Identifier: MIT
leadseqinclude_HEADERS += include/leadseq/train.h

noinst_LIBRARIES += libtrain.a
libtrain_a_SOURCES = include/leadseq/train.h src/train/train_private.h \
    src/train/checkpoint.c src/train/environment.c src/train/evaluate.c src/train/experiment.c \
    src/train/folder.c src/train/input.c src/train/kinds.c src/train/lists.c src/train/loop.c \
    src/train/network.c src/train/optimizer.c src/train/options.c src/train/records.c \
    src/train/run.c src/train/schedule.c src/train/session.c src/train/tables.c src/train/train.c
# No errno from sqrtf(), so that the optimisers' loops become vectors.
libtrain_a_CFLAGS = $(AM_CFLAGS) -fno-math-errno $(JANSSON_CFLAGS)
TRAIN = libtrain.a $(MODEL) $(DATASET) $(STATS) $(JANSSON_LIBS)
