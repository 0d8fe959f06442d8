/* cpus.c - how many threads this process may use: the affinity mask, cut by the cgroup's cpu quota. */
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "kmu.h"

/* The cpus of the affinity mask; masks of more than 1024 cpus are asked for in growing sizes. */
static int affinity(void)
{
    for (size_t cpus = 1024; cpus <= 1u << 17; cpus *= 4) {
        cpu_set_t *set = CPU_ALLOC(cpus);
        if (!set)
            break;
        size_t bytes = CPU_ALLOC_SIZE(cpus);
        int count = sched_getaffinity(0, bytes, set) == 0 ? CPU_COUNT_S(bytes, set) : 0;
        CPU_FREE(set);
        if (count > 0)
            return count;
    }
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    return online > 0 ? (int)online : 1;
}

/* The numbers, at most two, that a file of the cgroup begins with. */
static int numbers_in(const char *cgroup, const char *name, long long number[2])
{
    char path[4200];
    snprintf(path, sizeof path, "%s/%s", cgroup, name);
    FILE *f = fopen(path, "re");
    if (!f)
        return 0;
    int got = fscanf(f, "%lld %lld", &number[0], &number[1]);
    fclose(f);
    return got;
}

/* quota / period of one cgroup, rounded up; INT_MAX where it has none. */
static int quota_in(const char *cgroup)
{
    long long v[2], period[2]; /* version 2 has both in one file */
    if (numbers_in(cgroup, "cpu.max", v) < 2) {
        if (numbers_in(cgroup, "cpu.cfs_quota_us", v) < 1 || numbers_in(cgroup, "cpu.cfs_period_us", period) < 1)
            return INT_MAX;
        v[1] = period[0];
    }
    if (v[0] <= 0 || v[1] <= 0 || v[0] / v[1] >= INT_MAX)
        return INT_MAX;
    return (int)(v[0] / v[1] + (v[0] % v[1] > 0));
}

/* The least quota of the cgroup `path` and all above it. A container may see the path of the host and only its own cgroup,
 * as the root: what is not there has no quota. */
static int quota_up(const char *root, const char *path)
{
    char cgroup[4096], *end;
    int least = INT_MAX;
    const int length = snprintf(cgroup, sizeof cgroup, "%s", root);
    snprintf(cgroup + length, sizeof cgroup - (size_t)length, "%s", path);
    do {
        const int here = quota_in(cgroup);
        least = here < least ? here : least;
        end = strrchr(cgroup + length, '/');
        if (end)
            *end = 0;
    } while (end);
    return least;
}

/* The least quota of this process: lines are "4:cpu,cpuacct:/path" (version 1), "0::/path" (version 2). */
static int quota(void)
{
    char line[3000];
    int least = INT_MAX;
    FILE *f = fopen("/proc/self/cgroup", "re");
    while (f && fgets(line, sizeof line, f)) {
        char *path = line;
        line[strcspn(line, "\n")] = 0;
        strsep(&path, ":");
        char *controllers = strsep(&path, ":"), *one;
        while (path && (one = strsep(&controllers, ",")))
            if (!*one || strcmp(one, "cpu") == 0) {
                const int here = quota_up(*one ? "/sys/fs/cgroup/cpu" : "/sys/fs/cgroup", path);
                least = here < least ? here : least;
            }
    }
    if (f)
        fclose(f);
    return least;
}

int kmu_cpus(void)
{
    const int cpus = affinity(), most = quota();
    return most < cpus ? most : cpus;
}
