# SPDX-License-Identifier: MIT
noinst_LIBRARIES += libbench.a
# Sources are all .c and .h files of the folder; ./autogen.sh lists them.
include src/bench/files.mk
libbench_a_CFLAGS = $(AM_CFLAGS)
BENCH = libbench.a $(SYNTH) $(PAGE) $(TRAIN)

if HAVE_CRITERION
check_PROGRAMS += test/test_bench
TESTS += test/test_bench
test_test_bench_SOURCES     = test/test_bench.c test/tiny_run.h test/folder.h
test_test_bench_CFLAGS      = $(TEST_CFLAGS)
test_test_bench_LDADD       = $(BENCH) $(CRITERION_LIBS)
TESTS += test/peer_bench.py
endif
EXTRA_DIST += test/peer_bench.py
