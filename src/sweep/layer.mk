# SPDX-License-Identifier: MIT
noinst_LIBRARIES += libsweep.a
# Sources are all .c and .h files of the folder; ./autogen.sh lists them.
include src/sweep/files.mk
libsweep_a_CFLAGS = $(AM_CFLAGS)
SWEEP = libsweep.a $(PAGE) $(TRAIN)

if HAVE_CRITERION
SWEEP_TESTS = test/test_sweep test/test_trials
check_PROGRAMS += $(SWEEP_TESTS)
TESTS += $(SWEEP_TESTS)
test_test_sweep_SOURCES     = test/test_sweep.c test/tiny_run.h test/folder.h
test_test_sweep_CFLAGS      = $(TEST_CFLAGS)
test_test_sweep_LDADD       = $(SWEEP) $(CRITERION_LIBS)
test_test_trials_SOURCES    = test/test_trials.c test/tiny_run.h test/folder.h
test_test_trials_CFLAGS     = $(TEST_CFLAGS)
test_test_trials_LDADD      = $(SWEEP) $(CRITERION_LIBS)
endif
