#!/usr/bin/env bash
# gen_docs.sh PROGRAM [DOCS]: writes the pages that `plimsoll` knows best itself: docs/rules/ (one page a rule and an index)
# and docs/cli.md (every command's help). PROGRAM is the built plimsoll; DOCS is the folder to write to, docs/ by default.
# `make docs` builds the program and runs this; a test compares.
set -euo pipefail

program=$(realpath "${1:?usage: hack/gen_docs.sh PROGRAM [DOCS]}")
docs=${2:-$(dirname "$0")/../docs}

rm -rf "$docs/rules"
"$program" explain all --format markdown --output "$docs/rules"

# section COMMAND...: one command's help.
section() {
  printf '\n## plimsoll%s\n\n```text\n' "${*:+ $*}"
  # CLI11 ends some helps with empty lines.
  printf '%s\n' "$("$program" "$@" --help)"
  printf '```\n'
}

{
  cat <<'END'
# The command line

What each command prints for `--help`; `make docs` writes this page. The JSON of `plimsoll check --format json` has
[a page of its own](check-json.md), and so has [each rule](rules/README.md).

| Exit code | Meaning |
|---|---|
| 0 | nothing at or above the threshold |
| 1 | findings, or problems in a policy |
| 2 | something could not be read or judged, or the command line is wrong |

Output for people has colours only on a terminal, and not where `NO_COLOR` is set (to anything) or `TERM` is `dumb`;
`--color` decides otherwise. Progress goes to standard error, and only to a terminal.

`source <(plimsoll completion bash)` completes commands, flags, rules and files; `plimsoll docs man DIR` writes the man pages
(`man -l DIR/plimsoll-check.1`). Where `kubectl-plimsoll` is in PATH, `kubectl plimsoll` is the same program.
END
  "$program" docs commands | while IFS= read -r command; do
    # shellcheck disable=SC2086
    section $command
  done
} > "$docs/cli.md"
