#!/usr/bin/env bash
# install.sh PREFIX: the program, its completions and manual page, its models and recipes.
set -euo pipefail
prefix=${1:?usage: install.sh PREFIX}
program="$(dirname "$0")/../build/release/r1"
generated=$(mktemp -d)
trap 'rm -rf "$generated"' EXIT
"$program" completion bash >"$generated/r1.bash"
"$program" completion zsh >"$generated/_r1"
"$program" manual >"$generated/r1.1"
install -D -s -m 755 "$program" "$prefix/bin/r1"
install -D -m 644 "$generated/r1.bash" "$prefix/share/bash-completion/completions/r1"
install -D -m 644 "$generated/_r1" "$prefix/share/zsh/site-functions/_r1"
install -D -m 644 "$generated/r1.1" "$prefix/share/man/man1/r1.1"
root="$(dirname "$0")/.."
for file in "$root"/models/* "$root"/recipes/*; do
  install -D -m 644 "$file" "$prefix/share/r1/${file#"$root"/}"
done
echo "installed $prefix/bin/r1"
