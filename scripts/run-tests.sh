#!/usr/bin/env bash
# Runs every test program of a build folder and closes with one line: passed, failed, skipped.
set -uo pipefail
build=${1:?usage: run-tests.sh BUILD_FOLDER}
[ -d "${R1_SHARED:-}" ] || echo "note: ${R1_SHARED:-R1_SHARED} is absent; the tests that need its goldens are skipped"
passed=0 failed=0 skipped=0
count() { sed -nE "s/^\[  $1 +\] ([0-9]+) tests?.*/\1/p" "$2" | head -1; }
for program in "$build"/test_*; do
  [ -x "$program" ] && [ -f "$program" ] || continue
  log="$program.log"
  echo "== ${program##*/}"
  "$program" --gtest_brief=0 --gtest_print_time=1 >"$log" 2>&1
  status=$?
  program_failed=$(count FAILED "$log")
  if [ "$status" -ne 0 ] && [ -z "$program_failed" ]; then
    tail -20 "$log"
    echo "${program##*/} ended with status $status"
    program_failed=1
  fi
  [ -n "$program_failed" ] && grep -vE '^\[ +(OK|RUN) +\]|^\[-+\]' "$log" | tail -60
  sed -nE 's/^\[  SKIPPED \] ([A-Za-z].*)/skipped: \1/p' "$log" | sort -u
  grep -E '^\[==========\].*ran' "$log"
  passed=$((passed + $(count PASSED "$log" || echo 0) + 0))
  failed=$((failed + ${program_failed:-0}))
  program_skipped=$(count SKIPPED "$log")
  skipped=$((skipped + ${program_skipped:-0}))
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
