# SPDX-License-Identifier: MIT
leadseqinclude_HEADERS += include/leadseq/nn.h

noinst_LIBRARIES += libnn.a
libnn_a_SOURCES = include/leadseq/nn.h src/nn/nn_private.h src/nn/dnnl_compat.h
# The engine: oneDNN, tensors, parameters, chains; convolution and ConvLSTM.
libnn_a_SOURCES += src/nn/backend.c src/nn/tensor.c src/nn/params.c src/nn/layer.c src/nn/chain.c
libnn_a_SOURCES += src/nn/convolution.c src/nn/conv.c
# Layers around them.
libnn_a_SOURCES += src/nn/loss.c
NN = libnn.a $(BASE) $(DNNL_LIBS)

if HAVE_CRITERION
# Plain double-precision loops and the gradient checks, for tests of nn and model.
check_LIBRARIES += libreference.a
libreference_a_SOURCES = test/reference.h test/reference.c test/gradient.h test/gradient.c

# Runs layers on plain arrays.
check_LIBRARIES += librig.a
librig_a_SOURCES = test/rig.h test/rig.c
librig_a_CFLAGS  = $(TEST_CFLAGS)
RIG = librig.a libreference.a $(NN) $(CRITERION_LIBS)

NN_TESTS = test/test_loss
NN_TESTS += test/test_conv
check_PROGRAMS += $(NN_TESTS)
TESTS += $(NN_TESTS)
test_test_loss_CFLAGS = $(TEST_CFLAGS)
test_test_loss_LDADD  = libreference.a $(NN) $(CRITERION_LIBS)
test_test_conv_CFLAGS = $(TEST_CFLAGS)
test_test_conv_LDADD  = $(RIG)
endif
EXTRA_DIST += doc/mathematics.md
