/* tree.c - candidates for whole tiles of neighbours: who could be nearest somewhere in their box.
 *
 * With S_i(x) = x'.c'_i - ||c'_i||^2 / 2, so that the nearest has the largest S, and a box of middle m and half sides r,
 *
 *   max_{x in box} S_i(x) - S_b(x) = S_i(m) - S_b(m) + sum_l r_l |c'_i - c'_b|_l
 *
 * A centroid i for which that is negative, strictly and by more than the rounding (N19), is nearest to no point of the box: the
 * box lies on b's side of their bisector (Pelleg and Moore 1999, doi:10.1145/312129.312248; Kanungo et al. 2002,
 * doi:10.1109/TPAMI.2002.1017616). b is one that is nearest to m. Groups of tiles are asked first, so that a tile meets a short
 * list. A tile that one centroid is left to has its label; of the others every point meets all that are left, in binary32 with
 * the bound of N4, and is certified where that cannot tell.
 *
 * Points lie as layout/order.h put them; any order is right. Time: O(groups k d + tiles lists d) and what meets in the tiles
 * that cells' borders cross; memory 8 d bytes a tile. */
#include <math.h>

#include "assign.h"
#include "../kernel/tree.h"
#include "../layout/frame.h"
#include "../layout/order.h"

enum { GROUP = 16 }; /* tiles */

_Static_assert((int)KMU__TILE == KMU__LEAF && (int)KMU__TREE_COLUMNS <= KMU__TREE_MOST,
               "the kernel takes what the order makes");

struct box {
    float middle[KMU__TREE_COLUMNS], extent[KMU__TREE_COLUMNS];
    float reach; /* >= ||m|| + ||r|| */
};

/* A list of candidates, in columns. */
struct list {
    float *c, *half;
    int32_t *name;
    size_t count;
};

/* What a thread works in. */
struct desk {
    struct list group, tile;
    uint32_t *kept;
    _Alignas(64) float leaf[KMU__TREE_COLUMNS * KMU__LEAF];
    _Alignas(64) float first[KMU__LEAF], second[KMU__LEAF];
    _Alignas(64) int32_t which[KMU__LEAF];
};

struct tree {
    struct fit *f;
    struct memory memory;
    const struct tree_kernel *kernel;
    size_t tiles, groups, stride;
    struct box *tile, *group;
    bool made;
    struct list all;
    float *columns; /* of all lists */
    int32_t *names;
    struct desk *desk;
    uint32_t *kept;
    float steep; /* of slack */
};

static struct tree *open_tree(struct fit *f)
{
    struct memory m = kmu__memory(f->options);
    struct tree *t, draft = {.f = f, .kernel = kmu__tree_kernel(f->options->isa)};
    const size_t threads = (size_t)kmu__pool_threads(f->pool), lists = 1 + 2 * threads;
    m.as_it_comes = true;
    draft.tiles = (f->n + KMU__TILE - 1) / KMU__TILE;
    draft.groups = (draft.tiles + GROUP - 1) / GROUP;
    draft.stride = (f->k + KMU__LIST - 1) / KMU__LIST * KMU__LIST;
    kmu__wish(&m, &t, 1, sizeof *t);
    kmu__wish(&m, &draft.tile, draft.tiles, sizeof *draft.tile);
    kmu__wish(&m, &draft.group, draft.groups, sizeof *draft.group);
    kmu__wish(&m, &draft.columns, lists * (f->d + 1), draft.stride * sizeof *draft.columns);
    kmu__wish(&m, &draft.names, lists, draft.stride * sizeof *draft.names);
    kmu__wish(&m, &draft.desk, threads, sizeof *draft.desk);
    kmu__wish(&m, &draft.kept, threads, draft.stride * sizeof *draft.kept);
    if (kmu__grant(&m, NULL) != KMU_OK)
        return NULL;
    memset(draft.columns, 0, lists * (f->d + 1) * draft.stride * sizeof *draft.columns); /* what fills up is finite */
    for (size_t i = 0; i < lists; i++) {
        struct list *list = i == 0 ? &draft.all : i % 2 ? &draft.desk[i / 2].group : &draft.desk[i / 2 - 1].tile;
        *list = (struct list){.c = draft.columns + i * (f->d + 1) * draft.stride, .name = draft.names + i * draft.stride};
        list->half = list->c + f->d * draft.stride;
    }
    for (size_t i = 0; i < threads; i++)
        draft.desk[i].kept = draft.kept + i * draft.stride;
    draft.memory = m;
    draft.steep = (2 * (float)f->d + 16) * 0x1p-24f * (1 + 0x1p-10f);
    *t = draft;
    return t;
}

