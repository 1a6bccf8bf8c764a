# SPDX-License-Identifier: MIT
leadseqinclude_HEADERS += include/leadseq/report.h
noinst_LIBRARIES += libreport.a
libreport_a_SOURCES = include/leadseq/report.h src/report/report_private.h src/report/align.c \
    src/report/compare.c src/report/document.c src/report/environment.c src/report/figures.c \
    src/report/flags.c src/report/inputs.c src/report/labels.c src/report/measure.c \
    src/report/pairs.c src/report/predictions.c src/report/results.c src/report/stack_labels.c src/report/tables.c \
    src/report/thresholds.c
REPORT = libreport.a $(PAGE) $(STATS) $(DATASET)

if HAVE_CRITERION
REPORT_TESTS = test/test_compare test/test_report
check_PROGRAMS += $(REPORT_TESTS)
TESTS += $(REPORT_TESTS)
test_test_compare_SOURCES = test/test_compare.c test/small_runs.h test/small_stack.h
test_test_compare_CFLAGS  = $(TEST_CFLAGS)
test_test_compare_LDADD   = $(REPORT) $(CRITERION_LIBS)
test_test_report_SOURCES  = test/test_report.c test/report_json.h test/small_runs.h test/small_stack.h
test_test_report_CFLAGS   = $(TEST_CFLAGS) $(JANSSON_CFLAGS)
test_test_report_LDADD    = $(REPORT) $(CRITERION_LIBS)
endif
