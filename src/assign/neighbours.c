/* neighbours.c - centroids that lie together share a panel, so that what is far from one is far from all.
 *
 * A set is parted at right angles to the line from one of its centroids to another, both far out: a is the farthest from the first, b
 * the farthest from a, and who is nearer to a than to b, by ||c - a||^2 - ||c - b||^2, comes first. The halves have whole panels,
 * but for the last; they are parted the same way until they are one.
 *
 * A panel drifts as far as its fastest centroid. Where that opens most panels, the centroids are put into classes by their last steps
 * first, as many in each: who was fast goes on to be so.
 *
 * Any order is right. Time O(k d log k). */
#include <stdlib.h>

#include "filtering.h"

enum { CLASSES = 8, PANELS_OF_CLASS = 8 }; /* most of them; least panels of one, where there are more */

static float distance(const struct filtering *t, int32_t a, int32_t b)
{
    const struct coarse_centroids *c = &t->c;
    return t->f->filter->distance(c->image + (size_t)a * c->pad, c->image + (size_t)b * c->pad, c->d);
}

static int32_t farthest(const struct filtering *t, const struct placed *set, size_t count, int32_t from)
{
    int32_t out = from;
    float most = -1;
    for (size_t a = 0; a < count; a++) {
        const float D = distance(t, from, set[a].i);
        if (D > most) {
            most = D;
            out = set[a].i;
        }
        kmu__ask(t->f->pool);
    }
    return out;
}

static int by_key(const void *left, const void *right)
{
    const struct placed *a = left, *b = right;
    return a->key != b->key ? (a->key > b->key) - (a->key < b->key) : (a->i > b->i) - (a->i < b->i);
}

static void part(const struct filtering *t, struct placed *set, size_t count)
{
    while (count > KMU__PANEL) {
        const size_t panels = (count + KMU__PANEL - 1) / KMU__PANEL, half = panels / 2 * KMU__PANEL;
        const int32_t a = farthest(t, set, count, set[0].i), b = farthest(t, set, count, a);
        for (size_t i = 0; i < count; i++) {
            set[i].key = distance(t, a, set[i].i) - distance(t, b, set[i].i);
            kmu__ask(t->f->pool);
        }
        qsort(set, count, sizeof *set, by_key);
        part(t, set, half);
        set += half;
        count -= half;
    }
}

void kmu__neighbours(struct filtering *t, bool by_steps)
{
    const size_t k = t->f->k, panels = t->c.panels, wanted = by_steps ? panels / PANELS_OF_CLASS : 1,
                 classes = wanted < 1 ? 1 : wanted > CLASSES ? CLASSES : wanted;
    for (size_t i = 0; i < k; i++)
        t->placed[i] = (struct placed){.key = by_steps ? -t->step[i] : 0, .i = (int32_t)i};
    qsort(t->placed, k, sizeof *t->placed, by_key);
    for (size_t c = 0; c < classes; c++) {
        const size_t from = panels * c / classes * KMU__PANEL, to = c + 1 < classes ? panels * (c + 1) / classes * KMU__PANEL : k;
        part(t, t->placed + from, to - from);
    }
    for (size_t a = 0; a < panels * KMU__PANEL; a++) { /* fillers stay where they are */
        t->order[a] = a < k ? t->placed[a].i : (int32_t)a;
        t->panel[t->order[a]] = (uint32_t)(a / KMU__PANEL);
    }
}
