/* margins.c - margins that follow the centroids (margins.h). */
#include "margins.h"

#include <math.h>

#include "../layout/frame.h"

struct margins *kmu__margins_open(struct fit *f)
{
    struct memory m = kmu__memory(f->options);
    struct margins *t, draft = {0};
    if (f->margins)
        return f->margins;
    m.as_it_comes = true;
    kmu__wish(&m, &t, 1, sizeof *t);
    kmu__wish(&m, &draft.margin, f->n, sizeof *draft.margin);
    kmu__wish(&m, &draft.loss, f->k, sizeof *draft.loss);
    if (kmu__grant(&m, NULL) != KMU_OK)
        return NULL;
    draft.memory = m;
    *t = draft;
    return f->margins = t;
}

void kmu__margins_close(struct fit *f)
{
    if (!f->margins)
        return;
    struct memory memory = f->margins->memory;
    kmu__give_back(&memory);
    f->margins = NULL;
}

void kmu__margins_lose(struct margins *t, const struct fit *f)
{
    float most = 0, next = 0;
    size_t fastest = 0;
    for (size_t i = 0; i < f->k; i++) {
        t->loss[i] = kmu__frame_moved(f, i, f->last);
        next = fmaxf(next, fminf(most, t->loss[i]));
        fastest = t->loss[i] > most ? i : fastest;
        most = fmaxf(most, t->loss[i]);
    }
    for (size_t i = 0; i < f->k; i++)
        t->loss[i] = (t->loss[i] + (i == fastest ? next : most)) * (1 + 0x1p-22f);
}
