#!/usr/bin/env bash
# fuzz.sh SECONDS: runs each libFuzzer program of build/fuzz so long. What it finds interesting is
# kept in build/fuzz/corpus and used again; an input that breaks a program is named.
set -uo pipefail
seconds=${1:?usage: fuzz.sh SECONDS}
cd "$(dirname "$0")/.."
ran=0 broken=0
for program in build/fuzz/fuzz_*; do
  [ -x "$program" ] && [ -f "$program" ] || continue
  name=${program##*/fuzz_}
  corpus=build/fuzz/corpus/$name
  mkdir -p "$corpus"
  seeds=()
  [ -d "fuzz/seeds/$name" ] && seeds=("fuzz/seeds/$name")
  ran=$((ran + 1))
  if "$program" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=2048 -print_final_stats=1 \
      -artifact_prefix="build/fuzz/$name-" "$corpus" "${seeds[@]}" >"$program.log" 2>&1; then
    echo "$name: $(sed -n 's/^stat::number_of_executed_units: *//p' "$program.log") inputs, none broke it"
  else
    broken=$((broken + 1))
    echo "$name: BROKEN"
    grep -E 'ERROR|SUMMARY|Test unit written' "$program.log" | head -5
  fi
done
echo "$ran fuzz programs, $broken broken"
[ "$ran" -gt 0 ] && [ "$broken" -eq 0 ]
