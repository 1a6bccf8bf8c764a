# SPDX-License-Identifier: MIT
leadseqinclude_HEADERS += include/leadseq/stats.h
noinst_LIBRARIES += libstats.a
libstats_a_SOURCES = include/leadseq/stats.h src/stats/stats_private.h \
    src/stats/bca.c src/stats/benefit.c src/stats/bins.c src/stats/bootstrap.c \
    src/stats/classes.c src/stats/clusters.c src/stats/confusion.c src/stats/curve.c \
    src/stats/delong.c src/stats/exchange.c src/stats/holm.c src/stats/interval.c \
    src/stats/logistic.c src/stats/metrics.c src/stats/models.c src/stats/operating.c \
    src/stats/paired.c src/stats/permute.c src/stats/ratio.c src/stats/resample.c \
    src/stats/scored.c src/stats/spread.c src/stats/temperature.c
STATS = libstats.a $(BASE)

if HAVE_CRITERION
STATS_TESTS = test/test_bootstrap test/test_confusion test/test_curve test/test_delong \
    test/test_interval
check_PROGRAMS += $(STATS_TESTS)
TESTS += $(STATS_TESTS)
test_test_bootstrap_CFLAGS = $(TEST_CFLAGS)
test_test_bootstrap_LDADD  = $(STATS) $(CRITERION_LIBS)
test_test_confusion_CFLAGS = $(TEST_CFLAGS)
test_test_confusion_LDADD  = $(STATS) $(CRITERION_LIBS)
test_test_curve_CFLAGS     = $(TEST_CFLAGS)
test_test_curve_LDADD      = $(STATS) $(CRITERION_LIBS)
test_test_delong_CFLAGS    = $(TEST_CFLAGS)
test_test_delong_LDADD     = $(STATS) $(CRITERION_LIBS)
test_test_interval_CFLAGS  = $(TEST_CFLAGS)
test_test_interval_LDADD   = $(STATS) $(CRITERION_LIBS)
endif

# Compared with other implementations, where Python has them.
check_PROGRAMS += test/stats_driver
test_stats_driver_LDADD = $(STATS)
TESTS += test/peer_stats.py
EXTRA_DIST += test/peer_stats.py
