# SPDX-License-Identifier: MIT

noinst_LIBRARIES += libtask.a
# Sources are all .c and .h files of the folder; ./autogen.sh lists them.
include src/task/files.mk
libtask_a_CFLAGS = $(AM_CFLAGS)
TASK = libtask.a $(DATASET) $(NN)

if HAVE_CRITERION
check_PROGRAMS += test/test_task
TESTS += test/test_task
test_test_task_SOURCES = test/test_task.c test/small_stack.h
test_test_task_CFLAGS  = $(TEST_CFLAGS)
test_test_task_LDADD   = $(TASK) $(CRITERION_LIBS)
endif
