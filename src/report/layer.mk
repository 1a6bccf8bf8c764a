# SPDX-License-Identifier: MIT
leadseqinclude_HEADERS += include/leadseq/report.h
noinst_LIBRARIES += libreport.a
libreport_a_SOURCES = include/leadseq/report.h src/report/report_private.h src/report/align.c \
    src/report/compare.c src/report/document.c src/report/environment.c src/report/figures.c \
    src/report/flags.c src/report/inputs.c src/report/labels.c src/report/measure.c \
    src/report/pairs.c src/report/predictions.c src/report/results.c src/report/stack_labels.c src/report/tables.c \
    src/report/thresholds.c
REPORT = libreport.a $(PAGE) $(STATS) $(DATASET)
