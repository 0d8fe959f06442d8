/* hues.c - few colours for many cells, no two neighbours alike.
 *
 * The graph of cells that share an edge is planar, so it has a cell of at most five neighbours, and so has what is left
 * when that cell is taken away. Cells are coloured in the reverse of this order: each has at most five coloured neighbours
 * when its turn comes (Matula and Beck 1983, doi:10.1145/2402.322385, smallest last), so six hues are enough. Of those that
 * are free it takes the one that the fewest cells have.
 *
 * Time O(k^2) at worst, memory O(k). */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "io/format.h"
#include "report/cells.h"

/* Neighbours in both directions: of cell i near[start[i]] .. near[start[i + 1]]. */
struct graph {
    size_t *start;
    int32_t *near, *degree, *order;
};

static bool make_graph(const struct cells *c, struct graph *g)
{
    const size_t edges = c->edge[c->k];
    *g = (struct graph){calloc(c->k + 2, sizeof *g->start), malloc((2 * edges + 1) * sizeof *g->near),
                        malloc(c->k * sizeof *g->degree), malloc(c->k * sizeof *g->order)};
    if (!g->start || !g->near || !g->degree || !g->order)
        return false;
    for (size_t i = 0; i < c->k; i++)
        for (size_t e = c->edge[i]; e < c->edge[i + 1]; e++) {
            g->start[i + 2]++;
            g->start[c->beside[e] + 2]++;
        }
    for (size_t i = 2; i < c->k + 2; i++)
        g->start[i] += g->start[i - 1];
    for (size_t i = 0; i < c->k; i++)
        for (size_t e = c->edge[i]; e < c->edge[i + 1]; e++) {
            g->near[g->start[i + 1]++] = c->beside[e];
            g->near[g->start[c->beside[e] + 1]++] = (int32_t)i;
        }
    return true;
}

/* order := the cells, each with the fewest neighbours among those before it. */
static void smallest_last(struct graph *g, size_t k)
{
    for (size_t i = 0; i < k; i++)
        g->degree[i] = (int32_t)(g->start[i + 1] - g->start[i]);
    for (size_t left = k; left-- > 0;) {
        size_t least = k;
        for (size_t i = 0; i < k; i++)
            if (g->degree[i] >= 0 && (least == k || g->degree[i] < g->degree[least]))
                least = i;
        g->order[left] = (int32_t)least;
        g->degree[least] = -1;
        for (size_t e = g->start[least]; e < g->start[least + 1]; e++)
            if (g->degree[g->near[e]] > 0)
                g->degree[g->near[e]]--;
    }
}

kmu_status cells_hues(const struct cells *c, int hues, unsigned char *hue, kmu_error *error)
{
    enum { NONE = 255, MOST = 64 };
    struct graph g = {0};
    size_t used[MOST] = {0};
    for (size_t i = 0; i < c->k; i++)
        hue[i] = (unsigned char)(i % (size_t)hues);
    if (c->k <= (size_t)hues || c->edge[c->k] == 0)
        return KMU_OK;
    const bool made = make_graph(c, &g);
    if (made) {
        smallest_last(&g, c->k);
        memset(hue, NONE, c->k);
    }
    for (size_t o = 0; made && o < c->k; o++) {
        const size_t i = (size_t)g.order[o];
        bool taken[MOST] = {false};
        int best = -1;
        for (size_t e = g.start[i]; e < g.start[i + 1]; e++)
            if (hue[g.near[e]] != NONE)
                taken[hue[g.near[e]]] = true;
        for (int h = 0; h < hues; h++)
            if (!taken[h] && (best < 0 || used[h] < used[best]))
                best = h;
        hue[i] = (unsigned char)(best < 0 ? 0 : best); /* below six hues */
        used[hue[i]]++;
    }
    free(g.start);
    free(g.near);
    free(g.degree);
    free(g.order);
    return made ? KMU_OK : table_fail(error, KMU_EMEMORY, "not enough memory");
}
