# SPDX-License-Identifier: MIT
noinst_LIBRARIES += libverdict.a
libverdict_a_SOURCES = \
    src/verdict/draw.c src/verdict/evidence.c src/verdict/fitted.c src/verdict/glance.c \
    src/verdict/measure.c src/verdict/missing.c src/verdict/recurrence.c src/verdict/remedies.c \
    src/verdict/remedies.h src/verdict/remedies_plan.c src/verdict/remedies_run.c \
    src/verdict/remedies_write.c src/verdict/rule_data.c src/verdict/rule_learning.c \
    src/verdict/rule_output.c src/verdict/rule_recurrence.c src/verdict/rules.c \
    src/verdict/scored.c src/verdict/steps.c src/verdict/table.c src/verdict/twins.c \
    src/verdict/verdict.c src/verdict/verdict.h src/verdict/verdict_private.h \
    src/verdict/write.c src/verdict/yardstick.c
libverdict_a_CFLAGS = $(AM_CFLAGS) -fno-math-errno
VERDICT = libverdict.a $(PAGE) $(PROBE)

if HAVE_CRITERION
VERDICT_TESTS = test/test_verdict test/test_remedies test/test_leakage
check_PROGRAMS += $(VERDICT_TESTS)
TESTS += $(VERDICT_TESTS)
test_test_verdict_SOURCES = test/test_verdict.c test/folder.h
test_test_verdict_CFLAGS  = $(TEST_CFLAGS)
test_test_verdict_LDADD   = $(VERDICT) $(CRITERION_LIBS)
test_test_leakage_SOURCES = test/test_leakage.c test/tiny_run.h test/folder.h
test_test_leakage_CFLAGS  = $(TEST_CFLAGS)
test_test_leakage_LDADD   = $(VERDICT) $(CRITERION_LIBS)
test_test_remedies_SOURCES = test/test_remedies.c test/tiny_run.h test/folder.h
test_test_remedies_CFLAGS  = $(TEST_CFLAGS)
test_test_remedies_LDADD   = $(VERDICT) $(CRITERION_LIBS)
endif
