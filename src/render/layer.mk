# SPDX-License-Identifier: MIT

noinst_LIBRARIES += librender.a
librender_a_SOURCES = \
    src/render/canvas.c src/render/clinical.c src/render/cover.c src/render/dataset1.c \
    src/render/dataset2.c src/render/dataset4.c src/render/distort.c src/render/distort.h \
    src/render/distort_blocking.c src/render/distort_blur.c src/render/distort_crease.c \
    src/render/distort_crop.c src/render/distort_fading.c src/render/distort_noise.c \
    src/render/distort_perspective.c src/render/distort_rotation.c src/render/distort_shadow.c \
    src/render/drawing.c src/render/geometry.c src/render/lanczos.c src/render/levels.c \
    src/render/line.c src/render/map.c src/render/page.c src/render/paper.c \
    src/render/parameters.c src/render/profile.c src/render/record.c src/render/render.h \
    src/render/render_private.h src/render/shadow.c src/render/simplify.c src/render/strips.c \
    src/render/stroke.c src/render/svg.c src/render/text.c src/render/warp.c
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
