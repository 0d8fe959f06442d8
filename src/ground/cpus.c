/* cpus.c - how many threads this process may use: the affinity mask, cut by the cgroup's cpu quota. */
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "pool.h"

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

/* quota / period of the cgroup at path, rounded up; 0 when it names none. */
static int quota_in(const char *path, const char *format)
{
    FILE *f = fopen(path, "re");
    if (!f)
        return 0;
    long long quota = 0, period = 100000;
    int got = fscanf(f, format, &quota, &period);
    fclose(f);
    return got >= 1 && quota > 0 && period > 0 ? (int)((quota + period - 1) / period) : 0;
}

/* The least quota from this process's cgroup up to the root of the tree (version 2), or version 1's. */
static int quota(void)
{
    char line[3000], path[4096];
    int least = 0;
    FILE *f = fopen("/proc/self/cgroup", "re");
    while (f && fgets(line, sizeof line, f)) {
        line[strcspn(line, "\n")] = 0;
        if (strncmp(line, "0::", 3) != 0)
            continue;
        for (char *end; (end = strrchr(line, '/')); *end = 0) {
            snprintf(path, sizeof path, "/sys/fs/cgroup%s/cpu.max", line + 3);
            int here = quota_in(path, "%lld %lld");
            least = here && (!least || here < least) ? here : least;
        }
    }
    if (f)
        fclose(f);
    int root = quota_in("/sys/fs/cgroup/cpu.max", "%lld %lld");
    least = root && (!least || root < least) ? root : least;
    int one = quota_in("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "%lld");
    return one && (!least || one < least) ? one : least;
}

int kmu__cpus(void)
{
    int cpus = affinity(), most = quota();
    return most && most < cpus ? most : cpus;
}
