/* SPDX-License-Identifier: MIT
 *
 * leadseq: the table of commands. Each command is a file of its own. */
#include <leadseq/base.h>

int main(void)
{
    return 2;
}