void kmu__tree_close(struct fit *f)
{
    if (!f->tree)
        return;
    struct memory memory = f->tree->memory;
    kmu__give_back(&memory);
    f->tree = NULL;
}

/* ---- boxes ------------------------------------------------------------------------------------------------------------ */

/* The box of least .. most, numbers of the images; points are within 1.01 v of theirs (N4). */
static struct box box_of(const float *least, const float *most, size_t d)
{
    struct box box = {.reach = 0};
    double m2 = 0, r2 = 0;
    for (size_t l = 0; l < d; l++) {
        const double middle = (double)(float)(((double)least[l] + (double)most[l]) / 2);
        double extent = fmax((double)most[l] - middle, middle - (double)least[l]);
        extent += fmax(fabs((double)least[l]), fabs((double)most[l])) * 0x1.1p-24 + 0x1p-140;
        box.middle[l] = (float)middle;
        box.extent[l] = (float)(extent * (1 + 0x1p-20));
        m2 += middle * middle;
        r2 += (double)box.extent[l] * (double)box.extent[l];
    }
    box.reach = (float)((sqrt(m2) + sqrt(r2)) * (1 + 0x1p-20) + 0x1p-100);
    return box;
}

/* leaf := the images of the points of a tile; returns how many there are. */
static size_t load(const struct tree *t, size_t tile, float *leaf)
{
    const struct fit *f = t->f;
    const struct points *p = f->points;
    const struct frame *frame = &f->frame;
    const size_t from = tile * KMU__TILE, count = f->n - from < KMU__TILE ? f->n - from : KMU__TILE;
    if (p->stored == KMU_F32)
        t->kernel->load_f32((const float *)p->x + from * p->row, count, p->d, (float)frame->scale,
                            frame->as_it_is ? NULL : frame->centre_f32, leaf);
    else
        t->kernel->load_f64((const double *)p->x + from * p->row, count, p->d, frame->scale,
                            frame->as_it_is ? NULL : frame->centre, leaf);
    return count;
}

static void box_group(void *context, size_t group, int thread)
{
    struct tree *t = context;
    const size_t d = t->f->d, end = (group + 1) * GROUP < t->tiles ? (group + 1) * GROUP : t->tiles;
    float *leaf = t->desk[thread].leaf, least[2][KMU__TREE_COLUMNS], most[2][KMU__TREE_COLUMNS];
    for (size_t l = 0; l < d; l++) {
        least[1][l] = INFINITY;
        most[1][l] = -INFINITY;
    }
    for (size_t tile = group * GROUP; tile < end; tile++) {
        const size_t count = load(t, tile, leaf);
        for (size_t l = 0; l < d; l++) {
            float low = INFINITY, high = -INFINITY;
            for (size_t a = 0; a < count; a++) {
                const float x = leaf[l * KMU__LEAF + a];
                low = x < low ? x : low;
                high = x > high ? x : high;
            }
            least[0][l] = low;
            most[0][l] = high;
            least[1][l] = low < least[1][l] ? low : least[1][l];
            most[1][l] = high > most[1][l] ? high : most[1][l];
        }
        t->tile[tile] = box_of(least[0], most[0], d);
    }
    t->group[group] = box_of(least[1], most[1], d);
}

/* ---- an (A) ----------------------------------------------------------------------------------------------------------- */

/* to := those of from that could be nearest somewhere in the box. */
static void prune(const struct tree *t, const struct list *from, const struct box *box, struct list *to, uint32_t *kept)
{
    const size_t d = t->f->d;
    const double reach = t->f->images.reach, drop = t->f->images.drop;
    const float slack = t->steep * (float)((2 * (double)box->reach * reach + 2 * drop) * (1 + 0x1p-20)) +
                        0x1p-120f * (1 + box->reach); /* images of centroids may have lost all their bits */
    to->count = t->kernel->prune(from->c, from->half, t->stride, from->count, box->middle, box->extent, d, slack, kept);
    for (size_t a = 0; a < to->count; a++) {
        for (size_t l = 0; l < d; l++)
            to->c[l * t->stride + a] = from->c[l * t->stride + kept[a]];
        to->half[a] = from->half[kept[a]];
        to->name[a] = from->name[kept[a]];
    }
}

