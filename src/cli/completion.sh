#!/bin/sh
# SPDX-License-Identifier: MIT
# Bash's completion of leadseq, from what the program says of its commands, their
# options and the keys of experiment files. completion.sh PROGRAM >leadseq.bash
program=$1
commands=$("$program" help | sed -nE '/^Commands:/,/^$/s/^  ([a-z]+) .*/\1/p' | tr '\n' ' ')
[ -n "$commands" ] || { echo "completion.sh: $program help lists no commands" >&2; exit 1; }
cat <<TEXT
# bash completion of leadseq, generated from the program by src/cli/completion.sh.
_leadseq_options()
{
    case \$1 in
TEXT
for command in $commands; do
    options=$("$program" "$command" --help | grep -oE '^ +(-[^ ], )?--[a-z][a-z-]*=?' | grep -oE -- '--.*' | tr '\n' ' ')
    printf '    %s) echo "%s" ;;\n' "$command" "${options% }"
done
cat <<TEXT
    esac
}

_leadseq()
{
    local word=\${COMP_WORDS[COMP_CWORD]} command=\${COMP_WORDS[1]:-}
    COMPREPLY=()
    if [ "\$COMP_CWORD" = 1 ]; then
        mapfile -t COMPREPLY < <(compgen -W "$commands help --help --version" -- "\$word")
    elif [ "\$command" = help ]; then
        mapfile -t COMPREPLY < <(compgen -W "$commands experiment" -- "\$word")
    elif [ "\${word:0:1}" = - ]; then
        mapfile -t COMPREPLY < <(compgen -W "\$(_leadseq_options "\$command")" -- "\$word")
    elif [ "\$command" = train ] || [ "\$command" = sweep ]; then
        mapfile -t COMPREPLY < <(compgen -f -- "\$word"; [ -z "\$word" ] || compgen -W "$(
    "$program" help experiment | sed -nE 's/^([a-z_.0-9]+): .*/\1=/p' | tr '\n' ' ')" -- "\$word")
    else
        mapfile -t COMPREPLY < <(compgen -f -- "\$word")
    fi
    [[ "\${COMPREPLY[*]:-}" != *= ]] || compopt -o nospace 2>/dev/null
}
complete -o filenames -F _leadseq leadseq
TEXT
