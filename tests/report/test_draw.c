/* test_draw.c - inks that everybody can tell apart, and text that fits. */
#include <string.h>

#include "../unit/draw.h"
#include "report/draw.h"

/* The part of the light that a colour's three bytes mean (sRGB, IEC 61966-2-1). */
static void linear(unsigned colour, double rgb[3])
{
    for (int part = 0; part < 3; part++) {
        const double v = (colour >> (16 - 8 * part) & 255) / 255.0;
        rgb[part] = v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4);
    }
}

static double luminance(unsigned colour)
{
    double rgb[3];
    linear(colour, rgb);
    return 0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2];
}

static double contrast(unsigned a, unsigned b)
{
    const double x = luminance(a) + 0.05, y = luminance(b) + 0.05;
    return fmax(x, y) / fmin(x, y);
}

/* All cones, and without one kind (Machado, Oliveira and Fernandes 2009, doi:10.1109/TVCG.2009.113, severity 1). */
static const double eyes[4][3][3] = {
    {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
    {{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216}, {-0.003882, -0.048116, 1.051998}},
    {{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413}, {-0.011820, 0.042940, 0.968881}},
    {{1.255528, -0.076749, -0.178779}, {-0.078411, 0.930809, 0.147602}, {0.004733, 0.691367, 0.303900}},
};

static void product(const double m[3][3], const double v[3], double out[3])
{
    for (int i = 0; i < 3; i++)
        out[i] = m[i][0] * v[0] + m[i][1] * v[1] + m[i][2] * v[2];
}

static void lab(unsigned colour, int eye, double out[3])
{
    static const double xyz[3][3] = {
        {0.4124564, 0.3575761, 0.1804375}, {0.2126729, 0.7151522, 0.0721750}, {0.0193339, 0.1191920, 0.9503041}};
    static const double white[3] = {0.95047, 1, 1.08883};
    double rgb[3], seen[3], f[3];
    linear(colour, rgb);
    product(eyes[eye], rgb, seen);
    for (int i = 0; i < 3; i++)
        seen[i] = fmin(fmax(seen[i], 0), 1);
    product(xyz, seen, f);
    for (int i = 0; i < 3; i++) {
        const double t = f[i] / white[i];
        f[i] = t > 216.0 / 24389 ? cbrt(t) : (24389.0 / 27 * t + 16) / 116;
    }
    out[0] = 116 * f[1] - 16;
    out[1] = 500 * (f[0] - f[1]);
    out[2] = 200 * (f[1] - f[2]);
}

static void hues_differ_for_everyone(void **state)
{
    (void)state;
    for (int theme = THEME_LIGHT; theme <= THEME_DARK; theme++)
        for (int eye = 0; eye < 4; eye++)
            for (int a = 0; a < HUES; a++)
                for (int b = 0; b < a; b++) {
                    double x[3], y[3];
                    lab(ink_colour((enum ink)(INK_HUE + a), (enum theme)theme), eye, x);
                    lab(ink_colour((enum ink)(INK_HUE + b), (enum theme)theme), eye, y);
                    const double apart = sqrt(pow(x[0] - y[0], 2) + pow(x[1] - y[1], 2) + pow(x[2] - y[2], 2));
                    if (apart < 20)
                        fail_msg("theme %d, eye %d: hues %d and %d are %g apart", theme, eye, a, b, apart);
                }
}

static void inks_stand_out_from_the_paper(void **state)
{
    (void)state;
    for (int theme = THEME_LIGHT; theme <= THEME_DARK; theme++) {
        const unsigned paper = ink_colour(INK_PAPER, (enum theme)theme);
        assert_true(contrast(ink_colour(INK_TEXT, (enum theme)theme), paper) >= 7);
        assert_true(contrast(ink_colour(INK_MUTED, (enum theme)theme), paper) >= 4.5);
        for (int i = INK_EDGE; i < INKS; i++)
            if (i != INK_GRID && contrast(ink_colour((enum ink)i, (enum theme)theme), paper) < 3)
                fail_msg("theme %d: ink %d has contrast %g", theme, i,
                         contrast(ink_colour((enum ink)i, (enum theme)theme), paper));
    }
}

static void text_is_cut_to_fit(void **state)
{
    (void)state;
    char text[64];
    text_fit(text, sizeof text, "width", 10, 1000);
    assert_string_equal(text, "width");
    text_fit(text, sizeof text, "\x1b[31mred", 10, 1000);
    assert_string_equal(text, "\\x1b[31mred");
    for (int width = 20; width < 150; width += 7)
        for (size_t bytes = 8; bytes <= sizeof text; bytes += 7) {
            text_fit(text, bytes,
                     "Fl\xc3\xa4"
                     "che in \xe2\x82\xac je Einheit, gemessen",
                     10, width);
            assert_true(strlen(text) < bytes && text_width(text, 10) <= width);
            const char *last = text + strlen(text) - 3;
            assert_string_equal(last, "...");
            assert_true(last == text || (last[-1] & 0xc0) != 0xc0); /* no character is cut in two */
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hues_differ_for_everyone),
        cmocka_unit_test(inks_stand_out_from_the_paper),
        cmocka_unit_test(text_is_cut_to_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
