# SPDX-License-Identifier: MIT

noinst_LIBRARIES += libtrain.a
EXTRA_DIST += doc/run-folder.md doc/training.md

# Sources are all .c and .h files of the folder; ./autogen.sh lists them.
include src/train/files.mk
if WITH_MPI
libtrain_a_SOURCES += src/train/ranks.c
else
libtrain_a_SOURCES += src/train/ranks_one.c
endif
EXTRA_DIST += src/train/ranks.c src/train/ranks_one.c
libtrain_a_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS) $(MPI_CFLAGS)
TRAIN = libtrain.a libexchange.a $(EXPERIMENT) $(STATS) $(JANSSON_LIBS) $(MPI_LIBS)

if HAVE_CRITERION
TRAIN_TESTS = test/test_accumulate test/test_lr_find test/test_monitor test/test_resume test/test_run \
    test/test_tables test/test_train test/test_train_memory
TRAIN_TESTS += test/test_estimate test/test_signal_runs
test_test_estimate_SOURCES = test/test_estimate.c test/tiny_run.h test/folder.h
test_test_estimate_CFLAGS  = $(TEST_CFLAGS)
test_test_estimate_LDADD   = $(TRAIN) $(CRITERION_LIBS)
test_test_signal_runs_SOURCES = test/test_signal_runs.c test/tiny_run.h test/folder.h
test_test_signal_runs_CFLAGS  = $(TEST_CFLAGS)
test_test_signal_runs_LDADD   = $(TRAIN) $(CRITERION_LIBS)
check_PROGRAMS += $(TRAIN_TESTS)
TESTS += $(TRAIN_TESTS)
test_test_accumulate_SOURCES = test/test_accumulate.c test/tiny_run.h test/folder.h
test_test_accumulate_CFLAGS  = $(TEST_CFLAGS)
test_test_accumulate_LDADD   = $(TRAIN) $(CRITERION_LIBS)
test_test_lr_find_SOURCES   = test/test_lr_find.c test/tiny_run.h test/folder.h
test_test_lr_find_CFLAGS    = $(TEST_CFLAGS)
test_test_lr_find_LDADD     = $(TRAIN) $(CRITERION_LIBS)
test_test_monitor_SOURCES   = test/test_monitor.c test/tiny_run.h test/folder.h
test_test_monitor_CFLAGS    = $(TEST_CFLAGS)
test_test_monitor_LDADD     = $(TRAIN) $(CRITERION_LIBS)
test_test_resume_SOURCES    = test/test_resume.c test/tiny_run.h test/folder.h
test_test_resume_CFLAGS     = $(TEST_CFLAGS)
test_test_resume_LDADD      = $(TRAIN) $(CRITERION_LIBS)
test_test_run_SOURCES       = test/test_run.c test/tiny_run.h test/folder.h
test_test_run_CFLAGS        = $(TEST_CFLAGS)
test_test_run_LDADD         = $(TRAIN) $(CRITERION_LIBS)
test_test_tables_SOURCES    = test/test_tables.c test/folder.h
test_test_tables_CFLAGS     = $(TEST_CFLAGS)
test_test_tables_LDADD      = $(TRAIN) $(CRITERION_LIBS)
test_test_train_memory_SOURCES = test/test_train_memory.c test/tiny_run.h test/folder.h
test_test_train_memory_CFLAGS  = $(TEST_CFLAGS)
test_test_train_memory_LDADD   = $(TRAIN) $(CRITERION_LIBS)
test_test_train_SOURCES     = test/test_train.c test/tiny_run.h test/folder.h
test_test_train_CFLAGS      = $(TEST_CFLAGS)
test_test_train_LDADD       = $(TRAIN) $(CRITERION_LIBS)

# What a model computes, for PyTorch to compute once more.
check_PROGRAMS += test/model_dump
test_model_dump_LDADD = libreference.a $(TRAIN)
TESTS += test/peer_torch.py test/peer_resnet.py test/peer_signals.py

# Schedules, for PyTorch's to be held against.
check_PROGRAMS += test/schedule_dump
test_schedule_dump_LDADD = $(TRAIN)
TESTS += test/peer_schedule.py

# Fine-tuning and augmentation as fastai has them, for PyTorch to repeat.
check_PROGRAMS += test/fine_tune_dump test/augment_dump
test_fine_tune_dump_LDADD = $(TRAIN)
test_augment_dump_LDADD = $(TRAIN)
TESTS += test/peer_fastai.py test/peer_augment.py
endif
EXTRA_DIST += test/peer_torch.py test/peer_resnet.py test/peer_signals.py test/peer_schedule.py test/peer_fastai.py test/peer_augment.py

# The same program with MPI, for tests in a build without: ranks.c in place of ranks_one.c, whose
# names are all taken when the archive is searched.
leadseq-mpi: leadseq $(top_srcdir)/src/train/ranks.c
	$(AM_V_CCLD)mpicc $(DEFS) $(DEFAULT_INCLUDES) $(AM_CPPFLAGS) $(CPPFLAGS) $(AM_CFLAGS) $(CFLAGS) \
	    $(LDFLAGS) -o $@ $(leadseq_OBJECTS) $(top_srcdir)/src/train/ranks.c $(leadseq_LDADD) $(LIBS)
CLEANFILES += leadseq-mpi
if !SANITIZE
TESTS += test/ranks.sh
endif
EXTRA_DIST += test/ranks.sh test/mpi.sh

# How often the path of one batch returns to a file.
TESTS += test/batch_path.py
EXTRA_DIST += test/batch_path.py
