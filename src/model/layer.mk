# SPDX-License-Identifier: MIT
leadseqinclude_HEADERS += include/leadseq/model.h

noinst_LIBRARIES += libmodel.a
libmodel_a_SOURCES = include/leadseq/model.h src/model/spec.c
MODEL = libmodel.a $(NN)

if HAVE_CRITERION
MODEL_TESTS = test/test_spec
check_PROGRAMS += $(MODEL_TESTS)
TESTS += $(MODEL_TESTS)
test_test_spec_CFLAGS = $(TEST_CFLAGS)
test_test_spec_LDADD  = $(MODEL) $(CRITERION_LIBS)
endif
