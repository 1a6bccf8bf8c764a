# SPDX-License-Identifier: MIT
noinst_LIBRARIES += libprobe.a
# Sources are all .c and .h files of the folder; ./autogen.sh lists them.
include src/probe/files.mk
libprobe_a_CFLAGS = $(AM_CFLAGS) -fno-math-errno $(GSL_CFLAGS)
PROBE = libprobe.a $(TRAIN)
EXTRA_DIST += doc/diagnostics.md

if HAVE_CRITERION
PROBE_TESTS = test/test_diagnostics test/test_flow test/test_input test/test_krylov test/test_probes test/test_recurrence
check_PROGRAMS += $(PROBE_TESTS)
TESTS += $(PROBE_TESTS)
test_test_diagnostics_SOURCES = test/test_diagnostics.c test/probed_run.h test/tiny_run.h test/folder.h
test_test_diagnostics_CFLAGS  = $(TEST_CFLAGS)
test_test_diagnostics_LDADD   = $(PROBE) $(CRITERION_LIBS)
test_test_input_SOURCES = test/test_input.c test/probed_run.h test/tiny_run.h test/folder.h
test_test_input_CFLAGS  = $(TEST_CFLAGS)
test_test_input_LDADD   = $(PROBE) $(CRITERION_LIBS)
test_test_flow_CFLAGS = $(TEST_CFLAGS)
test_test_flow_LDADD  = $(PROBE) $(CRITERION_LIBS)
test_test_krylov_CFLAGS = $(TEST_CFLAGS) $(GSL_CFLAGS)
test_test_krylov_LDADD   = $(PROBE) $(CRITERION_LIBS)
test_test_recurrence_SOURCES = test/test_recurrence.c test/probed_run.h test/tiny_run.h test/folder.h
test_test_recurrence_CFLAGS  = $(TEST_CFLAGS) $(GSL_CFLAGS)
test_test_recurrence_LDADD   = $(PROBE) $(CRITERION_LIBS)
test_test_probes_SOURCES = test/test_probes.c test/probed_run.h test/tiny_run.h test/folder.h
test_test_probes_CFLAGS  = $(TEST_CFLAGS)
test_test_probes_LDADD   = $(PROBE) $(CRITERION_LIBS)
TESTS += test/peer_diagnostics.py
endif
EXTRA_DIST += test/peer_diagnostics.py
