# SPDX-License-Identifier: MIT

EXTRA_DIST += test/fit_chest.py
noinst_LIBRARIES += libsignal.a
# Sources are all .c and .h files of the folder; ./autogen.sh lists them.
include src/signal/files.mk
SIGNAL = libsignal.a libstats.a $(IO)

if HAVE_CRITERION
SIGNAL_TESTS = test/test_electrodes test/test_filter test/test_prepare test/test_quality \
    test/test_quality_rates test/test_resample
check_PROGRAMS += $(SIGNAL_TESTS)
TESTS += $(SIGNAL_TESTS)
test_test_electrodes_SOURCES = test/test_electrodes.c test/electrodes.h
test_test_electrodes_CFLAGS  = $(TEST_CFLAGS)
test_test_electrodes_LDADD   = $(SIGNAL) $(CRITERION_LIBS)
test_test_quality_rates_SOURCES = test/test_quality_rates.c test/electrodes.h test/folder.h
test_test_quality_rates_CFLAGS  = $(TEST_CFLAGS)
test_test_quality_rates_LDADD   = $(SIGNAL) $(CRITERION_LIBS)
test_test_filter_CFLAGS   = $(TEST_CFLAGS)
test_test_filter_LDADD    = $(SIGNAL) $(CRITERION_LIBS)
test_test_prepare_CFLAGS  = $(TEST_CFLAGS)
test_test_prepare_LDADD   = $(SIGNAL) $(CRITERION_LIBS)
test_test_quality_CFLAGS  = $(TEST_CFLAGS)
test_test_quality_LDADD   = $(SIGNAL) $(CRITERION_LIBS)
test_test_resample_CFLAGS = $(TEST_CFLAGS)
test_test_resample_LDADD  = $(SIGNAL) $(CRITERION_LIBS)
endif
