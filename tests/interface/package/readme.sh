# SPDX-License-Identifier: MIT
# Sourced by run.sh: the commands that README.md gives after the installation, verbatim.
echo "# README"
# The first program of README.md, then every command that builds it.
sed -n '/^<!-- examples\/hello.c -->/,/^```$/p' "$source/README.md" | sed '/^<!--/d; /^```/d' >"$work/hello.c"
sed -n '/^```sh$/,/^```$/p' "$source/README.md" | sed -e ':again' -e '/\\$/{N;s/\\\n *//;bagain' -e '}' |
    grep '^cc ' >"$work/commands"

each_command_builds_it() {
    local count=0 command=
    while IFS= read -r command; do
        rm -f "$work/hello"
        (cd "$work" && eval "$command") && [ -x "$work/hello" ] || { echo "failed: $command"; return 1; }
        # Without an API key the program can only report that it has none.
        "$work/hello" 2>"$work/said" && return 1
        grep -q 'no API key' "$work/said" || { cat "$work/said"; return 1; }
        count=$((count + 1))
    done <"$work/commands"
    [ "$count" -eq 2 ]
}
check "its commands build its first program, which runs" each_command_builds_it
