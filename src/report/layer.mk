# SPDX-License-Identifier: MIT
noinst_LIBRARIES += libreport.a
libreport_a_SOURCES = \
    src/report/align.c src/report/checklist.c src/report/checklist_stard.c \
    src/report/checklist_tripod.c src/report/classes.c src/report/compare.c \
    src/report/constant.c src/report/document.c src/report/document.h \
    src/report/document_origin.c src/report/document_pairs.c src/report/document_parts.c \
    src/report/document_results.c src/report/environment.c src/report/experiment.c \
    src/report/figures.c src/report/flags.c src/report/forests.c src/report/groups.c \
    src/report/histories.c src/report/inputs.c src/report/labels.c src/report/measure.c \
    src/report/names.c src/report/pairs.c src/report/parts.c src/report/predictions.c \
    src/report/report.h src/report/report_private.h src/report/results.c src/report/results.h \
    src/report/results_more.c src/report/sets.c src/report/stack.c src/report/subgroups.c \
    src/report/tables.c src/report/tables_exact.c src/report/tables_more.c \
    src/report/tables_pairs.c src/report/tables_parts.c src/report/tables_records.c \
    src/report/thresholds.c
REPORT = libreport.a $(PAGE) $(STATS) $(DATASET)

if HAVE_CRITERION
REPORT_TESTS = test/test_compare test/test_report test/test_report_more test/test_report_tables
check_PROGRAMS += $(REPORT_TESTS)
TESTS += $(REPORT_TESTS)
test_test_compare_SOURCES = test/test_compare.c test/small_runs.h test/small_stack.h
test_test_compare_CFLAGS  = $(TEST_CFLAGS)
test_test_compare_LDADD   = $(REPORT) $(CRITERION_LIBS)
test_test_report_SOURCES  = test/test_report.c test/report_json.h test/small_runs.h test/small_stack.h
test_test_report_CFLAGS   = $(TEST_CFLAGS) $(JANSSON_CFLAGS)
test_test_report_LDADD    = $(REPORT) $(CRITERION_LIBS)
test_test_report_more_SOURCES = test/test_report_more.c test/report_json.h test/small_runs.h \
    test/small_stack.h
test_test_report_more_CFLAGS  = $(TEST_CFLAGS) $(JANSSON_CFLAGS)
test_test_report_more_LDADD   = $(REPORT) $(CRITERION_LIBS)
test_test_report_tables_SOURCES = test/test_report_tables.c test/report_json.h test/small_runs.h \
    test/small_stack.h
test_test_report_tables_CFLAGS  = $(TEST_CFLAGS) $(JANSSON_CFLAGS)
test_test_report_tables_LDADD   = $(REPORT) $(CRITERION_LIBS)
endif
