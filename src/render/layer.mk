# SPDX-License-Identifier: MIT
leadseqinclude_HEADERS += include/leadseq/render.h

noinst_LIBRARIES += librender.a
librender_a_SOURCES = include/leadseq/render.h src/render/render_private.h \
    src/render/cover.c src/render/dataset4.c src/render/geometry.c src/render/profile.c \
    src/render/simplify.c src/render/stroke.c
RENDER = librender.a $(SIGNAL)

check_PROGRAMS += test/draw_lead
test_draw_lead_LDADD = $(RENDER) $(BASE)
