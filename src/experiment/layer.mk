# SPDX-License-Identifier: MIT
noinst_LIBRARIES += libexperiment.a
libexperiment_a_SOURCES = \
    src/experiment/experiment.c src/experiment/experiment.h src/experiment/keys.c \
    src/experiment/kinds.c src/experiment/lists.c src/experiment/options.c \
    src/experiment/origins.c src/experiment/reference.c
libexperiment_a_CFLAGS = $(AM_CFLAGS) $(FYAML_CFLAGS)
EXPERIMENT = libexperiment.a liboptim.a $(MODEL) $(DATASET) $(FYAML_LIBS)

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
