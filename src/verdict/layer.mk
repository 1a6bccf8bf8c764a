# SPDX-License-Identifier: MIT
noinst_LIBRARIES += libverdict.a
# Sources are all .c and .h files of the folder; ./autogen.sh lists them.
include src/verdict/files.mk
libverdict_a_CFLAGS = $(AM_CFLAGS) -fno-math-errno
VERDICT = libverdict.a $(PAGE) $(PROBE)

if HAVE_CRITERION
VERDICT_TESTS = test/test_verdict test/test_remedies test/test_leakage
check_PROGRAMS += $(VERDICT_TESTS)
TESTS += $(VERDICT_TESTS)
test_test_verdict_SOURCES = test/test_verdict.c test/diagnosed_run.h test/folder.h
test_test_verdict_CFLAGS  = $(TEST_CFLAGS)
test_test_verdict_LDADD   = $(VERDICT) $(CRITERION_LIBS)
test_test_leakage_SOURCES = test/test_leakage.c test/diagnosed_run.h test/tiny_run.h test/folder.h
test_test_leakage_CFLAGS  = $(TEST_CFLAGS)
test_test_leakage_LDADD   = $(VERDICT) $(CRITERION_LIBS)
test_test_remedies_SOURCES = test/test_remedies.c test/diagnosed_run.h test/tiny_run.h test/folder.h
test_test_remedies_CFLAGS  = $(TEST_CFLAGS)
test_test_remedies_LDADD   = $(VERDICT) $(CRITERION_LIBS)
endif
