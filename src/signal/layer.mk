# SPDX-License-Identifier: MIT
leadseqinclude_HEADERS += include/leadseq/signal.h

noinst_LIBRARIES += libsignal.a
libsignal_a_SOURCES = include/leadseq/signal.h src/signal/quality.c src/signal/resample.c
SIGNAL = libsignal.a $(IO)
