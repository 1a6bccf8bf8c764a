# SPDX-License-Identifier: MIT

noinst_LIBRARIES += libnn.a
libnn_a_SOURCES = \
    src/nn/backend.c src/nn/bfloat.c src/nn/ceiling.c src/nn/chain.c src/nn/conv.c \
    src/nn/convolution.c src/nn/dense.c src/nn/dnnl_compat.h src/nn/dropout.c src/nn/flatten.c \
    src/nn/global.c src/nn/layer.c src/nn/loss.c src/nn/need.c src/nn/nn.h src/nn/nn_private.h \
    src/nn/norm.c src/nn/norm.h src/nn/norm_share.c src/nn/params.c src/nn/pool.c src/nn/relu.c \
    src/nn/tensor.c src/nn/tensor.h src/nn/convlstm/band.c src/nn/convlstm/band.h \
    src/nn/convlstm/band_avx2.c src/nn/convlstm/band_avx512.c src/nn/convlstm/band_backward.c \
    src/nn/convlstm/band_base.c src/nn/convlstm/band_bf16_avx2.c \
    src/nn/convlstm/band_bf16_avx512.c src/nn/convlstm/band_bf16_base.c \
    src/nn/convlstm/band_forward.c src/nn/convlstm/band_gates.h src/nn/convlstm/band_kernels.h \
    src/nn/convlstm/band_norm.c src/nn/convlstm/band_reciprocal.h src/nn/convlstm/band_rows.c \
    src/nn/convlstm/band_sums.c src/nn/convlstm/band_target.h src/nn/convlstm/cell.c \
    src/nn/convlstm/cell_last.c src/nn/convlstm/cell_math.h src/nn/convlstm/cell_planes.c \
    src/nn/convlstm/convlstm.c src/nn/convlstm/convlstm.h src/nn/convlstm/gateconv.c \
    src/nn/convlstm/jacobian.c src/nn/convlstm/jacobian_norm.c src/nn/convlstm/keep.c \
    src/nn/convlstm/keep.h src/nn/convlstm/observe.c src/nn/convlstm/steps_band.c \
    src/nn/convlstm/steps_norm.c src/nn/convlstm/steps_onednn.c \
    src/nn/convlstm/steps_onednn_bind.c
libnn_a_CFLAGS = $(AM_CFLAGS) -Wno-psabi # vectors are passed only to what is inlined
NN = libnn.a $(BASE) $(DNNL_LIBS)

if HAVE_CRITERION
# Plain double-precision loops and the gradient checks, for tests of nn and model.
check_LIBRARIES += libreference.a
libreference_a_SOURCES = test/reference.h test/reference.c test/reference_conv.c \
    test/reference_convlstm.c test/reference_layer_norm.c test/gradient.h test/gradient.c test/reference_net.h \
    test/reference_net.c test/checks.h test/checks.c

# Runs layers on plain arrays.
check_LIBRARIES += librig.a
librig_a_SOURCES = test/rig.h test/rig.c test/bench.h test/bench.c \
    test/recurrent.h test/recurrent.c
librig_a_CFLAGS  = $(TEST_CFLAGS)
RIG = librig.a libreference.a $(NN) $(CRITERION_LIBS)

NN_TESTS = test/test_loss test/test_keep
NN_TESTS += test/test_conv test/test_convlstm test/test_convlstm_shapes test/test_cell test/test_params \
    test/test_backend test/test_chain test/test_layers
NN_TESTS += test/test_dense test/test_dropout test/test_flatten test/test_global
NN_TESTS += test/test_jacobian test/test_norm test/test_pool test/test_relu test/test_bf16
check_PROGRAMS += $(NN_TESTS)
TESTS += $(NN_TESTS)
test_test_loss_CFLAGS = $(TEST_CFLAGS)
test_test_loss_LDADD  = libreference.a $(NN) $(CRITERION_LIBS)
test_test_keep_CFLAGS = $(TEST_CFLAGS)
test_test_keep_LDADD  = $(RIG)
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
test_test_bf16_CFLAGS = $(TEST_CFLAGS)
test_test_bf16_LDADD  = $(RIG)
endif
EXTRA_DIST += doc/mathematics.md
