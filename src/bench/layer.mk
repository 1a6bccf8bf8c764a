# SPDX-License-Identifier: MIT
noinst_LIBRARIES += libbench.a
libbench_a_SOURCES = \
    src/bench/bench.c src/bench/bench.h src/bench/bench_private.h src/bench/data.c \
    src/bench/json.c src/bench/network.c src/bench/print.c src/bench/samples.c src/bench/shape.c \
    src/bench/start.c src/bench/worker.c
libbench_a_CFLAGS = $(AM_CFLAGS)
BENCH = libbench.a $(SYNTH) $(PAGE) $(TRAIN)

if HAVE_CRITERION
check_PROGRAMS += test/test_bench
TESTS += test/test_bench
test_test_bench_SOURCES     = test/test_bench.c test/tiny_run.h test/folder.h
test_test_bench_CFLAGS      = $(TEST_CFLAGS)
test_test_bench_LDADD       = $(BENCH) $(CRITERION_LIBS)
endif
