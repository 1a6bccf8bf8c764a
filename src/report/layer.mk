# SPDX-License-Identifier: MIT
noinst_LIBRARIES += libreport.a
# Sources are all .c and .h files of the folder; ./autogen.sh lists them.
include src/report/files.mk
REPORT = libreport.a $(PAGE) $(STATS) $(DATASET)

if HAVE_CRITERION
REPORT_TESTS = test/test_compare test/test_published test/test_report test/test_report_outputs \
    test/test_report_sections test/test_report_tables
check_PROGRAMS += $(REPORT_TESTS)
TESTS += $(REPORT_TESTS)
test_test_compare_SOURCES = test/test_compare.c test/small_runs.h test/small_stack.h
test_test_compare_CFLAGS  = $(TEST_CFLAGS)
test_test_compare_LDADD   = $(REPORT) $(CRITERION_LIBS)
test_test_published_SOURCES = test/test_published.c test/report_json.h test/small_runs.h
test_test_published_CFLAGS  = $(TEST_CFLAGS) $(JANSSON_CFLAGS)
test_test_published_LDADD   = $(REPORT) $(CRITERION_LIBS)
test_test_report_SOURCES  = test/test_report.c test/report_json.h test/small_runs.h test/small_stack.h
test_test_report_CFLAGS   = $(TEST_CFLAGS) $(JANSSON_CFLAGS)
test_test_report_LDADD    = $(REPORT) $(CRITERION_LIBS)
test_test_report_outputs_SOURCES = test/test_report_outputs.c test/report_json.h \
    test/small_runs.h test/small_stack.h
test_test_report_outputs_CFLAGS  = $(TEST_CFLAGS) $(JANSSON_CFLAGS)
test_test_report_outputs_LDADD   = $(REPORT) $(CRITERION_LIBS)
test_test_report_sections_SOURCES = test/test_report_sections.c test/report_json.h test/small_runs.h \
    test/small_stack.h
test_test_report_sections_CFLAGS  = $(TEST_CFLAGS) $(JANSSON_CFLAGS)
test_test_report_sections_LDADD   = $(REPORT) $(CRITERION_LIBS)
test_test_report_tables_SOURCES = test/test_report_tables.c test/report_json.h test/small_runs.h \
    test/small_stack.h
test_test_report_tables_CFLAGS  = $(TEST_CFLAGS) $(JANSSON_CFLAGS)
test_test_report_tables_LDADD   = $(REPORT) $(CRITERION_LIBS)
endif
