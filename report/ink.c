/* ink.c - what inks look like.
 *
 * The hues differ for everyone: seen as they are, and without one kind of cone (Machado, Oliveira and Fernandes 2009,
 * doi:10.1109/TVCG.2009.113), any two are at least 20 apart in CIELAB (ISO/CIE 11664-4), and each has at least 3 : 1 contrast
 * to the paper (WCAG 2.2, 1.4.11). They were found by a search for the largest such distance near hues of Okabe and Ito
 * (2008). Text has at least 4.5 : 1 (1.4.3). tests/report/test_draw.c measures both. */
#include "report/draw.h"

/* clang-format off */
static const unsigned light[INKS] = {
    [INK_PAPER] = 0xffffff, [INK_TEXT] = 0x1b1e24, [INK_MUTED] = 0x5b616c, [INK_EDGE] = 0x6b7280, [INK_GRID] = 0xe3e6ea,
    [INK_HUE] = 0x3794f9, 0xd0761e, 0x659e59, 0xb3006f, 0x6f5509, 0x928bb9, 0x6f44b3, 0x8e4042,
};
static const unsigned dark[INKS] = {
    [INK_PAPER] = 0x14171c, [INK_TEXT] = 0xeceef1, [INK_MUTED] = 0xa4abb6, [INK_EDGE] = 0x8b929e, [INK_GRID] = 0x2b3038,
    [INK_HUE] = 0x3bd3ff, 0xdd502b, 0x7ebe71, 0xad5291, 0xc2d407, 0x4a70d4, 0xf6b9c3, 0x6d6751,
};
/* clang-format on */

unsigned ink_colour(enum ink ink, enum theme theme)
{
    return theme == THEME_DARK ? dark[ink] : light[ink];
}
