/* quickstart.c - twelve irises, three clusters. */
#include <stdio.h>

#include "kmu.h"

int main(void)
{
    /* sepal length, sepal width, petal length, petal width, in cm */
    static const double x[12][4] = {
        {5.1, 3.5, 1.4, 0.2}, {4.9, 3.0, 1.4, 0.2}, {4.7, 3.2, 1.3, 0.2}, {4.6, 3.1, 1.5, 0.2},
        {7.0, 3.2, 4.7, 1.4}, {6.4, 3.2, 4.5, 1.5}, {6.9, 3.1, 4.9, 1.5}, {5.5, 2.3, 4.0, 1.3},
        {6.3, 3.3, 6.0, 2.5}, {5.8, 2.7, 5.1, 1.9}, {7.1, 3.0, 5.9, 2.1}, {6.3, 2.9, 5.6, 1.8},
    };
    kmu_points points = {.size = sizeof points, .type = KMU_F64, .n = 12, .d = 4, .x = x};
    kmu_options options;
    kmu_result *r;
    kmu_error error;

    kmu_options_init(&options, sizeof options);
    options.k = 3;
    options.n_init = 10;
    if (kmu_fit(&points, &options, &r, &error) != KMU_OK) {
        fprintf(stderr, "%s\n", error.text);
        return 1;
    }
    printf("J = %.17g after %lld turns (%s)\n", r->J, (long long)r->iterations, kmu_stop_name(r->stop));
    for (size_t i = 0; i < r->k; i++) {
        const double *mu = (const double *)r->mu + i * r->d;
        printf("%lld flowers around %g %g %g %g\n", (long long)r->count[i], mu[0], mu[1], mu[2], mu[3]);
    }
    kmu_result_free(r);
    return 0;
}
