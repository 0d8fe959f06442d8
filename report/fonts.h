/* fonts.h - a font for every letter, where kmu is built with cairo. */
#ifndef KMU_REPORT_FONTS_H
#define KMU_REPORT_FONTS_H

#include <cairo.h>
#include <stdint.h>

struct fonts;
/* Those that a family stands for; NULL without memory. */
struct fonts *fonts_open(const char *family);
void fonts_close(struct fonts *);
/* The first font that has a letter, or NULL: the one that cairo takes for the family. It lasts as long as the fonts. */
cairo_font_face_t *fonts_face(struct fonts *, uint32_t letter);
#endif
