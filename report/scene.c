/* scene.c - the plane of the points, the sites in it, and the cells of the sites: of few columns and of many. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "io/format.h"
#include "report/scene.h"

kmu_status scene_begin(struct scene *a, const struct plot *p, kmu_error *error)
{
    const size_t d = p->points->d;
    kmu_status status = plane_make(&a->plane, p, error);
    a->site = malloc((p->k + 2 * p->splits) * sizeof *a->site);
    a->mark = malloc(p->k * sizeof *a->mark);
    a->hue = malloc(p->k);
    if (status == KMU_OK && (!a->site || !a->mark || !a->hue))
        status = table_fail(error, KMU_EMEMORY, "not enough memory");
    for (size_t i = 0; i < p->k + 2 * p->splits && status == KMU_OK; i++)
        a->site[i] = plane_site(&a->plane, i < p->k ? p->mu + i * d : p->split_mu + (i - p->k) * d);
    return status;
}

void scene_take(struct scene *a, const struct plot *p)
{
    struct sheet *s = &a->sheet;
    s->low[0] = s->low[1] = INFINITY;
    s->high[0] = s->high[1] = -INFINITY;
    for (size_t j = 0; j < p->points->n; j++) {
        const struct point at = plane_place(&a->plane, p->points, j);
        sheet_take(s, at.x, at.y);
    }
    for (size_t i = 0; i < p->k; i++)
        sheet_take(s, a->site[i].x, a->site[i].y);
}

kmu_status scene_cut(struct scene *a, const struct plot *p, kmu_error *error)
{
    const struct view view = sheet_view(&a->sheet);
    kmu_status status = p->splits ? cells_of_tree(a->site + p->k, p->splits, p->child, &view, &a->cells, error)
                                  : cells_of_sites(a->site, p->k, &view, &a->cells, error);
    if (status == KMU_OK)
        status = cells_hues(&a->cells, HUES, a->hue, error);
    if (status == KMU_OK && p->hue)
        memcpy(p->hue, a->hue, p->k);
    return status;
}

void scene_cells(const struct scene *a, const struct plot *p, enum ink line, double width, struct drawing *d)
{
    for (size_t i = 0; i < p->k; i++) {
        char title[80];
        if (!a->mark[i].shown)
            continue;
        cluster_title(p, i, title, sizeof title);
        draw_group(d, title);
        sheet_cell(&a->sheet, &a->cells, i, d, (struct paint){(enum ink)(INK_HUE + a->hue[i]), 0.13, line, width});
        draw_end(d);
    }
}

void scene_say_left(struct scene *a, const struct plot *p, size_t unlabelled)
{
    if (p->most && p->most < p->k)
        sheet_say(&a->sheet, "Of %zu cells and centroids the %zu of the heaviest clusters, to keep the page small. ", p->k,
                  p->most);
    if (unlabelled)
        sheet_say(&a->sheet, "%zu ind%s had no room. ", unlabelled, unlabelled == 1 ? "ex" : "ices");
}

kmu_status scene_end(struct scene *a, struct drawing *d, kmu_status status)
{
    const kmu_status closed = d ? drawing_close(d) : KMU_OK;
    plane_free(&a->plane);
    cells_free(&a->cells);
    free(a->site);
    free(a->mark);
    free(a->hue);
    return status == KMU_OK ? closed : status;
}
