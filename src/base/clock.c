/* SPDX-License-Identifier: MIT
 *
 * Time and the processor, as the operating system accounts for them. */
#include "base/base.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

static double clock_seconds(clockid_t id)
{
    struct timespec t;
    clock_gettime(id, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

double leadseq_seconds(void)
{
    return clock_seconds(CLOCK_MONOTONIC);
}

double leadseq_cpu_seconds(void)
{
    return clock_seconds(CLOCK_PROCESS_CPUTIME_ID);
}

void leadseq_timestamp(char text[32])
{
    time_t now = time(NULL);
    struct tm utc;
    gmtime_r(&now, &utc);
    strftime(text, 32, "%Y-%m-%dT%H:%M:%SZ", &utc);
}

void leadseq_cpu_name(char *cpu, size_t size)
{
    cpu[0] = '\0';
    FILE *f = fopen("/proc/cpuinfo", "r");
    if (!f) return;
    char line[512];
    while (fgets(line, sizeof line, f)) {
        char *value = strchr(line, ':');
        if (strncmp(line, "model name", 10) || !value) continue;
        value[strcspn(value, "\n")] = '\0';
        snprintf(cpu, size, "%s", value + 1 + strspn(value + 1, " "));
        break;
    }
    fclose(f);
}
