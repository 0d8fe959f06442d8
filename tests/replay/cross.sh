#!/bin/sh
# The equality suite on another architecture: cross.sh aarch64|s390x|native [WORK].
#
# Builds the library and replay.c with a cross compiler, runs every case of tests/exact under qemu, and holds the answers
# against the checker's to the bit. s390x is big-endian. Work goes to build/replay.
set -eu
cd "$(dirname "$0")/../.."
target=${1:?aarch64, s390x or native}
work=${2:-build/replay}
flags=""
case $target in
aarch64) packages="gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user" cc=aarch64-linux-gnu-gcc run=qemu-aarch64 isas="plain base neon" ;;
s390x) packages="gcc-s390x-linux-gnu libc6-dev-s390x-cross qemu-user" cc=s390x-linux-gnu-gcc run=qemu-s390x isas=plain
    flags=-fexcess-precision=fast ;; # its compiler's word for FLT_EVAL_METHOD = 0 when the standard is c11
native) packages="gcc libc6-dev" cc=gcc run="" isas="plain base" ;;
*) echo "cross.sh: no target $target" >&2 && exit 2 ;;
esac
if [ "$target" = native ]; then
    for isa in avx2 avx512f; do
        grep -qw "$isa" /proc/cpuinfo && isas="$isas ${isa%f}"
    done
fi

missing=""
for package in $packages python3-numpy; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q '^install ok installed$' || missing="$missing $package"
done
if [ -n "$missing" ]; then
    as_root=""
    [ "$(id -u)" = 0 ] || as_root=sudo
    export DEBIAN_FRONTEND=noninteractive
    $as_root apt-get update -qq
    # shellcheck disable=SC2086
    $as_root apt-get install -y -qq --no-install-recommends $missing >/dev/null
fi

mkdir -p "$work"
PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 tests/replay/replay_cases.py write "$work/cases" "$work/answers"
# shellcheck disable=SC2046
$cc -O2 -std=c11 -D_GNU_SOURCE -ffp-contract=off -Wno-psabi -static ${flags:+"$flags"} -Iinclude -Isrc $(find src -name '*.c' | sort) \
    tests/replay/replay.c -o "$work/replay-$target" -lm -lpthread

count=$(od -An -tu4 -N4 "$work/cases" | tr -d ' ')
status=0
for isa in $isas; do
    for algorithm in plain dense filter bounds tree; do
        for threads in 1 3; do
            got=$work/$target-$algorithm-$isa-$threads
            $run "$work/replay-$target" "$work/cases" "$got" "$algorithm" "$isa" "$threads" || status=1
            if cmp -s "$work/answers" "$got"; then
                echo "$target $isa $algorithm, $threads threads: $count of $count cases equal to the bit"
                rm "$got"
            else
                status=1
                echo "$target $isa $algorithm, $threads threads: these of $count cases differ:"
                PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 tests/replay/replay_cases.py compare "$work/cases" "$work/answers" "$got" || true
            fi
        done
    done
done
exit $status
