/* agreement.c - how far two partitions of the same points are the same: the adjusted Rand index.
 *
 *   ARI = (S - A B / P) / ((A + B) / 2 - A B / P)                                                                        (T13)
 *
 * with pairs(m) = m (m - 1) / 2, A = sum of pairs(m_i) over the clusters of the one, B likewise of the other, S over their
 * meets, P = pairs(N). 1 for the same partition, whatever the clusters are called; 0 is what chance gives on average. A row of
 * weight w is w rows. In f64; sums of whole numbers are exact up to 2^53 pairs, 134 million rows.
 *
 * One cluster after the other is held against the second partition, so there is no table of k x k. Time O(n + k), memory 4 n.
 * Hubert and Arabie 1985, "Comparing partitions", doi:10.1007/BF01908075. */
#include <math.h>

#include "../ground/status.h"
#include "judge.h"

static double pairs(double m)
{
    return m * (m - 1) / 2;
}

/* row := the rows by their label, those of cluster i from begin[i] on; begin has k + 1. */
static void sort_by_label(const int32_t *c, size_t n, size_t k, uint32_t *row, uint32_t *begin)
{
    for (size_t j = 0; j < n; j++)
        begin[c[j] + 1]++;
    for (size_t i = 0; i < k; i++)
        begin[i + 1] += begin[i];
    for (size_t j = n; j-- > 0;) /* each begin moves up to the end of its cluster, and back */
        row[begin[c[j]]++] = (uint32_t)j;
    for (size_t i = k; i > 0; i--)
        begin[i] = begin[i - 1];
    begin[0] = 0;
}

kmu_status kmu__agreement(const struct fit *f, const int32_t *a, const int32_t *b, double *index, kmu_error *error)
{
    struct memory memory = kmu__memory(f->options);
    uint32_t *row, *begin;
    double *meet, *other, A = 0, B = 0, S = 0, N = 0;
    if (f->n > UINT32_MAX)
        return kmu__fail(error, KMU_EDATA, "partitions of 2^32 points or more are not compared, and there are %zu", f->n);
    kmu__wish(&memory, &row, f->n, sizeof *row);
    kmu__wish(&memory, &begin, f->k + 1, sizeof *begin);
    kmu__wish(&memory, &meet, f->k, sizeof *meet);
    kmu__wish(&memory, &other, f->k, sizeof *other);
    kmu_status status = kmu__grant(&memory, error);
    if (status != KMU_OK)
        return status;
    sort_by_label(a, f->n, f->k, row, begin);
    for (size_t i = 0; i < f->k; i++) {
        double own = 0;
        for (size_t r = begin[i]; r < begin[i + 1]; r++) {
            const double w = kmu__weight(f->points, row[r]);
            meet[b[row[r]]] += w;
            other[b[row[r]]] += w;
            own += w;
        }
        for (size_t r = begin[i]; r < begin[i + 1]; r++) {
            S += meet[b[row[r]]] > 0 ? pairs(meet[b[row[r]]]) : 0;
            meet[b[row[r]]] = 0;
        }
        A += pairs(own);
        N += own;
    }
    for (size_t i = 0; i < f->k; i++)
        B += pairs(other[i]);
    const double chance = A / pairs(N) * B, most = (A + B) / 2;
    *index = (S == A && S == B) || most == chance ? 1 : (S - chance) / (most - chance);
    kmu__give_back(&memory);
    return KMU_OK;
}
