/* host.c - a host that has taken the locale of its user: preloaded, it does so before main. What the system says of errors stays
 * English, for tests compare it.
 *
 *   cc -shared -fPIC -o host.so tests/faults/host.c;  LOCPATH=.. LC_ALL=de_DE.UTF-8 LD_PRELOAD=./host.so build/release/tests/test_fit */
#include <locale.h>
#include <stdlib.h>

static __attribute__((constructor)) void take_locale(void)
{
    if (!setlocale(LC_ALL, "") || !setlocale(LC_MESSAGES, "C"))
        abort(); /* there is no such locale */
}
