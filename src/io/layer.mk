# SPDX-License-Identifier: MIT

noinst_LIBRARIES += libio.a
# Sources are all .c and .h files of the folder; ./autogen.sh lists them.
include src/io/files.mk
libio_a_CFLAGS = $(AM_CFLAGS) $(PNG_CFLAGS) $(ZLIB_CFLAGS) $(HDF5_CFLAGS) $(DEFLATE_CFLAGS)
IO = libio.a $(PAGE) $(HDF5_LIBS) $(DEFLATE_LIBS) $(PNG_LIBS) $(ZLIB_LIBS)

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
