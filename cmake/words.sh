#!/bin/sh
# What a shell and man know of the command, made of its own --help: cmake/words.sh KMU man|bash|zsh|fish [FILE].
# Which values an option has, kmu says when it is given none of them.
set -eu
export LC_ALL=C
kmu=$1
kind=$2
[ $# -lt 3 ] || exec >"$3"
tab=$(printf '\t')
commands=$("$kmu" --help | awk '/^  kmu / { print $2 }')

# A line for each option of a command: command, letter, name, value, help, values.
table() {
    for command in $commands; do
        "$kmu" "$command" --help | awk -v command="$command" -v OFS='\t' '/^ +-/ {
            sub(/^ +/, ""); match($0, /  +/)
            left = substr($0, 1, RSTART - 1); help = substr($0, RSTART + RLENGTH); n = split(left, word, /,? /)
            letter = name = value = ""
            for (i = 1; i <= n; i++)
                if (word[i] ~ /^--/) name = substr(word[i], 3)
                else if (word[i] ~ /^-/) letter = substr(word[i], 2)
                else value = word[i]
            print command, letter, name, value, help
        }' | while IFS= read -r line; do
            name=$(printf '%s\n' "$line" | cut -f3)
            case $(printf '%s\n' "$line" | cut -f4) in
            NAME) values=$("$kmu" "$command" - --"$name" '?' 2>&1 | sed -n 's/.*: not one of //p') ;;
            *"|FILE"* | *"FILE|"*) values=FILE ;;
            FILE) values=FILE ;;
            *"|"*) values=$(printf '%s\n' "$line" | cut -f4 | tr '|' ' ') ;;
            *) values= ;;
            esac
            printf '%s\t%s\n' "$line" "$values"
        done
    done
}

man() {
    awk -F "$tab" -v version="$("$kmu" --version)" '
        function shown(s) { gsub(/\\/, "\\e", s); gsub(/-/, "\\-", s); sub(/^[.\047]/, "\\\\\\&&", s); return s }
        NR == 1 {
            print ".TH KMU 1 \"\" \"" version "\" \"User commands\"\n.SH NAME\nkmu \\- k\\-means with one right answer\n.SH SYNOPSIS"
            while ((getline line < "/dev/stdin") > 0 && line !~ /^DATA is/) if (line ~ /^  kmu /) print ".nf\n" shown(substr(line, 3)) "\n.fi"
            print ".SH DESCRIPTION\n" shown(line)
            while ((getline line < "/dev/stdin") > 0 && line !~ /these are all/) print shown(line)
            sub(/ kmu COMMAND.*/, "", line)
            print shown(line)
            while ((getline line < "/dev/stdin") > 0 && line !~ /^Exit codes/) ;
            codes = shown(line)
            while ((getline line < "/dev/stdin") > 0) codes = codes "\n" shown(line)
        }
        $1 != command { command = $1; print ".SH OPTIONS OF KMU " toupper(command) }
        {
            left = ($2 != "" ? "\\fB\\-" $2 "\\fR" : "") ($2 != "" && $3 != "" ? ", " : "") ($3 != "" ? "\\fB\\-\\-" shown($3) "\\fR" : "")
            print ".TP\n" left ($4 != "" ? " \\fI" shown($4) "\\fR" : "") "\n" shown($5)
        }
        END { print ".SH EXIT STATUS\n" codes }' "$1"
}

bash() {
    awk -F "$tab" '
        {
            options[$1] = options[$1] ($2 != "" ? " -" $2 : "") ($3 != "" ? " --" $3 : "")
            if (!($1 in seen)) { seen[$1]; list = list " " $1 }
            if ($4 == "") next
            of = ($2 != "" ? "-" $2 : "") ($2 != "" && $3 != "" ? " | " : "") ($3 != "" ? "--" $3 : "")
            if (!(of in value)) order[++n] = of
            value[of] = $6
        }
        END {
            print "# bash completion of kmu\n_kmu() {\n    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} words="
            print "    [ \"$word\" != = ] || word=\n    [ \"$before\" != = ] || before=${COMP_WORDS[COMP_CWORD - 2]}\n    COMPREPLY=()"
            print "    if [ \"$COMP_CWORD\" = 1 ]; then\n        COMPREPLY=($(compgen -W \"" substr(list, 2) " --help --version\" -- \"$word\"))\n        return\n    fi"
            print "    case $before in"
            for (i = 1; i <= n; i++) {
                v = value[order[i]]
                print "    " order[i] ") " (v == "FILE" ? "COMPREPLY=($(compgen -f -- \"$word\"))" : v != "" ? "COMPREPLY=($(compgen -W \"" v "\" -- \"$word\"))" : ":") "; return ;;"
            }
            print "    esac\n    case ${COMP_WORDS[1]} in"
            for (c in seen) print "    " c ") words=\"" substr(options[c], 2) "\" ;;"
            print "    esac\n    case $word in\n    -*) COMPREPLY=($(compgen -W \"$words\" -- \"$word\")) ;;\n    *) COMPREPLY=($(compgen -f -- \"$word\")) ;;\n    esac\n}"
            print "complete -o filenames -F _kmu kmu"
        }' "$1"
}

zsh() {
    awk -F "$tab" '
        function shown(s) { gsub(/\[/, "\\[", s); gsub(/\]/, "\\]", s); gsub(/:/, "\\:", s); gsub(/\047/, "\047\\\047\047", s); return s }
        NR == 1 { print "#compdef kmu\n# zsh completion of kmu\ncase $words[2] in" }
        $1 != command { if (command) print "        \047*:data:_files\047\n    ;;"; command = $1; list = list " " command; print command ")\n    _arguments -s \\" }
        {
            then = $4 == "" ? "" : ":" shown($4) ":" ($6 == "FILE" ? "_files" : $6 != "" ? "(" $6 ")" : "")
            said = "[" shown($5) "]" then "\047 \\"
            if ($2 != "") print "        \047-" $2 ($4 != "" ? "+" : "") said
            if ($3 != "") print "        \047--" $3 ($4 != "" ? "=" : "") said
        }
        END { print "        \047*:data:_files\047\n    ;;\n*) compadd --" list " ;;\nesac" }' "$1"
}

fish() {
    awk -F "$tab" '
        function shown(s) { gsub(/[\\\047]/, "\\\\&", s); return "\047" s "\047" }
        NR == 1 { print "# fish completion of kmu" }
        !($1 in seen) { seen[$1]; print "complete -c kmu -n __fish_use_subcommand -f -a " $1 }
        {
            print "complete -c kmu -n \047__fish_seen_subcommand_from " $1 "\047" ($2 != "" ? " -s " $2 : "") ($3 != "" ? " -l " $3 : "") \
                ($4 == "" ? "" : $6 == "FILE" ? " -r" : $6 != "" ? " -x -a " shown($6) : " -x") " -d " shown($5)
        }' "$1"
}

tmp=$(mktemp)
trap 'rm -f "$tmp"' EXIT
table >"$tmp"
"$kmu" --help | "$kind" "$tmp"
