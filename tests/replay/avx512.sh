#!/bin/sh
# The equality suite on AVX-512, for machines without it: avx512.sh [WORK]. About ten minutes.
#
# bochs emulates a CPU that has it, at a hundredth of the speed. It boots Debian's kernel with an init that runs replay.c
# over every case of tests/exact, holds the answers against the checker's, and says so on the serial line. (The kernel finds
# bochs's size of compacted XSAVE states inconsistent and would do without AVX, so XSAVEC and XSAVES are hidden from it.)
set -eu
cd "$(dirname "$0")/../.."
work=${1:-build/replay}
packages="gcc libc6-dev python3-numpy bochs bochsbios busybox-static isolinux syslinux-common genisoimage cpio"
missing=""
for package in $packages; do
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
home=$(pwd)
work=$(cd "$work" && pwd)
PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 tests/replay/replay_cases.py write "$work/cases" "$work/answers"
rm -rf "$work/avx512"
mkdir -p "$work/avx512/root/bin" "$work/avx512/root/dev" "$work/avx512/root/proc" "$work/avx512/iso"
# shellcheck disable=SC2046
gcc -O2 -std=c11 -D_GNU_SOURCE -ffp-contract=off -Wno-psabi -static -Iinclude -Isrc $(find src -name '*.c' | sort) \
    tests/replay/replay.c -o "$work/avx512/root/bin/replay" -lm -lpthread
cp "$work/cases" "$work/answers" "$work/avx512/root/"
count=$(od -An -tu4 -N4 "$work/cases" | tr -d ' ')

cd "$work/avx512"
cp /bin/busybox root/bin/
cat >root/init <<'END'
#!/bin/busybox sh
/bin/busybox mount -t devtmpfs dev /dev
for way in "dense avx512 1" "dense avx512 3"; do
    /bin/replay /cases /got $way && /bin/busybox cmp /answers /got && echo "EQUAL $way"
done
echo "END"
/bin/busybox sleep 100000
END
chmod +x root/init
(cd root && find . | cpio -o -H newc --quiet | gzip -1 >../iso/initrd)

kernel=$(apt-cache depends linux-image-cloud-amd64 | sed -n 's/.*Depends: \(linux-image-[0-9].*\)/\1/p' | head -n 1)
apt-get download "$kernel" >/dev/null 2>&1
dpkg -x "$kernel"_*.deb kernel
cp kernel/boot/vmlinuz-* iso/vmlinuz
cp /usr/lib/ISOLINUX/isolinux.bin /usr/lib/syslinux/modules/bios/ldlinux.c32 iso/
cat >iso/isolinux.cfg <<'END'
default replay
prompt 0
label replay
 kernel vmlinuz
 append initrd=initrd console=ttyS0 quiet panic=-1 mitigations=off tsc=reliable no_timer_check clearcpuid=321,323
END
genisoimage -quiet -o replay.iso -b isolinux.bin -c boot.cat -no-emul-boot -boot-load-size 4 -boot-info-table iso

cat >bochsrc <<'END'
display_library: rfb, options="timeout=0"
cpu: model=corei7_skylake_x, count=1, ips=100000000
megs: 512
romimage: file=/usr/share/bochs/BIOS-bochs-latest
vgaromimage: file=/usr/share/bochs/VGABIOS-lgpl-latest
ata0-master: type=cdrom, path=replay.iso, status=inserted
boot: cdrom
sound: waveoutdrv=dummy, waveindrv=dummy, midioutdrv=dummy
com1: enabled=1, mode=file, dev=serial
clock: sync=none, time0=utc
log: log
panic: action=fatal
error: action=ignore
info: action=ignore
END
echo c >commands # Debian's bochs begins in its debugger
: >serial
timeout 3000 bochs -q -f bochsrc -rc commands </dev/null >said 2>&1 &
bochs=$!
trap 'kill $bochs 2>/dev/null || true' EXIT
trap 'exit 1' INT TERM
while ! grep -q '^END' serial; do
    kill -0 $bochs 2>/dev/null || { echo "bochs ended too early; see $work/avx512/said" >&2; exit 1; }
    sleep 2
done

status=0
for way in "dense avx512 1" "dense avx512 3"; do
    if grep -q "^EQUAL $way" serial; then
        echo "bochs $way: $count of $count cases equal to the bit"
    else
        echo "bochs $way: not equal"
        status=1
    fi
done
[ "$status" = 0 ] || cat serial
cd "$home"
sed -n 's/.*differ: char \([0-9]*\),.*/\1/p' "$work/avx512/serial" | while read -r byte; do
    echo "the first that differs:"
    PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 tests/replay/replay_cases.py name "$work/cases" "$work/answers" $((byte - 1))
done
exit $status
