# SPDX-License-Identifier: MIT

noinst_LIBRARIES += libdataset.a
# Sources are all .c and .h files of the folder; ./autogen.sh lists them.
include src/dataset/files.mk
libdataset_a_CFLAGS = $(AM_CFLAGS) $(DEFLATE_CFLAGS)
DATASET = libdataset.a libpage.a $(RENDER) $(JANSSON_LIBS) $(DEFLATE_LIBS)

check_PROGRAMS += test/stack_driver
test_stack_driver_LDADD = $(DATASET)
EXTRA_DIST += test/peer_h5py.py doc/signals.md
check_SCRIPTS += test/peer_h5py.py
TESTS += test/peer_h5py.py

if HAVE_CRITERION
DATASET_TESTS = test/test_augment test/test_batches test/test_plan test/test_build test/test_page_stacks test/test_signals test/test_source_table test/test_split test/test_stack
check_PROGRAMS += $(DATASET_TESTS)
TESTS += $(DATASET_TESTS)
test_test_augment_SOURCES = test/test_augment.c test/small_stack.h
test_test_augment_CFLAGS  = $(TEST_CFLAGS)
test_test_augment_LDADD   = $(DATASET) $(CRITERION_LIBS)
test_test_plan_SOURCES    = test/test_plan.c test/small_stack.h
test_test_plan_CFLAGS     = $(TEST_CFLAGS)
test_test_plan_LDADD      = $(DATASET) $(CRITERION_LIBS)
test_test_batches_SOURCES = test/test_batches.c test/small_stack.h
test_test_batches_CFLAGS  = $(TEST_CFLAGS)
test_test_batches_LDADD   = $(DATASET) $(CRITERION_LIBS)
test_test_build_SOURCES   = test/test_build.c test/folder.h
test_test_build_CFLAGS    = $(TEST_CFLAGS)
test_test_build_LDADD     = $(DATASET) $(CRITERION_LIBS)
test_test_page_stacks_SOURCES = test/test_page_stacks.c test/folder.h
test_test_page_stacks_CFLAGS  = $(TEST_CFLAGS)
test_test_page_stacks_LDADD   = $(DATASET) $(CRITERION_LIBS)
test_test_signals_SOURCES = test/test_signals.c test/small_stack.h
test_test_signals_CFLAGS  = $(TEST_CFLAGS)
test_test_signals_LDADD   = $(DATASET) $(CRITERION_LIBS)
test_test_split_SOURCES   = test/test_split.c test/folder.h
test_test_split_CFLAGS    = $(TEST_CFLAGS)
test_test_split_LDADD     = $(DATASET) $(CRITERION_LIBS)
test_test_source_table_SOURCES = test/test_source_table.c test/folder.h
test_test_source_table_CFLAGS  = $(TEST_CFLAGS)
test_test_source_table_LDADD   = $(DATASET) $(CRITERION_LIBS)
test_test_stack_SOURCES   = test/test_stack.c test/small_stack.h
test_test_stack_CFLAGS    = $(TEST_CFLAGS)
test_test_stack_LDADD     = $(DATASET) $(CRITERION_LIBS)
endif

if HAVE_CRITERION
check_PROGRAMS += test/test_sidecar
TESTS += test/test_sidecar
test_test_sidecar_SOURCES = test/test_sidecar.c test/folder.h
test_test_sidecar_CFLAGS  = $(TEST_CFLAGS) $(JANSSON_CFLAGS)
test_test_sidecar_LDADD   = $(DATASET) $(CRITERION_LIBS)
endif

if HAVE_CRITERION
check_PROGRAMS += test/test_deflate
TESTS += test/test_deflate
test_test_deflate_CFLAGS = $(TEST_CFLAGS) $(DEFLATE_CFLAGS)
test_test_deflate_LDADD  = $(DATASET) $(CRITERION_LIBS)
endif
