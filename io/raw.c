/* raw.c - numbers and nothing else: n x d in C order, little-endian; --shape and --dtype say what they are. */
#include "io/format.h"

kmu_status raw_read(struct stream *s, const struct table_options *options, int detail, struct table *t, kmu_error *error)
{
    (void)detail;
    if (options->shape_n == 0 || options->shape_d == 0 || options->dtype == 0)
        return table_fail(error, KMU_EUSAGE, "%s: a raw file needs --shape N,D and --dtype (f32, u8, ..)", stream_name(s));
    kmu_status status = table_shape(t, s, options->shape_n, options->shape_d, options->dtype, error);
    if (!status)
        status = table_take(t, s, error);
    if (!status && big_endian())
        swap_bytes(t->x, t->n * t->d, type_bytes(t->type));
    return status;
}

kmu_status raw_write(struct output *out, int detail, const struct table *t, kmu_error *error)
{
    (void)detail;
    return table_put(out, t, t->type, NULL, 0, big_endian(), error);
}
