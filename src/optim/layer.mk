# SPDX-License-Identifier: MIT

noinst_LIBRARIES += liboptim.a
liboptim_a_SOURCES = \
    src/optim/adam.c src/optim/adamw.c src/optim/constant.c src/optim/cosine.c \
    src/optim/gradient.c src/optim/moves.c src/optim/moves.h src/optim/one_cycle.c \
    src/optim/optim.h src/optim/optimizer.c src/optim/rates.h src/optim/schedule.c \
    src/optim/sgd.c src/optim/step.c src/optim/sums.c src/optim/table.c
# No errno from sqrtf(), so that the optimisers' loops become vectors.
liboptim_a_CFLAGS = $(AM_CFLAGS) -fno-math-errno
OPTIM = liboptim.a $(NN)

if HAVE_CRITERION
OPTIM_TESTS = test/test_optimizer test/test_schedule
check_PROGRAMS += $(OPTIM_TESTS)
TESTS += $(OPTIM_TESTS)
test_test_optimizer_CFLAGS = $(TEST_CFLAGS)
test_test_optimizer_LDADD  = $(OPTIM) $(CRITERION_LIBS)
test_test_schedule_CFLAGS  = $(TEST_CFLAGS)
test_test_schedule_LDADD   = $(OPTIM) $(CRITERION_LIBS)
endif
