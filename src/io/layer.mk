# SPDX-License-Identifier: MIT

noinst_LIBRARIES += libio.a
libio_a_SOURCES = \
    src/io/io.h src/io/io_private.h src/io/png.c src/io/ptbxl.c src/io/ptbxl_csv.c \
    src/io/ptbxl_scp.c src/io/record.c src/io/record_person.c src/io/record_write.c \
    src/io/store.c src/io/store.h src/io/store_amend.c src/io/store_attribute.c \
    src/io/store_set.c src/io/text.c src/io/wfdb_data.c src/io/wfdb_format.c \
    src/io/wfdb_header.c src/io/wfdb_matlab.c src/io/wfdb_signal_line.c
libio_a_CFLAGS = $(AM_CFLAGS) $(PNG_CFLAGS) $(ZLIB_CFLAGS) $(HDF5_CFLAGS)
IO = libio.a $(BASE) $(HDF5_LIBS) $(PNG_LIBS) $(ZLIB_LIBS) $(CSV_LIBS)

if HAVE_CRITERION
IO_TESTS = test/test_io_fuzz test/test_png test/test_ptbxl test/test_record test/test_record_write test/test_store \
    test/test_wfdb_format test/test_wfdb_header
check_PROGRAMS += $(IO_TESTS)
TESTS += $(IO_TESTS)
test_test_record_write_CFLAGS = $(TEST_CFLAGS)
test_test_record_write_LDADD  = $(IO) $(CRITERION_LIBS)
test_test_store_CFLAGS       = $(TEST_CFLAGS)
test_test_store_LDADD        = $(IO) $(CRITERION_LIBS)
test_test_wfdb_header_CFLAGS = $(TEST_CFLAGS)
test_test_wfdb_header_LDADD  = $(IO) $(CRITERION_LIBS)
test_test_wfdb_format_CFLAGS = $(TEST_CFLAGS)
test_test_wfdb_format_LDADD  = $(IO) $(CRITERION_LIBS)
test_test_record_CFLAGS      = $(TEST_CFLAGS)
test_test_record_LDADD       = $(IO) $(CRITERION_LIBS)
test_test_ptbxl_CFLAGS       = $(TEST_CFLAGS)
test_test_ptbxl_LDADD        = $(IO) $(CRITERION_LIBS)
test_test_png_CFLAGS         = $(TEST_CFLAGS) $(ZLIB_CFLAGS)
test_test_png_LDADD          = $(IO) $(CRITERION_LIBS)
test_test_io_fuzz_CFLAGS     = $(TEST_CFLAGS)
test_test_io_fuzz_LDADD      = $(IO) $(CRITERION_LIBS)
endif
EXTRA_DIST += test/folder.h doc/quality.md doc/records.md

check_PROGRAMS += test/record_dump
test_record_dump_LDADD = $(IO)
check_SCRIPTS += test/peer_wfdb.py
TESTS += test/peer_wfdb.py
EXTRA_DIST += test/peer_wfdb.py
