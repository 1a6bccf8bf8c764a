# SPDX-License-Identifier: MIT

noinst_LIBRARIES += liboptim.a
# Sources are all .c and .h files of the folder; ./autogen.sh lists them.
include src/optim/files.mk
# No errno from sqrtf(), so that the optimisers' loops become vectors.
liboptim_a_CFLAGS = $(AM_CFLAGS) -fno-math-errno
OPTIM = liboptim.a $(NN)

if HAVE_CRITERION
OPTIM_TESTS = test/test_optimizer test/test_schedule
check_PROGRAMS += $(OPTIM_TESTS)
TESTS += $(OPTIM_TESTS)
test_test_optimizer_SOURCES = test/test_optimizer.c test/optim_options.h
test_test_optimizer_CFLAGS = $(TEST_CFLAGS)
test_test_optimizer_LDADD  = $(OPTIM) $(CRITERION_LIBS)
test_test_schedule_SOURCES = test/test_schedule.c test/optim_options.h
test_test_schedule_CFLAGS  = $(TEST_CFLAGS)
test_test_schedule_LDADD   = $(OPTIM) $(CRITERION_LIBS)
endif
