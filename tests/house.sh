#!/bin/sh
# What holds for the whole house, beyond what a compiler sees. After a release build; a few seconds: tests/house.sh [BUILD]
#
#   layers    a file includes only its own row or a lower one          size     no file over 400 lines
#   symbols   the library exports what kmu.h and debian/ declare       options  kmu --help = docs/options.md = the option tables
#             and keeps no data that is written to                     numbers  every (T3), (N2) that is cited has its section,
#   silence   the library prints nothing, reads no environment                  every test that a section names exists
#   later     no TODO                                                  links    every file that the documents link to exists
set -eu
cd "$(dirname "$0")/.."
export LC_ALL=C
build=${1:-build/release}
kmu=$build/kmu
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
[ -x "$kmu" ] && [ -e "$build/libkmu.so" ] && [ -e "$build/libkmu.a" ] || { echo "house: $build is not built" >&2; exit 1; }

# Each check prints a line for everything that is wrong.

layers() {
    find src io report cli include -type f >"$tmp/files"
    grep -rnE '^[[:space:]]*#[[:space:]]*include[[:space:]]*"' src io report cli include | awk -v files="$tmp/files" '
        BEGIN { # the rows of src/, low to high; a room that is not here has none
            split("ground exact+kernel rows fit.h layout update assign seed descend+judge kmu.c+csr+few+options+partial+points+result+select+session", rows, " ")
            for (i in rows) { n = split(rows[i], rooms, "+"); for (r = 1; r <= n; r++) row[rooms[r]] = i }
            while ((getline f < files) > 0) there[f] = 1
        }
        function row_of(f,   room) {
            split(f, part, "/")
            room = part[2]
            return room in row ? row[room] : (sub(/\.[ch]$/, "", room) && room in row) ? row[room] : 0
        }
        function fits(f, g) { # whether f may include g
            if (g == "include/kmu.h") return 1
            if (f ~ /^src\// && g ~ /^src\//) return row_of(f) && row_of(g) && row_of(g) + 0 <= row_of(f) + 0
            if (f ~ /^io\//) return g ~ /^io\//
            if (f ~ /^report\//) return g ~ /^(report|io)\//
            if (f ~ /^cli\//) return g ~ /^(cli|report|io)\//
            return 0
        }
        {
            split($0, at, ":"); f = at[1]
            match($0, /"[^"]*"/); name = substr($0, RSTART + 1, RLENGTH - 2)
            directory = f; sub(/[^\/]*$/, "", directory)
            g = directory name
            while (sub(/[^\/]+\/\.\.\//, "", g)) ;
            if (!(g in there)) g = ("include/" name in there) ? "include/" name : name
            if (!(g in there)) print f ":" at[2] ": includes \"" name "\", which is nowhere"
            else if (!fits(f, g)) print f ":" at[2] ": includes " g ", which is no lower row"
        }'
}

symbols() {
    nm -D --defined-only "$build/libkmu.so" | awk '{ print $3 }' | sort >"$tmp/exported"
    sed -n 's/^KMU_API [^(]*[ *]\(kmu_[a-z_]*\)(.*/\1/p' include/kmu.h | sort >"$tmp/declared"
    comm -23 "$tmp/exported" "$tmp/declared" | sed 's/$/: exported by libkmu.so, but not declared in kmu.h/'
    comm -13 "$tmp/exported" "$tmp/declared" | sed 's/$/: declared in kmu.h, but not exported by libkmu.so/'
    sed -n 's/^ \(.*\)@Base .*/\1/p' debian/libkmu0.symbols | sort >"$tmp/packaged"
    comm -3 "$tmp/exported" "$tmp/packaged" | tr -d '\t' | sed 's/$/: in one of libkmu.so and debian\/libkmu0.symbols alone/'
    nm -g --defined-only "$build/libkmu.a" | awk 'NF == 3 && $3 !~ /^kmu_/ { print $3 ": a global name without kmu_" }'
    objdump -h "$build/libkmu.a" | awk '
        /file format/ { member = $1; sub(/:$/, "", member) }
        $2 ~ /^\.t?(data|bss)(\.|$)/ && $2 !~ /^\.data\.rel\.ro/ && $3 !~ /^0+$/ { print member " holds data that is written to (" $2 ")" }'
}

silence() {
    words='printf|fprintf|vprintf|vfprintf|dprintf|puts|fputs|putchar|fputc|putc|perror|syslog|getenv|secure_getenv|setenv|putenv'
    grep -rnE "\\<($words|exit|_exit|_Exit|quick_exit|abort|atexit|signal|sigaction|raise|setlocale|system)[[:space:]]*\\(|\\<(stdout|stderr|environ)\\>" \
        src | sed 's/$/   (the library is silent)/' || true
}

later() {
    git ls-files | grep -vx tests/house.sh | tr '\n' '\0' | xargs -0 grep -nIsE '\<(TODO|FIXME)\>' || true
}

size() {
    git ls-files '*.c' '*.h' '*.inc' '*.py' '*.sh' | while IFS= read -r f; do
        [ -e "$f" ] || continue
        lines=$(wc -l <"$f")
        [ "$lines" -le 400 ] || echo "$f: $lines lines; 400 are enough for a file"
    done
}

# name and other spellings of every row of the two tables; a row of the command's own replaces the library's.
option_tables() {
    joined='H; ${ x; s/\n *"/ "/g; p }' # a row may go on in the next line
    sed -n "$joined" src/options.c | sed -n 's/^ *{{"\([a-z-]*\)", .*}, "\([a-z,-]*\)", [A-Z]*, .*/\1 \2/p' | sed '/^init /d; /^k /d; /^n-init /d'
    sed -n "$joined" cli/options.c | sed -n "s/^ *{\"\([a-z-]*\)\", \(0\|'.'\), \"\([a-z,-]*\)\", .*/\1 \3/p"
}

# The table of docs/options.md as --help and the option tables say it has to be.
options_by_help() {
    option_tables >"$tmp/tables"
    for command in fit predict verify convert info plot report select bench; do
        "$kmu" "$command" --help | sed -n "s/^  .*--\([a-z-]*\).*/\1 $command/p; s/^  -k .*/k $command/p"
    done >"$tmp/commands"
    "$kmu" --help | awk -v tables="$tmp/tables" -v commands="$tmp/commands" '
        BEGIN {
            while ((getline < tables) > 0) { known[$1] = 1; n = split($2, a, ","); for (i = 1; i < n; i++) spelled[$1] = spelled[$1] (i > 1 ? ", " : "") "`--" a[i] "`" }
            while ((getline < commands) > 0) { of[$1] = of[$1] (of[$1] ? ", " : "") $2 }
            known["help"] = known["version"] = 1
        }
        /^ +-/ {
            sub(/^ +/, "")
            match($0, /  +/)
            option = substr($0, 1, RSTART - 1); help = substr($0, RSTART + RLENGTH); standard = ""
            if (match(help, / \[[^]]*\]$/)) { standard = substr(help, RSTART + 2, RLENGTH - 3); help = substr(help, 1, RSTART - 1) }
            name = option
            if (!sub(/.*--/, "", name)) sub(/^-/, "", name)
            sub(/ .*/, "", name)
            if (!(name in known)) print "--" name " is in kmu --help, but in no option table"
            seen[name] = 1
            gsub(/\|/, "\\|", option)
            gsub(/\|/, "\\|", help)
            commands_of = of[name]
            sub(/^fit, predict, verify, convert, info, plot, report, select, bench$/, "all", commands_of)
            sub(/^fit, predict, verify, convert, info, plot, report, select$/, "all that read", commands_of)
            print "| `" option "` | " help " | " (standard == "" ? "" : "`" standard "`") " | " commands_of " | " spelled[name] " |"
        }
        END { for (name in known) if (!(name in seen)) print "--" name " is in an option table, but not in kmu --help" }' | sed 's/|  |/| |/g; s/|  |/| |/g'
}

options() {
    options_by_help >"$tmp/right"
    grep '^| `-' docs/options.md >"$tmp/written" || true
    diff "$tmp/written" "$tmp/right" | sed -n 's/^</docs\/options.md has:      /p; s/^>/kmu --help would have:  /p'
}

# The numbers that are cited, as file:line:T3; those that have a section; the tests that sections name, as file:name.
numbers() {
    sed -n 's/^## \([TN][0-9]*\)\..*/\1/p' docs/theory.md docs/numerics.md | sort >"$tmp/sections"
    uniq -d "$tmp/sections" | sed 's/$/: two sections in docs/'
    grep -rnoE '\([TN][0-9]+\)' src cli io report include tests/unit tests/report docs README.md CONTRIBUTING.md | tr -d '()' | while IFS=: read -r f line number; do
        grep -qx "$number" "$tmp/sections" || echo "$f:$line: cites $number, which has no section in docs/theory.md or docs/numerics.md"
    done
    grep -rhoE '^(static void|def) [A-Za-z_0-9]+' tests | awk '{ print $NF }' | sort -u >"$tmp/tests"
    for f in docs/theory.md docs/numerics.md; do
        awk '/^Tests?:/ { on = 1 } /^$/ { on = 0 } on' "$f" | grep -oE '`[A-Za-z_0-9]+`' | tr -d '`' | while read -r name; do
            grep -qx "$name" "$tmp/tests" || echo "$f: names the test $name, which is not in tests/"
        done
    done
}

links() {
    for f in README.md CONTRIBUTING.md CHANGELOG.md docs/*.md; do
        grep -oE '\]\([^)#]+' "$f" | cut -c3- | grep -v '^https:' | while IFS= read -r target; do
            [ -e "$(dirname "$f")/$target" ] || echo "$f: links to $target, which is not there"
        done || true
    done
}

for check in layers symbols silence later size options numbers links; do
    set +e
    (set -e; "$check") >"$tmp/said" 2>&1
    code=$?
    set -e
    [ "$code" = 0 ] || echo "the check itself ended with $code" >>"$tmp/said"
    sed "s/^/house: $check: /" "$tmp/said"
done >"$tmp/wrong"
[ ! -s "$tmp/wrong" ] || { cat "$tmp/wrong" >&2; exit 1; }
