# SPDX-License-Identifier: MIT
leadseqinclude_HEADERS += include/leadseq/model.h

noinst_LIBRARIES += libmodel.a
libmodel_a_SOURCES = include/leadseq/model.h src/model/model_private.h \
    src/model/memory.c src/model/model.c src/model/network.c src/model/spec.c src/model/summary.c
MODEL = libmodel.a $(NN)

if HAVE_CRITERION
MODEL_TESTS = test/test_spec
check_PROGRAMS += $(MODEL_TESTS)
TESTS += $(MODEL_TESTS)
test_test_spec_CFLAGS = $(TEST_CFLAGS)
test_test_spec_LDADD  = $(MODEL) $(CRITERION_LIBS)
endif
