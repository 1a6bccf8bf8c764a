# SPDX-License-Identifier: MIT

noinst_LIBRARIES += libbase.a
# Sources are all .c and .h files of the folder; ./autogen.sh lists them.
include src/base/files.mk
BASE = libbase.a $(GSL_LIBS)

if HAVE_CRITERION
BASE_TESTS = test/test_error test/test_file test/test_hash test/test_memory test/test_number \
    test/test_progress test/test_random test/test_stop test/test_text test/test_text_file test/test_threads test/test_walk
check_PROGRAMS += $(BASE_TESTS)
TESTS += $(BASE_TESTS)
test_test_error_CFLAGS  = $(TEST_CFLAGS)
test_test_error_LDADD   = $(BASE) $(CRITERION_LIBS)
test_test_file_CFLAGS   = $(TEST_CFLAGS)
test_test_file_LDADD    = $(BASE) $(CRITERION_LIBS)
test_test_memory_SOURCES = test/test_memory.c test/folder.h
test_test_memory_CFLAGS = $(TEST_CFLAGS)
test_test_memory_LDADD  = $(BASE) $(CRITERION_LIBS)
test_test_hash_CFLAGS   = $(TEST_CFLAGS)
test_test_hash_LDADD    = $(BASE) $(CRITERION_LIBS)
test_test_number_CFLAGS = $(TEST_CFLAGS)
test_test_number_LDADD  = $(BASE) $(CRITERION_LIBS)
test_test_progress_CFLAGS = $(TEST_CFLAGS)
test_test_progress_LDADD = $(BASE) $(CRITERION_LIBS)
test_test_text_CFLAGS   = $(TEST_CFLAGS)
test_test_text_LDADD    = $(BASE) $(CRITERION_LIBS)
test_test_threads_SOURCES = test/test_threads.c test/folder.h
test_test_threads_CFLAGS = $(TEST_CFLAGS)
test_test_threads_LDADD = $(BASE) $(CRITERION_LIBS)
test_test_text_file_SOURCES = test/test_text_file.c test/folder.h
test_test_text_file_CFLAGS = $(TEST_CFLAGS)
test_test_text_file_LDADD = $(BASE) $(CRITERION_LIBS)
test_test_walk_SOURCES  = test/test_walk.c test/folder.h
test_test_walk_CFLAGS   = $(TEST_CFLAGS)
test_test_walk_LDADD    = $(BASE) $(CRITERION_LIBS)
test_test_stop_SOURCES = test/test_stop.c test/folder.h
test_test_stop_CFLAGS = $(TEST_CFLAGS)
test_test_stop_LDADD = $(BASE) $(CRITERION_LIBS)
test_test_random_CFLAGS = $(TEST_CFLAGS)
test_test_random_LDADD  = $(BASE) $(CRITERION_LIBS)
endif
EXTRA_DIST += test/python.sh
