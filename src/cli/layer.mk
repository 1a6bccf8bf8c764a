# SPDX-License-Identifier: MIT
bin_PROGRAMS += leadseq
leadseq_SOURCES = src/cli/main.c
leadseq_LDADD   = $(BASE)
