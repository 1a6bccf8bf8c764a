# SPDX-License-Identifier: MIT

# What the program computes, recomputed by programs of Python that share no code with it: all of
# test/trust/*.py, with what they reached as a table in check-trust/trust.md of the build folder.
# Takes up to TRUST_SECONDS; TRUST_ONLY='steps norm' names some. doc/testing.md explains it.
TRUST_SECONDS = 4800
TRUST_BUILT = test/coverage test/engine_driver test/model_dump
EXTRA_PROGRAMS += test/engine_driver
test_engine_driver_LDADD = $(TRAIN)
EXTRA_DIST += test/trust
.PHONY: check-trust
check-trust: leadseq $(TRUST_BUILT)
	LEADSEQ='$(abs_top_builddir)/leadseq' TRUST_SECONDS='$(TRUST_SECONDS)' TRUST_ONLY='$(TRUST_ONLY)' \
	    $(SHELL) $(top_srcdir)/test/trust/run.sh

# The first step of an experiment, as the trainer takes it.
EXTRA_PROGRAMS += test/trust/step_dump
TRUST_BUILT += test/trust/step_dump
test_trust_step_dump_LDADD = $(TRAIN)

# Sums of batch norm over 10^9 values of a channel; takes 4 GB.
EXTRA_PROGRAMS += test/trust/norm_sums
TRUST_BUILT += test/trust/norm_sums
test_trust_norm_sums_LDADD = $(NN)

# Processor time of a training step's layers, by type.
EXTRA_PROGRAMS += bench/layer_times bench/pieces
TRUST_BUILT += bench/layer_times bench/pieces
bench_layer_times_SOURCES = bench/layer_times.c bench/rehearsal.h
bench_pieces_SOURCES = bench/pieces.c bench/rehearsal.h
bench_layer_times_LDADD = $(TRAIN)
bench_pieces_LDADD = $(TRAIN)
