# SPDX-License-Identifier: MIT

noinst_LIBRARIES += libexchange.a
# Sources are all .c and .h files of the folder; ./autogen.sh lists them.
include src/exchange/files.mk
EXCHANGE = libexchange.a $(IO) $(MODEL) $(JANSSON_LIBS)

if HAVE_CRITERION
check_PROGRAMS += test/test_safetensors
TESTS += test/test_safetensors
test_test_safetensors_SOURCES = test/test_safetensors.c test/folder.h
test_test_safetensors_CFLAGS  = $(TEST_CFLAGS)
test_test_safetensors_LDADD   = $(EXCHANGE) $(CRITERION_LIBS)
check_PROGRAMS += test/test_onnx
TESTS += test/test_onnx
test_test_onnx_CFLAGS = $(TEST_CFLAGS)
test_test_onnx_LDADD  = $(EXCHANGE) $(CRITERION_LIBS)
endif
