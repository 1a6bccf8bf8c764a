# SPDX-License-Identifier: MIT
noinst_LIBRARIES += libcli.a
libcli_a_CFLAGS  = $(AM_CFLAGS) $(FYAML_CFLAGS)
libcli_a_SOURCES = src/cli/cli_private.h src/cli/predict.h \
    src/cli/arguments.c src/cli/commands.c src/cli/compare.c src/cli/evaluate.c \
    src/cli/experiment.c src/cli/kind.c src/cli/predict.c src/cli/predict_inputs.c \
    src/cli/render.c src/cli/run.c src/cli/synth.c src/cli/train.c
CLI = libcli.a $(TRAIN) $(FYAML_LIBS)

bin_PROGRAMS += leadseq
leadseq_SOURCES = src/cli/main.c
leadseq_LDADD   = $(BASE)

CLI_SHELL_TESTS = test/structure.sh
TESTS += $(CLI_SHELL_TESTS)
EXTRA_DIST += $(CLI_SHELL_TESTS)
