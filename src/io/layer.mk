# SPDX-License-Identifier: MIT
leadseqinclude_HEADERS += include/leadseq/io.h

noinst_LIBRARIES += libio.a
libio_a_SOURCES = include/leadseq/io.h src/io/io_private.h \
    src/io/png.c src/io/ptbxl.c src/io/ptbxl_csv.c src/io/ptbxl_scp.c \
    src/io/record.c src/io/record_write.c src/io/text.c \
    src/io/wfdb_data.c src/io/wfdb_format.c src/io/wfdb_header.c src/io/wfdb_signal_line.c
libio_a_CFLAGS = $(AM_CFLAGS) $(PNG_CFLAGS) $(ZLIB_CFLAGS)
IO = libio.a $(BASE) $(PNG_LIBS) $(ZLIB_LIBS) $(CSV_LIBS)
