# SPDX-License-Identifier: MIT
leadseqinclude_HEADERS += include/leadseq/diagnose.h

noinst_LIBRARIES += libdiagnose.a
libdiagnose_a_SOURCES = include/leadseq/diagnose.h
# Probes and their file.
libdiagnose_a_SOURCES += src/diagnose/diagnose_private.h src/diagnose/arnoldi.c src/diagnose/describe.c src/diagnose/file.c \
    src/diagnose/flow.c src/diagnose/head.c src/diagnose/input.c src/diagnose/observe.c src/diagnose/order.c src/diagnose/output.c \
    src/diagnose/parameters.c src/diagnose/plan.c src/diagnose/probes.c src/diagnose/quantities.c \
    src/diagnose/read.c src/diagnose/recurrence.c src/diagnose/run.c src/diagnose/saliency.c src/diagnose/step.c src/diagnose/sums.c
libdiagnose_a_CFLAGS = $(AM_CFLAGS) -fno-math-errno $(GSL_CFLAGS)
# The verdict: rules over evidence.
libdiagnose_a_SOURCES += src/diagnose/verdict.h src/diagnose/glance.c src/diagnose/verdict.c \
    src/diagnose/verdict_draw.c src/diagnose/verdict_evidence.c src/diagnose/verdict_measure.c \
    src/diagnose/verdict_missing.c src/diagnose/verdict_recurrence.c src/diagnose/verdict_scored.c src/diagnose/verdict_steps.c \
    src/diagnose/verdict_table.c src/diagnose/verdict_write.c src/diagnose/verdict_yardstick.c \
    src/diagnose/verdict_twins.c src/diagnose/verdict_fitted.c src/diagnose/remedies.h \
    src/diagnose/remedies.c src/diagnose/remedies_plan.c src/diagnose/remedies_run.c \
    src/diagnose/remedies_write.c src/diagnose/rules.c \
    src/diagnose/rule_data.c src/diagnose/rule_learning.c src/diagnose/rule_output.c \
    src/diagnose/rule_recurrence.c
DIAGNOSE = libdiagnose.a $(PAGE) $(TRAIN)
EXTRA_DIST += doc/diagnostics.md

if HAVE_CRITERION
DIAGNOSE_TESTS = test/test_diagnostics test/test_flow test/test_input test/test_probes test/test_recurrence
# The verdict's.
DIAGNOSE_TESTS += test/test_verdict test/test_remedies test/test_leakage
check_PROGRAMS += $(DIAGNOSE_TESTS)
TESTS += $(DIAGNOSE_TESTS)
test_test_diagnostics_SOURCES = test/test_diagnostics.c test/probed_run.h test/tiny_run.h test/folder.h
test_test_diagnostics_CFLAGS  = $(TEST_CFLAGS)
test_test_diagnostics_LDADD   = $(DIAGNOSE) $(CRITERION_LIBS)
test_test_input_SOURCES = test/test_input.c test/probed_run.h test/tiny_run.h test/folder.h
test_test_input_CFLAGS  = $(TEST_CFLAGS)
test_test_input_LDADD   = $(DIAGNOSE) $(CRITERION_LIBS)
test_test_flow_CFLAGS = $(TEST_CFLAGS)
test_test_flow_LDADD  = $(DIAGNOSE) $(CRITERION_LIBS)
test_test_recurrence_SOURCES = test/test_recurrence.c test/probed_run.h test/tiny_run.h test/folder.h
test_test_recurrence_CFLAGS  = $(TEST_CFLAGS) $(GSL_CFLAGS)
test_test_recurrence_LDADD   = $(DIAGNOSE) $(CRITERION_LIBS)
test_test_probes_SOURCES = test/test_probes.c test/probed_run.h test/tiny_run.h test/folder.h
test_test_probes_CFLAGS  = $(TEST_CFLAGS)
test_test_probes_LDADD   = $(DIAGNOSE) $(CRITERION_LIBS)
test_test_verdict_SOURCES = test/test_verdict.c test/folder.h
test_test_verdict_CFLAGS  = $(TEST_CFLAGS)
test_test_verdict_LDADD   = $(DIAGNOSE) $(CRITERION_LIBS)
test_test_leakage_SOURCES = test/test_leakage.c test/tiny_run.h test/folder.h
test_test_leakage_CFLAGS  = $(TEST_CFLAGS)
test_test_leakage_LDADD   = $(DIAGNOSE) $(CRITERION_LIBS)
test_test_remedies_SOURCES = test/test_remedies.c test/tiny_run.h test/folder.h
test_test_remedies_CFLAGS  = $(TEST_CFLAGS)
test_test_remedies_LDADD   = $(DIAGNOSE) $(CRITERION_LIBS)
TESTS += test/peer_diagnostics.py
endif
EXTRA_DIST += test/peer_diagnostics.py
