# SPDX-License-Identifier: MIT
noinst_LIBRARIES += libcli.a
# Rows of options leave out what does not concern their kind.
libcli_a_CFLAGS  = $(AM_CFLAGS) $(NCURSES_CFLAGS) -Wno-missing-field-initializers
# Sources are all .c and .h files of the folder; ./autogen.sh lists them.
include src/cli/files.mk
CLI = libcli.a $(REPORT) $(VERDICT) $(SWEEP) $(BENCH) $(SYNTH) $(NCURSES_LIBS)

bin_PROGRAMS += leadseq
leadseq_SOURCES = src/cli/main.c
leadseq_LDADD   = $(CLI)

CLI_SHELL_TESTS = test/archive.sh test/bad_input.sh test/bench.sh test/compare.sh test/export.sh test/experiment.sh test/heartnet_cnn.sh \
    test/failure.sh test/hostile_stack.sh test/language.sh test/numbers.sh test/pages.sh test/pipeline.sh test/predict.sh test/labels.sh test/tasks.sh test/records.sh test/record_sets.sh test/structure.sh \
    test/sweep.sh test/threads.sh test/training.sh test/verdicts.sh
# Every command by a table: what is printed, how words are taken.
CLI_SHELL_TESTS += test/dialects.sh test/answers.sh test/examples.sh test/printing.sh test/usage.sh
CLI_SHELL_TESTS += test/slurm.sh test/outputs.sh test/races.sh test/ratios.sh
TESTS += $(CLI_SHELL_TESTS)
EXTRA_DIST += $(CLI_SHELL_TESTS) test/hostile_hdf5.py test/program.sh test/fixed_peer.sh test/slurm_start.sh test/writers.sh

# Cycles between files, by the objects of this build.
TESTS += test/structure_cycles.py
EXTRA_DIST += test/structure_cycles.py

# The options' reference, between its prose and its end, as the program prints it now.
.PHONY: update-doc
update-doc: leadseq
	sed '/^<!-- The rest/q' $(top_srcdir)/doc/experiment.md >doc-experiment.tmp
	./leadseq help experiment --markdown >>doc-experiment.tmp
	mv doc-experiment.tmp $(top_srcdir)/doc/experiment.md

# Reports compared with other implementations, and read by pandas, where Python has them.
CLI_PEERS = test/peer_compare.py test/peer_pandas.py
# Weights and networks in other programs: the safetensors package, PyTorch, onnxruntime.
CLI_PEERS += test/peer_stack_signals.py
CLI_PEERS += test/peer_safetensors.py test/peer_exchange.py test/peer_onnx.py
TESTS += $(CLI_PEERS)
EXTRA_DIST += $(CLI_PEERS)

# kill -9 at random moments, LEADSEQ_KILLS times each; every other signal for every command.
if !SANITIZE
TESTS += test/kill.sh test/signals.sh
endif
EXTRA_DIST += test/kill.sh test/signals.sh

# Manual pages and bash's completion, from what the program says of itself.
man1_MANS = doc/man/leadseq.1 doc/man/leadseq-bench.1 doc/man/leadseq-compare.1 \
    doc/man/leadseq-diagnose.1 doc/man/leadseq-evaluate.1 doc/man/leadseq-export.1 doc/man/leadseq-info.1 \
    doc/man/leadseq-predict.1 doc/man/leadseq-render.1 doc/man/leadseq-sweep.1 \
    doc/man/leadseq-synth.1 doc/man/leadseq-train.1 doc/man/leadseq-watch.1
$(man1_MANS): doc/man/stamp
doc/man/stamp: leadseq $(top_srcdir)/doc/man/generate.sh
	$(AM_V_GEN)$(SHELL) $(top_srcdir)/doc/man/generate.sh ./leadseq doc/man $(PACKAGE_VERSION)
	$(AM_V_at)touch $@
leadseq.bash: leadseq $(top_srcdir)/src/cli/completion.sh
	$(AM_V_GEN)$(SHELL) $(top_srcdir)/src/cli/completion.sh ./leadseq >$@.partial && mv $@.partial $@
completionsdir = $(datarootdir)/bash-completion/completions
noinst_DATA = leadseq.bash
install-data-local: leadseq.bash
	$(MKDIR_P) '$(DESTDIR)$(completionsdir)'
	$(INSTALL_DATA) leadseq.bash '$(DESTDIR)$(completionsdir)/leadseq'
uninstall-hook:
	rm -f '$(DESTDIR)$(completionsdir)/leadseq'
CLEANFILES += $(man1_MANS) doc/man/stamp leadseq.bash
EXTRA_DIST += doc/man/generate.sh src/cli/completion.sh examples
# Reads the help texts of the sanitized program as well as of any other: once is enough.
if !SANITIZE
TESTS += test/install.sh test/slurm_preempt.sh test/extending.sh
endif
EXTRA_DIST += test/install.sh test/slurm_preempt.sh test/extending.sh

# Results of one version held against another's: by hand, not by `make check`.
EXTRA_DIST += test/golden.sh test/golden_compare.py
