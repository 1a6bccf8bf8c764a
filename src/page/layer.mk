# SPDX-License-Identifier: MIT
noinst_LIBRARIES += libpage.a
libpage_a_SOURCES = \
    src/page/drawing.c src/page/drawing.h src/page/figure.c src/page/figure_script.c \
    src/page/gnuplot.c src/page/json.c src/page/page.c src/page/page.h src/page/page_html.c \
    src/page/page_markdown.c src/page/page_private.h src/page/sheet.c src/page/table.c \
    src/page/table_latex.c src/page/table_text.c src/page/table_write.c
PAGE = libpage.a $(JANSSON_LIBS) $(BASE)

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
test_test_sheet_CFLAGS  = $(TEST_CFLAGS)
test_test_sheet_LDADD   = $(PAGE) $(CRITERION_LIBS)
test_test_table_CFLAGS  = $(TEST_CFLAGS)
test_test_table_LDADD   = $(PAGE) $(CRITERION_LIBS)
endif
