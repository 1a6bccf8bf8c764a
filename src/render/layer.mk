# SPDX-License-Identifier: MIT

noinst_LIBRARIES += librender.a
# Sources are all .c and .h files of the folder; ./autogen.sh lists them.
include src/render/files.mk
RENDER = librender.a libpage.a $(SIGNAL) $(JANSSON_LIBS)

check_PROGRAMS += test/draw_lead test/draw_record
test_draw_lead_LDADD = $(RENDER) $(BASE)
test_draw_record_LDADD = $(RENDER) $(BASE)
EXTRA_DIST += doc/drawing.md test/peer_matplotlib.py test/peer_pages.py
check_SCRIPTS += test/peer_matplotlib.py test/peer_pages.py
TESTS += test/peer_matplotlib.py test/peer_pages.py

if HAVE_CRITERION
RENDER_TESTS = test/test_cover test/test_pages test/test_printout test/test_render
check_PROGRAMS += $(RENDER_TESTS)
TESTS += $(RENDER_TESTS)
test_test_cover_CFLAGS  = $(TEST_CFLAGS)
test_test_cover_LDADD   = $(RENDER) $(BASE) $(CRITERION_LIBS)
test_test_pages_SOURCES = test/test_pages.c test/page_record.h
test_test_pages_CFLAGS  = $(TEST_CFLAGS)
test_test_pages_LDADD   = $(RENDER) $(BASE) $(CRITERION_LIBS)
test_test_printout_SOURCES = test/test_printout.c test/page_record.h
test_test_printout_CFLAGS  = $(TEST_CFLAGS)
test_test_printout_LDADD   = $(RENDER) $(BASE) $(CRITERION_LIBS)
test_test_render_CFLAGS = $(TEST_CFLAGS)
test_test_render_LDADD  = $(RENDER) $(BASE) $(CRITERION_LIBS)
endif

# What happens to a picture after it was drawn.
if HAVE_CRITERION
check_PROGRAMS += test/test_distort
TESTS += test/test_distort
test_test_distort_CFLAGS = $(TEST_CFLAGS)
test_test_distort_LDADD  = $(RENDER) $(BASE) $(CRITERION_LIBS)
check_PROGRAMS += test/test_svg
TESTS += test/test_svg
test_test_svg_CFLAGS = $(TEST_CFLAGS)
test_test_svg_LDADD  = $(RENDER) $(BASE) $(CRITERION_LIBS)
endif
EXTRA_DIST += doc/distortions.md doc/sidecar.md
