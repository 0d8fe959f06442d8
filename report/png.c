/* png.c - a raster as PNG (ISO/IEC 15948:2004): red, green and blue, or a palette of tones with their opacity. */
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "report/draw.h"

static unsigned char *put_u32(unsigned char *at, uint32_t v)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        *at++ = (unsigned char)(v >> shift);
    return at;
}

/* A chunk; its content may lie where it belongs already. Returns its end. */
static unsigned char *put_chunk(unsigned char *at, const char *type, const unsigned char *content, size_t count)
{
    put_u32(at, (uint32_t)count);
    memcpy(at + 4, type, 4);
    if (content != at + 8)
        memcpy(at + 8, content, count);
    return put_u32(at + 8 + count, (uint32_t)crc32(crc32(0, NULL, 0), at + 4, (uInt)count + 4));
}

/* The colours of tones, and how opaque they are. */
static void palette(enum theme theme, unsigned char colour[256][3], unsigned char opacity[256])
{
    memset(opacity, 0, 256);
    memset(colour, 0, 3 * 256);
    for (int i = 1; i <= HUES * TONES; i++) {
        const unsigned rgb = ink_colour((enum ink)(INK_HUE + (i - 1) / TONES), theme);
        for (int part = 0; part < 3; part++)
            colour[i][part] = (unsigned char)(rgb >> (16 - 8 * part));
        opacity[i] = (unsigned char)(255 * ((i - 1) % TONES + 1) / TONES);
    }
}

unsigned char *png_bytes(const struct raster *r, enum theme theme, size_t *count)
{
    enum { FRAMES = 8 + 25 + (12 + 768) + (12 + 256) + 12 + 12 };
    const size_t row = r->width * (r->rgb ? 3 : 1), plain = (row + 1) * r->height;
    uLongf packed = compressBound((uLong)plain);
    unsigned char *lines = malloc(plain), *file = malloc(packed + FRAMES), *at = file;
    if (!lines || !file) {
        free(lines);
        free(file);
        return NULL;
    }
    for (size_t y = 0; y < r->height; y++) {
        lines[y * (row + 1)] = 0; /* no filter */
        memcpy(lines + y * (row + 1) + 1, (r->rgb ? r->rgb : r->tone) + y * row, row);
    }
    unsigned char head[13] = {0}, colour[256][3], opacity[256];
    put_u32(put_u32(head, (uint32_t)r->width), (uint32_t)r->height);
    head[8] = 8;
    head[9] = r->rgb ? 2 : 3;
    memcpy(at, "\x89PNG\r\n\x1a\n", 8);
    at = put_chunk(at + 8, "IHDR", head, sizeof head);
    if (!r->rgb) {
        palette(theme, colour, opacity);
        at = put_chunk(at, "PLTE", colour[0], sizeof colour);
        at = put_chunk(at, "tRNS", opacity, sizeof opacity);
    }
    const int status = compress2(at + 8, &packed, lines, (uLong)plain, 9);
    free(lines);
    if (status != Z_OK) {
        free(file);
        return NULL;
    }
    at = put_chunk(at, "IDAT", at + 8, packed);
    at = put_chunk(at, "IEND", head, 0);
    *count = (size_t)(at - file);
    return file;
}
