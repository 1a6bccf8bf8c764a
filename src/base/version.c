/* SPDX-License-Identifier: MIT
 *
 * The version of the library. The headers' macros and configure.ac must agree. */
#include "base/base.h"

#include "config.h"

#include <string.h>

#define TEXT(x)         #x
#define DOTTED(a, b, c) TEXT(a) "." TEXT(b) "." TEXT(c)

const char *leadseq_version(void)
{
    static const char version[] =
        DOTTED(LEADSEQ_VERSION_MAJOR, LEADSEQ_VERSION_MINOR, LEADSEQ_VERSION_PATCH);
    _Static_assert(sizeof version == sizeof PACKAGE_VERSION, "configure.ac has another version");
    return version;
}
