#!/usr/bin/env bash
# ship-model.sh MODEL NAME: a trained model (a run's model/ or a checkpoint) becomes one that comes
# with the program: models/NAME.gguf in Q8_0, and models/NAME.json, its scores on the tasks, which a
# test and r1 train --reproduce compare.
set -euo pipefail
source=$(realpath "${1:?usage: ship-model.sh MODEL NAME}")
name=${2:?usage: ship-model.sh MODEL NAME}
cd "$(dirname "$0")/.."
program=build/release/r1
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
mkdir -p models
ln -s "$source" "$out/$name"  # whose name the file tells
"$program" convert -m "$out/$name" -o "$out/$name.gguf" --dtype q8_0
scores() { # scores COUNT
  "$program" eval --tasks all --split test --count "$1" --seed 0 --max-tokens 2048 \
    -m "$out/$name.gguf" --out "$out/eval" --json
}
whole=$(scores 200)
short=$(scores 10)
mv "$out/$name.gguf" "models/$name.gguf"
printf '{"whole": %s,\n"short": %s}\n' "$whole" "$short" >"models/$name.json"
echo "models/$name.gguf and models/$name.json"
