# SPDX-License-Identifier: MIT
# shellcheck shell=sh
# The example layer in the tests that every type passes: they iterate over the table.
if grep -q '^CRITERION_LIBS = .' "$made/Makefile"; then
    make -s -C "$made" test/test_layers >out 2>err
    result $? "layer: the tests of all layers build with the example layer"
    CRITERION_OUTPUTS=tap:- "$made/test/test_layers" >out 2>err
    result $? "layer: ... its gradient, precision and memory are checked like any other's"
    ok "layer: ... and all passed" sh -c "grep -q '^ok' out && ! grep -q '^not ok' out"
else
    skip "Criterion is not installed"
fi
