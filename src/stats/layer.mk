# SPDX-License-Identifier: MIT
leadseqinclude_HEADERS += include/leadseq/stats.h
noinst_LIBRARIES += libstats.a
libstats_a_SOURCES = include/leadseq/stats.h src/stats/confusion.c src/stats/curve.c
STATS = libstats.a $(BASE)

if HAVE_CRITERION
STATS_TESTS = test/test_confusion test/test_curve
check_PROGRAMS += $(STATS_TESTS)
TESTS += $(STATS_TESTS)
test_test_confusion_CFLAGS = $(TEST_CFLAGS)
test_test_confusion_LDADD  = $(STATS) $(CRITERION_LIBS)
test_test_curve_CFLAGS     = $(TEST_CFLAGS)
test_test_curve_LDADD      = $(STATS) $(CRITERION_LIBS)
endif
