/* fonts.c - a font for every letter, by fontconfig, which knows what is installed and in which order to ask it
 * (https://www.freedesktop.org/wiki/Software/fontconfig). A letter that the first font lacks, as one for Latin lacks Chinese,
 * comes from the next one that has it; where none has, the first shows a box. */
#include <cairo-ft.h>
#include <fontconfig/fontconfig.h>
#include <stdbool.h>
#include <stdlib.h>

#include "report/fonts.h"

struct fonts {
    FcPattern *wanted;
    FcFontSet *found;
    cairo_font_face_t **face; /* of found, those that were asked for */
};

struct fonts *fonts_open(const char *family)
{
    struct fonts *f = calloc(1, sizeof *f);
    FcResult result;
    if (!f)
        return NULL;
    f->wanted = FcNameParse((const FcChar8 *)family);
    if (f->wanted && FcConfigSubstitute(NULL, f->wanted, FcMatchPattern)) {
        FcDefaultSubstitute(f->wanted);
        f->found = FcFontSort(NULL, f->wanted, FcTrue, NULL, &result);
    }
    if (f->found)
        f->face = calloc((size_t)f->found->nfont + 1, sizeof(cairo_font_face_t *));
    if (f->face)
        return f;
    fonts_close(f);
    return NULL;
}

void fonts_close(struct fonts *f)
{
    if (!f)
        return;
    for (int i = 0; f->face && i < f->found->nfont; i++)
        if (f->face[i])
            cairo_font_face_destroy(f->face[i]);
    free(f->face);
    if (f->found)
        FcFontSetDestroy(f->found);
    if (f->wanted)
        FcPatternDestroy(f->wanted);
    free(f);
}

static bool has(const FcPattern *font, uint32_t letter)
{
    FcCharSet *letters;
    return FcPatternGetCharSet(font, FC_CHARSET, 0, &letters) == FcResultMatch && FcCharSetHasChar(letters, letter);
}

cairo_font_face_t *fonts_face(struct fonts *f, uint32_t letter)
{
    int i = 0;
    while (i < f->found->nfont && !has(f->found->fonts[i], letter))
        i++;
    if (i == 0 || i == f->found->nfont)
        return NULL;
    if (!f->face[i]) {
        FcPattern *font = FcFontRenderPrepare(NULL, f->wanted, f->found->fonts[i]);
        f->face[i] = font ? cairo_ft_font_face_create_for_pattern(font) : NULL;
        if (font)
            FcPatternDestroy(font);
    }
    return f->face[i];
}
