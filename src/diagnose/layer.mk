# SPDX-License-Identifier: MIT
leadseqinclude_HEADERS += include/leadseq/diagnose.h

noinst_LIBRARIES += libdiagnose.a
libdiagnose_a_SOURCES = include/leadseq/diagnose.h
# Probes and their file.
libdiagnose_a_SOURCES += src/diagnose/quantities.c
DIAGNOSE = libdiagnose.a $(TRAIN)
EXTRA_DIST += doc/diagnostics.md
