# SPDX-License-Identifier: MIT
noinst_LIBRARIES += libsynth.a
libsynth_a_SOURCES = \
    src/synth/codes.c src/synth/electrodes.c src/synth/heart.c src/synth/infarct.c \
    src/synth/pathology.c src/synth/plan.c src/synth/rhythm.c src/synth/synth.c \
    src/synth/synth.h src/synth/synth_private.h src/synth/tables.c
libsynth_a_CFLAGS = $(AM_CFLAGS)
SYNTH = libsynth.a $(DATASET)

if HAVE_CRITERION
SYNTH_TESTS = test/test_synth test/test_synth_heart test/test_synth_noise test/test_synth_real
check_PROGRAMS += $(SYNTH_TESTS)
TESTS += $(SYNTH_TESTS)
test_test_synth_SOURCES = test/test_synth.c test/folder.h
test_test_synth_CFLAGS  = $(TEST_CFLAGS)
test_test_synth_LDADD   = $(SYNTH) $(CRITERION_LIBS)
test_test_synth_heart_SOURCES = test/test_synth_heart.c test/synth_beat.h
test_test_synth_heart_CFLAGS  = $(TEST_CFLAGS)
test_test_synth_heart_LDADD   = $(SYNTH) $(CRITERION_LIBS)
test_test_synth_noise_SOURCES = test/test_synth_noise.c test/synth_beat.h
test_test_synth_noise_CFLAGS  = $(TEST_CFLAGS)
test_test_synth_noise_LDADD   = $(SYNTH) $(CRITERION_LIBS)
test_test_synth_real_SOURCES = test/test_synth_real.c test/folder.h
test_test_synth_real_CFLAGS  = $(TEST_CFLAGS)
test_test_synth_real_LDADD   = $(SYNTH) $(CRITERION_LIBS)
endif
EXTRA_DIST += doc/simulator.md
