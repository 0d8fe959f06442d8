#!/bin/sh
# A fixed set of files, fits and what follows from them, made by one build of the command: fits.sh FOLDER KMU [ARGUMENT..], the
# hash of each file on a line. KMU may be an emulator. The same lines come out of every build on every machine.
set -eu
export LC_ALL=C
folder=$1
shift
iris=$(cd "$(dirname "$0")/../../examples" && pwd)/iris.csv
rm -rf "$folder"
mkdir -p "$folder/bin"
cd "$folder"
{
    echo '#!/bin/sh'
    printf 'exec'
    printf " '%s'" "$@"
    echo ' "$@"'
} >bin/kmu
chmod +x bin/kmu
PATH=$PWD/bin:$PATH

# 3000 x 12 around 9 places, from a linear congruential generator, and weights.
awk 'function draw() { state = (state * 16807) % 2147483647; return state }
    BEGIN {
        state = 7
        for (j = 0; j < 3000; j++) {
            place = draw() % 9; row = ""
            for (l = 0; l < 12; l++) row = row (l ? "," : "") (place * (l + 3) % 11) * 700 + draw() % 1000 "." draw() % 1000
            print row
            print draw() % 5 "." draw() % 10 >"weights.csv"
        }
    }' >drawn.csv
awk -F, '{ print int($1 / 40) "," int($2 / 40) "," int($7 / 40) }' drawn.csv >bytes.csv
for suffix in npy tsv.gz csv.zst; do
    kmu convert drawn.csv -q -o "drawn.$suffix"
done
for suffix in fvecs f32.npy; do
    kmu convert drawn.csv -q --dtype f32 -o "drawn.$suffix"
done
for suffix in bvecs ivecs; do
    kmu convert bytes.csv -q -o "bytes.$suffix"
done

fit() { # fit NAME DATA OPTION..; of the trace, what is no matter of time and way
    name=$1
    shift
    kmu fit "$@" -q --max-iter 60 -o "$name.model" --labels "$name-labels.npy" --centers "$name-centers.npy" --trace trace.csv
    awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) if ($i ~ /^(run|turn|J_assign|J_update|moved|shift)$/) keep[i] }
        { for (i = 1; i <= NF; i++) if (i in keep) printf "%s ", $i; print "" }' trace.csv >"$name-turns.txt"
    rm trace.csv
}
for init in kmeans++ 'kmeans||' random first; do
    fit "$init" drawn.csv -k 25 --init "$init" --n-init 2
done
for method in lloyd bisecting minibatch; do
    for data in drawn.npy drawn.f32.npy bytes.bvecs "$iris"; do
        fit "$method-$(basename "$data")" "$data" -k 6 --method "$method" --seed 3
    done
done
fit weighted drawn.fvecs -k 12 --weights weights.csv --scale robust
fit z drawn.tsv.gz -k 12 --scale z --columns 1-7
fit column drawn.csv.zst -k 40 --columns 3
kmu predict drawn.csv -q -m weighted.model -o predicted.npy --distances distances.npy
kmu verify drawn.tsv.gz -m z.model --columns 1-7 >proved.txt
rm -r bin
sha256sum -- *
