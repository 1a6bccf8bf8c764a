# SPDX-License-Identifier: MIT
noinst_LIBRARIES += libexperiment.a
# Sources are all .c and .h files of the folder; ./autogen.sh lists them.
include src/experiment/files.mk
libexperiment_a_CFLAGS = $(AM_CFLAGS) $(FYAML_CFLAGS)
EXPERIMENT = libexperiment.a liboptim.a libtask.a $(MODEL) $(DATASET) $(STATS) $(FYAML_LIBS)

if HAVE_CRITERION
EXPERIMENT_TESTS = test/test_experiment test/test_experiment_file
check_PROGRAMS += $(EXPERIMENT_TESTS)
TESTS += $(EXPERIMENT_TESTS)
test_test_experiment_CFLAGS = $(TEST_CFLAGS)
test_test_experiment_LDADD  = $(EXPERIMENT) $(CRITERION_LIBS)
test_test_experiment_file_SOURCES = test/test_experiment_file.c test/folder.h
test_test_experiment_file_CFLAGS   = $(TEST_CFLAGS)
test_test_experiment_file_LDADD    = $(EXPERIMENT) $(CRITERION_LIBS)
endif
