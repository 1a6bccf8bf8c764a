# SPDX-License-Identifier: MIT

noinst_LIBRARIES += libnn.a
# Sources are all .c and .h files of the folder; ./autogen.sh lists them.
include src/nn/files.mk
libnn_a_CFLAGS = $(AM_CFLAGS) -Wno-psabi # vectors are passed only to what is inlined
NN = libnn.a $(BASE) $(DNNL_LIBS)

if HAVE_CRITERION
# Plain double-precision loops and the gradient checks, for tests of nn and model.
check_LIBRARIES += libreference.a
libreference_a_SOURCES = test/reference.h test/reference.c test/reference_conv.c \
    test/reference_convlstm.c test/reference_layer_norm.c test/reference_rnn.c test/crowd.h test/gradient.h test/gradient.c test/reference_net.h \
    test/reference_net.c test/checks.h test/checks.c

# Runs layers on plain arrays.
check_LIBRARIES += librig.a
librig_a_SOURCES = test/rig.h test/rig.c test/bench.h test/bench.c \
    test/reference_layer.h test/reference_layer.c \
    test/recurrent.h test/recurrent.c
librig_a_CFLAGS  = $(TEST_CFLAGS)
RIG = librig.a libreference.a $(NN) $(CRITERION_LIBS)

NN_TESTS = test/test_loss test/test_keep test/test_kept
NN_TESTS += test/test_conv test/test_convlstm test/test_convlstm_shapes test/test_cell test/test_params \
    test/test_backend test/test_chain test/test_layers
NN_TESTS += test/test_dense test/test_dropout test/test_flatten test/test_global
NN_TESTS += test/test_jacobian test/test_norm test/test_pool test/test_relu test/test_bf16 test/test_taken test/test_residual
check_PROGRAMS += $(NN_TESTS)
TESTS += $(NN_TESTS)
test_test_loss_CFLAGS = $(TEST_CFLAGS)
test_test_loss_LDADD  = libreference.a $(NN) $(CRITERION_LIBS)
test_test_keep_CFLAGS = $(TEST_CFLAGS)
test_test_keep_LDADD  = $(RIG)
test_test_kept_CFLAGS = $(TEST_CFLAGS)
test_test_kept_LDADD  = $(RIG)
test_test_conv_CFLAGS = $(TEST_CFLAGS)
test_test_conv_LDADD  = $(RIG)
test_test_cell_CFLAGS = $(TEST_CFLAGS)
test_test_cell_LDADD  = $(RIG)
test_test_params_CFLAGS = $(TEST_CFLAGS)
test_test_params_LDADD  = $(RIG)
test_test_backend_CFLAGS = $(TEST_CFLAGS)
test_test_backend_LDADD  = $(RIG)
test_test_layers_CFLAGS = $(TEST_CFLAGS)
test_test_layers_LDADD  = $(RIG)
test_test_chain_CFLAGS = $(TEST_CFLAGS)
test_test_chain_LDADD  = $(RIG)
test_test_convlstm_CFLAGS = $(TEST_CFLAGS)
test_test_convlstm_LDADD  = $(RIG)
test_test_convlstm_shapes_CFLAGS = $(TEST_CFLAGS)
test_test_convlstm_shapes_LDADD  = $(RIG)
test_test_dense_CFLAGS = $(TEST_CFLAGS)
test_test_dense_LDADD  = $(RIG)
test_test_dropout_CFLAGS = $(TEST_CFLAGS)
test_test_dropout_LDADD  = $(RIG)
test_test_flatten_CFLAGS = $(TEST_CFLAGS)
test_test_flatten_LDADD  = $(RIG)
test_test_global_CFLAGS = $(TEST_CFLAGS)
test_test_global_LDADD  = $(RIG)
test_test_jacobian_CFLAGS = $(TEST_CFLAGS)
test_test_jacobian_LDADD  = $(RIG)
test_test_norm_CFLAGS = $(TEST_CFLAGS)
test_test_norm_LDADD  = $(RIG)
test_test_pool_CFLAGS = $(TEST_CFLAGS)
test_test_pool_LDADD  = $(RIG)
test_test_relu_CFLAGS = $(TEST_CFLAGS)
test_test_relu_LDADD  = $(RIG)
test_test_residual_CFLAGS = $(TEST_CFLAGS)
test_test_residual_LDADD  = $(RIG)
test_test_taken_CFLAGS = $(TEST_CFLAGS)
test_test_taken_LDADD  = $(RIG)
test_test_bf16_CFLAGS = $(TEST_CFLAGS)
test_test_bf16_LDADD  = $(RIG)
endif
EXTRA_DIST += doc/mathematics.md doc/convlstm.md doc/residual.md doc/signal-networks.md examples/torch_model.py
