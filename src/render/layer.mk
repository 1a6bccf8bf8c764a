# SPDX-License-Identifier: MIT
leadseqinclude_HEADERS += include/leadseq/render.h

noinst_LIBRARIES += librender.a
librender_a_SOURCES = include/leadseq/render.h src/render/render_private.h \
    src/render/cover.c src/render/dataset4.c src/render/drawing.c src/render/geometry.c \
    src/render/map.c src/render/page.c src/render/profile.c src/render/record.c \
    src/render/simplify.c src/render/stroke.c
RENDER = librender.a $(SIGNAL)

check_PROGRAMS += test/draw_lead
test_draw_lead_LDADD = $(RENDER) $(BASE)
EXTRA_DIST += test/peer_matplotlib.py
check_SCRIPTS += test/peer_matplotlib.py
TESTS += test/peer_matplotlib.py

if HAVE_CRITERION
RENDER_TESTS = test/test_cover test/test_render
check_PROGRAMS += $(RENDER_TESTS)
TESTS += $(RENDER_TESTS)
test_test_cover_CFLAGS  = $(TEST_CFLAGS)
test_test_cover_LDADD   = $(RENDER) $(BASE) $(CRITERION_LIBS)
test_test_render_CFLAGS = $(TEST_CFLAGS)
test_test_render_LDADD  = $(RENDER) $(BASE) $(CRITERION_LIBS)
endif
