# SPDX-License-Identifier: MIT
# GNU make, started by `make fuzz` in the build folder, which hands over what configure found. All
# sources once more with clang's sanitizers and coverage, and the harnesses as one program:
# fuzz/all, with a link fuzz/NAME for each harness.
FUZZ_CFLAGS = -std=gnu11 -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined,float-cast-overflow \
    -fno-sanitize-recover=all -fopenmp -fno-math-errno -Wno-pass-failed -Wno-psabi

apart = src/cli/main.c src/train/ranks.c
program := $(filter-out $(apart),$(patsubst $(top_srcdir)/%,%,\
    $(wildcard $(top_srcdir)/src/*/*.c $(top_srcdir)/src/*/*/*.c)))
harness := $(filter-out test/fuzz/seeds.c,$(patsubst $(top_srcdir)/%,%,$(wildcard $(top_srcdir)/test/fuzz/*.c)))
objects := $(patsubst %.c,fuzz/%.o,$(program) $(harness))

fuzz/stamp: fuzz/all
	find fuzz -maxdepth 1 -type l -delete
	fuzz/all --list | cut -f 1 | while read -r name; do ln -s all fuzz/$$name; done
	touch $@

fuzz/all: $(objects)
	@echo '  LINK     $@'
	@$(FUZZ_CC) $(FUZZ_CFLAGS) -fsanitize=fuzzer -o $@ $(objects) $(FUZZ_LIBS)

# Bytes reach none of the layers that compute: coverage of these would only slow the rest.
computing = $(filter fuzz/src/nn/% fuzz/src/stats/% fuzz/src/signal/% fuzz/src/render/% fuzz/src/synth/%,$@)
# Unrolled over vectors that clang splits, these take six minutes each at -O1, and a second without.
unrolled = $(filter fuzz/src/nn/convlstm/kernel_%,$@)
fuzz/%.o: $(top_srcdir)/%.c $(top_srcdir)/test/fuzz/build.mk
	@mkdir -p $(@D)
	@echo '  FUZZ     $*.c'
	@$(FUZZ_CC) $(FUZZ_CPPFLAGS) $(FUZZ_CFLAGS) $(if $(unrolled),-O0) $(if $(computing),,-fsanitize=fuzzer-no-link) -MMD -MP -c -o $@ $<

-include $(objects:.o=.d)
