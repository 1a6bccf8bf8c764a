# SPDX-License-Identifier: MIT

noinst_LIBRARIES += libmodel.a
# Sources are all .c and .h files of the folder; ./autogen.sh lists them.
include src/model/files.mk
MODEL = libmodel.a $(NN)

if HAVE_CRITERION
check_LIBRARIES += libtrial.a
libtrial_a_SOURCES = test/trial.h test/trial.c test/trial_reference.h test/trial_reference.c
libtrial_a_CFLAGS  = $(TEST_CFLAGS)
TRIAL = libtrial.a librig.a libreference.a $(MODEL) $(CRITERION_LIBS)

MODEL_TESTS = test/test_look test/test_spec test/test_model test/test_model_bits test/test_model_gradient \
    test/test_model_reference test/test_model_invariance test/test_summary test/test_model_bf16 \
    test/test_signal_models
check_PROGRAMS += $(MODEL_TESTS)
TESTS += $(MODEL_TESTS)
test_test_look_CFLAGS = $(TEST_CFLAGS)
test_test_look_LDADD  = $(TRIAL)
test_test_spec_CFLAGS = $(TEST_CFLAGS)
test_test_spec_LDADD  = $(MODEL) $(CRITERION_LIBS)
test_test_model_CFLAGS = $(TEST_CFLAGS)
test_test_model_LDADD  = $(TRIAL)
test_test_model_bits_CFLAGS = $(TEST_CFLAGS)
test_test_model_bits_LDADD  = $(TRIAL)
test_test_model_gradient_CFLAGS = $(TEST_CFLAGS)
test_test_model_gradient_LDADD  = $(TRIAL)
test_test_model_invariance_CFLAGS = $(TEST_CFLAGS)
test_test_model_invariance_LDADD  = $(TRIAL)
test_test_summary_CFLAGS = $(TEST_CFLAGS)
test_test_summary_LDADD  = $(TRIAL)
test_test_model_reference_CFLAGS = $(TEST_CFLAGS)
test_test_model_reference_LDADD  = $(TRIAL)
test_test_signal_models_CFLAGS = $(TEST_CFLAGS)
test_test_signal_models_LDADD  = $(TRIAL)
test_test_model_bf16_CFLAGS = $(TEST_CFLAGS)
test_test_model_bf16_LDADD  = $(TRIAL)

endif
