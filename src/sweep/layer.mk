# SPDX-License-Identifier: MIT
noinst_LIBRARIES += libsweep.a
libsweep_a_SOURCES = \
    src/sweep/compare.c src/sweep/folder.c src/sweep/job.c src/sweep/local.c src/sweep/lock.c \
    src/sweep/page.c src/sweep/plan.c src/sweep/results.c src/sweep/results.h src/sweep/slurm.c \
    src/sweep/sweep.h src/sweep/sweep_private.h src/sweep/tables.c src/sweep/values.c
libsweep_a_CFLAGS = $(AM_CFLAGS)
SWEEP = libsweep.a $(PAGE) $(TRAIN)

if HAVE_CRITERION
check_PROGRAMS += test/test_sweep
TESTS += test/test_sweep
test_test_sweep_SOURCES     = test/test_sweep.c test/tiny_run.h test/folder.h
test_test_sweep_CFLAGS      = $(TEST_CFLAGS)
test_test_sweep_LDADD       = $(SWEEP) $(CRITERION_LIBS)
endif
