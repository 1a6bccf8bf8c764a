# SPDX-License-Identifier: MIT
noinst_LIBRARIES += libpage.a
# Sources are all .c and .h files of the folder; ./autogen.sh lists them.
include src/page/files.mk
libpage_a_CFLAGS = $(AM_CFLAGS) $(ZLIB_CFLAGS)
PAGE = libpage.a $(JANSSON_LIBS) $(ZLIB_LIBS) $(BASE)

if HAVE_CRITERION
PAGE_TESTS = test/test_figure test/test_json test/test_page test/test_sheet test/test_table
check_PROGRAMS += $(PAGE_TESTS)
TESTS += $(PAGE_TESTS)
test_test_figure_CFLAGS = $(TEST_CFLAGS)
test_test_figure_LDADD  = $(PAGE) $(CRITERION_LIBS)
test_test_json_CFLAGS   = $(TEST_CFLAGS)
test_test_json_LDADD    = $(PAGE) $(CRITERION_LIBS)
test_test_page_CFLAGS   = $(TEST_CFLAGS)
test_test_page_LDADD    = $(PAGE) $(CRITERION_LIBS)
test_test_sheet_SOURCES = test/test_sheet.c test/folder.h
test_test_sheet_CFLAGS  = $(TEST_CFLAGS)
test_test_sheet_LDADD   = $(PAGE) $(CRITERION_LIBS)
test_test_table_CFLAGS  = $(TEST_CFLAGS)
test_test_table_LDADD   = $(PAGE) $(CRITERION_LIBS)
endif
