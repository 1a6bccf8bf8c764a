# SPDX-License-Identifier: MIT
noinst_LIBRARIES += libstats.a
# Sources are all .c and .h files of the folder; ./autogen.sh lists them.
include src/stats/files.mk
STATS = libstats.a $(BASE)

if HAVE_CRITERION
STATS_TESTS = \
    test/test_bca test/test_benefit test/test_bins test/test_classes \
    test/test_auc_sum test/test_confusion test/test_curve test/test_delong test/test_holm \
    test/test_interval test/test_joint \
    test/test_logistic test/test_metrics test/test_models test/test_operating test/test_paired \
    test/test_permute test/test_ratio test/test_draws test/test_spread test/test_temperature \
    test/test_words
check_PROGRAMS += $(STATS_TESTS)
TESTS += $(STATS_TESTS)
test_test_auc_sum_CFLAGS = $(TEST_CFLAGS)
test_test_auc_sum_LDADD = $(STATS) $(CRITERION_LIBS)
test_test_joint_CFLAGS = $(TEST_CFLAGS)
test_test_joint_LDADD = $(STATS) $(CRITERION_LIBS)
test_test_words_CFLAGS = $(TEST_CFLAGS)
test_test_words_LDADD = $(STATS) $(CRITERION_LIBS)
test_test_bca_CFLAGS = $(TEST_CFLAGS)
test_test_bca_LDADD = $(STATS) $(CRITERION_LIBS)
test_test_benefit_CFLAGS = $(TEST_CFLAGS)
test_test_benefit_LDADD = $(STATS) $(CRITERION_LIBS)
test_test_bins_SOURCES = test/test_bins.c test/models_sample.h
test_test_bins_CFLAGS = $(TEST_CFLAGS)
test_test_bins_LDADD = $(STATS) $(CRITERION_LIBS)
test_test_classes_CFLAGS = $(TEST_CFLAGS)
test_test_classes_LDADD = $(STATS) $(CRITERION_LIBS)
test_test_confusion_CFLAGS = $(TEST_CFLAGS)
test_test_confusion_LDADD = $(STATS) $(CRITERION_LIBS)
test_test_curve_CFLAGS = $(TEST_CFLAGS)
test_test_curve_LDADD = $(STATS) $(CRITERION_LIBS)
test_test_delong_CFLAGS = $(TEST_CFLAGS)
test_test_delong_LDADD = $(STATS) $(CRITERION_LIBS)
test_test_holm_CFLAGS = $(TEST_CFLAGS)
test_test_holm_LDADD = $(STATS) $(CRITERION_LIBS)
test_test_interval_CFLAGS = $(TEST_CFLAGS)
test_test_interval_LDADD = $(STATS) $(CRITERION_LIBS)
test_test_logistic_SOURCES = test/test_logistic.c test/models_sample.h
test_test_logistic_CFLAGS = $(TEST_CFLAGS)
test_test_logistic_LDADD = $(STATS) $(CRITERION_LIBS)
test_test_metrics_SOURCES = test/test_metrics.c test/models_sample.h
test_test_metrics_CFLAGS = $(TEST_CFLAGS)
test_test_metrics_LDADD = $(STATS) $(CRITERION_LIBS)
test_test_models_SOURCES = test/test_models.c test/models_sample.h
test_test_models_CFLAGS = $(TEST_CFLAGS)
test_test_models_LDADD = $(STATS) $(CRITERION_LIBS)
test_test_operating_CFLAGS = $(TEST_CFLAGS)
test_test_operating_LDADD = $(STATS) $(CRITERION_LIBS)
test_test_paired_CFLAGS = $(TEST_CFLAGS)
test_test_paired_LDADD = $(STATS) $(CRITERION_LIBS)
test_test_permute_SOURCES = test/test_permute.c test/models_sample.h
test_test_permute_CFLAGS = $(TEST_CFLAGS)
test_test_permute_LDADD = $(STATS) $(CRITERION_LIBS)
test_test_ratio_CFLAGS = $(TEST_CFLAGS)
test_test_ratio_LDADD = $(STATS) $(CRITERION_LIBS)
test_test_draws_CFLAGS = $(TEST_CFLAGS)
test_test_draws_LDADD = $(STATS) $(CRITERION_LIBS)
test_test_spread_CFLAGS = $(TEST_CFLAGS)
test_test_spread_LDADD = $(STATS) $(CRITERION_LIBS)
test_test_temperature_SOURCES = test/test_temperature.c test/models_sample.h
test_test_temperature_CFLAGS = $(TEST_CFLAGS)
test_test_temperature_LDADD = $(STATS) $(CRITERION_LIBS)
endif

# Compared with other implementations, where Python has them.
check_PROGRAMS += test/stats_driver
test_stats_driver_LDADD = $(STATS)
TESTS += test/peer_bootstrap.py test/peer_stats.py
EXTRA_DIST += test/peer_bootstrap.py test/peer_stats.py

# How often the intervals hold the truth, for doc/statistics.md: takes half an hour.
EXTRA_PROGRAMS += test/coverage
test_coverage_LDADD = $(STATS)
