# SPDX-License-Identifier: MIT
noinst_LIBRARIES += libsynth.a
# Sources are all .c and .h files of the folder; ./autogen.sh lists them.
include src/synth/files.mk
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
# The width of QRS, measured in another way, where Python has SciPy.
check_SCRIPTS += test/peer_qrs.py
TESTS += test/peer_qrs.py
EXTRA_DIST += doc/simulator.md test/peer_qrs.py
