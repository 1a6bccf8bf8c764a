# SPDX-License-Identifier: MIT

# Harnesses over their seeds, in any build.
FUZZ_HARNESSES = test/fuzz/axis.c test/fuzz/checkpoint.c test/fuzz/diagnostics.c \
    test/fuzz/escape.c test/fuzz/experiment.c test/fuzz/header.c test/fuzz/input.c test/fuzz/json.c \
    test/fuzz/labels.c test/fuzz/lists.c test/fuzz/matlab.c test/fuzz/number.c test/fuzz/options.c \
    test/fuzz/override.c test/fuzz/person.c test/fuzz/png.c test/fuzz/predictions.c test/fuzz/ptbxl.c \
    test/fuzz/record.c test/fuzz/safetensors.c test/fuzz/scp.c test/fuzz/sheet.c test/fuzz/stack.c test/fuzz/steps.c \
    test/fuzz/store.c test/fuzz/store.h test/fuzz/sweep.c
check_PROGRAMS += test/fuzz/seeds
TESTS += test/fuzz/seeds
test_fuzz_seeds_SOURCES = test/fuzz/fuzz.c test/fuzz/fuzz.h test/fuzz/harnesses.c test/fuzz/harnesses.h \
    test/fuzz/seeds.c test/fuzz/table.h $(FUZZ_HARNESSES)
test_fuzz_seeds_CFLAGS = $(AM_CFLAGS) $(HDF5_CFLAGS) $(ZLIB_CFLAGS) -Wno-missing-field-initializers
test_fuzz_seeds_LDADD = $(CLI)
EXTRA_DIST += test/fuzz/lsan.supp test/fuzz/build.mk test/fuzz/libfuzzer.c test/fuzz/run.sh

# All sources once more with libFuzzer (fuzz/NAME for each harness), and FUZZ_SECONDS of each harness
# with what holds for the table of counts, which fuzz-table prints.
FUZZ_SECONDS = 20
FUZZ_JOBS = 2
FUZZ_LINK = $(PNG_LIBS) $(ZLIB_LIBS) $(HDF5_LIBS) $(DEFLATE_LIBS) $(GSL_LIBS) $(JANSSON_LIBS) \
    $(DNNL_LIBS) $(FYAML_LIBS) $(NCURSES_LIBS) $(LIBS)
FUZZ_RUN = FUZZ_SECONDS='$(FUZZ_SECONDS)' FUZZ_JOBS='$(FUZZ_JOBS)' FUZZ_ONLY='$(FUZZ_ONLY)' \
    LSAN_OPTIONS='suppressions=$(abs_top_srcdir)/test/fuzz/lsan.supp:print_suppressions=0' \
    $(SHELL) $(top_srcdir)/test/fuzz/run.sh
.PHONY: fuzz fuzz-run fuzz-table
if HAVE_FUZZ
fuzz:
	@$(MAKE) --no-print-directory -f $(top_srcdir)/test/fuzz/build.mk fuzz/stamp top_srcdir='$(top_srcdir)' \
	    FUZZ_CC='$(FUZZ_CC)' FUZZ_LIBS='$(FUZZ_LINK)' \
	    FUZZ_CPPFLAGS='$(DEFS) -I. $(AM_CPPFLAGS) $(CPPFLAGS) $(PNG_CFLAGS) $(ZLIB_CFLAGS) $(HDF5_CFLAGS) $(DEFLATE_CFLAGS) $(GSL_CFLAGS) $(JANSSON_CFLAGS) $(FYAML_CFLAGS) $(NCURSES_CFLAGS)'
fuzz-run: fuzz
	@$(FUZZ_RUN)
else
fuzz:
	@echo 'make fuzz needs clang with libFuzzer and OpenMP (Debian: clang libclang-rt-dev libomp-dev);'; \
	echo 'install them and configure again, with FUZZ_CC=NAME where clang has another name.'; exit 1
fuzz-run:
	@$(FUZZ_RUN) --skip
endif
fuzz-table:
	@$(FUZZ_RUN) --table
clean-local:
	rm -rf fuzz