/* All points of the tile are label's. */
static void give_all(struct fit *f, size_t tile, size_t count, int32_t label)
{
    int32_t *c = f->c + tile * KMU__TILE, differ = 0;
    for (size_t a = 0; a < count; a++)
        differ |= c[a] ^ label;
    if (!differ)
        return;
    for (size_t a = 0; a < count; a++)
        c[a] = label;
    f->touched[tile] = 1;
}

/* Every point of the tile meets the candidates on the list. */
static void meet(const struct tree *t, struct desk *k, size_t tile, size_t count, int thread)
{
    struct fit *f = t->f;
    int32_t *c = f->c + tile * KMU__TILE, differ = 0;
    const struct list *list = &k->tile;
    const float square = t->tile[tile].reach * t->tile[tile].reach * (1 + 0x1p-20f);
    float slack;
    kmu__frame_slack(f, &f->images, &square, 1, &slack);
    load(t, tile, k->leaf);
    t->kernel->nearest(k->leaf, f->d, list->c, list->half, t->stride, list->count, list->name, k->first, k->second, k->which);
    f->work[thread].pairs += (int64_t)(count * list->count);
    for (size_t a = 0; a < count; a++)
        if (!(k->first[a] - k->second[a] > slack))
            k->which[a] = kmu__certify(f, kmu__row(f->points, tile * KMU__TILE + a, f->row + (size_t)thread * f->row_stride),
                                       list->name, list->count, thread);
    for (size_t a = 0; a < count; a++) {
        differ |= c[a] ^ k->which[a];
        c[a] = k->which[a];
    }
    if (differ)
        f->touched[tile] = 1;
}

static void tree_group(void *context, size_t group, int thread)
{
    struct tree *t = context;
    struct fit *f = t->f;
    struct desk *k = &t->desk[thread];
    const size_t end = (group + 1) * GROUP < t->tiles ? (group + 1) * GROUP : t->tiles;
    if (!t->made)
        box_group(t, group, thread);
    prune(t, &t->all, &t->group[group], &k->group, k->kept);
    for (size_t tile = group * GROUP; tile < end; tile++) {
        const size_t from = tile * KMU__TILE, count = f->n - from < KMU__TILE ? f->n - from : KMU__TILE;
        if (k->group.count > 1)
            prune(t, &k->group, &t->tile[tile], &k->tile, k->kept);
        if (k->group.count == 1 || k->tile.count == 1)
            give_all(f, tile, count, k->group.count == 1 ? k->group.name[0] : k->tile.name[0]);
        else
            meet(t, k, tile, count, thread);
        f->work[thread].skipped += (int64_t)(count * f->distinct_count);
    }
}

/* The list of all distinct centroids, from their images. */
static void list_all(struct tree *t)
{
    const struct fit *f = t->f;
    const struct images *images = &f->images;
    const size_t wide = f->kernels->wide;
    t->all.count = images->count;
    for (size_t a = 0; a < images->count; a++) {
        for (size_t l = 0; l < f->d; l++)
            t->all.c[l * t->stride + a] = images->panels[a / wide * wide * f->d + l * wide + a % wide];
        t->all.half[a] = images->half[a];
        t->all.name[a] = f->distinct[a];
    }
}

bool kmu__assign_tree(struct fit *f)
{
    if (f->d > KMU__TREE_COLUMNS || f->points->row != f->d ||
        !kmu__images_make(&f->images, f, f->mu, f->distinct, f->distinct_count))
        return false;
    if (!f->tree && !(f->tree = open_tree(f)))
        return false;
    struct tree *t = f->tree;
    list_all(t);
    kmu__parallel(f->pool, t->groups, 3.0 * (double)f->n + (double)t->groups * (double)(f->k * f->d), tree_group, t);
    t->made = true;
    for (int a = 0; a < kmu__pool_threads(f->pool); a++)
        f->work[a].skipped -= f->work[a].pairs;
    return true;
}
