#!/bin/sh
# What is installed can be used: by pkg-config (shared, static), by find_package, by one line of cc, from C++; the same words each time.
# After a release build; about ten seconds.
set -eu
cd "$(dirname "$0")/.."
here=$PWD build=${1:-build/release}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
prefix=$tmp/prefix
fail() { printf 'install: %s\n' "$*" >&2; exit 1; }
quiet() { "$@" >"$tmp/log" 2>&1 || { cat "$tmp/log" >&2; fail "failed: $*"; }; }

quiet cmake --install "$build" --prefix "$prefix"
pc=$(find "$prefix" -name kmu.pc)
[ -n "$pc" ] || fail "kmu.pc is not installed"
lib=$(dirname "$(dirname "$pc")")
for file in "$prefix/include/kmu.h" "$lib/libkmu.so" "$lib/libkmu.a" "$lib/cmake/kmu/kmuConfig.cmake" "$prefix/bin/kmu"; do
    [ -e "$file" ] || fail "${file#"$prefix"/} is not installed"
done
for file in man/man1/kmu.1 bash-completion/completions/kmu zsh/site-functions/_kmu fish/vendor_completions.d/kmu.fish; do
    [ -s "$prefix/share/$file" ] || fail "share/$file is not installed"
done
lib=$tmp/moved${lib#"$prefix"}
mv "$prefix" "$tmp/moved" # what is installed may be moved
prefix=$tmp/moved
export PKG_CONFIG_PATH="$lib/pkgconfig" LD_LIBRARY_PATH="$lib"
[ "$("$prefix/bin/kmu" --version)" = "kmu $(pkg-config --modversion kmu)" ] || fail "kmu --version is not kmu.pc's"

# A project of its own.
mkdir "$tmp/project"
cp examples/quickstart.c "$tmp/project"
cat >"$tmp/project/CMakeLists.txt" <<'EOF'
cmake_minimum_required(VERSION 3.25)
project(quickstart C)
find_package(kmu 0.1 REQUIRED)
foreach(kind kmu shared static)
    add_executable(cmake_${kind} quickstart.c)
    target_link_libraries(cmake_${kind} PRIVATE kmu::${kind})
endforeach()
EOF
cd "$tmp/project"
# shellcheck disable=SC2046
{
    quiet cc quickstart.c $(pkg-config --cflags --libs kmu) -o pc_shared
    quiet cc -static quickstart.c $(pkg-config --static --cflags --libs kmu) -o pc_static
}
quiet cmake -S . -B cmake -DCMAKE_PREFIX_PATH="$prefix"
quiet cmake --build cmake
mv cmake/cmake_kmu cmake/cmake_shared cmake/cmake_static .

# No build system at all: the line of the README.
# shellcheck disable=SC2046
(cd "$here" && quiet cc -std=c11 -O2 -ffp-contract=off -D_GNU_SOURCE -Iinclude $(find src -name '*.c') examples/quickstart.c \
    -lm -lpthread -o "$tmp/project/one_line")

./one_line >right || fail "one_line failed"
for program in pc_shared pc_static cmake_kmu cmake_shared cmake_static; do
    "./$program" >got || fail "$program failed"
    cmp -s right got || { diff right got >&2; fail "$program says something else than one_line"; }
done
for program in pc_shared cmake_kmu cmake_shared; do
    ldd "$program" | grep -q "libkmu.so.0 => $lib/" || fail "$program does not use the shared library"
done

command -v g++ >"$tmp/log" || exit 0
cat >cpp.cc <<'EOF'
#include "kmu.h"
#include <cstdio>
int main()
{
    const float x[4] = {0, 1, 10, 11};
    kmu_points points = {};
    points.size = sizeof points, points.type = KMU_F32, points.n = 4, points.d = 1, points.x = x;
    kmu_options options;
    kmu_options_init(&options, sizeof options);
    options.k = 2;
    kmu_result *r = nullptr;
    if (kmu_fit(&points, &options, &r, nullptr) != KMU_OK)
        return 1;
    std::printf("J = %g, %s\n", r->J, kmu_stop_name(r->stop));
    kmu_result_free(r);
}
EOF
# shellcheck disable=SC2046
quiet g++ -std=c++11 -Wall -Wextra -Wpedantic -Werror cpp.cc $(pkg-config --cflags --libs kmu) -o cpp
[ "$(./cpp)" = "J = 1, fixpoint" ] || fail "from C++: $(./cpp)"
