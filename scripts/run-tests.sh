#!/usr/bin/env bash
# run-tests.sh BUILD_FOLDER [node]: runs every test program of a build folder, and those of
# test-node.sh if asked to, and closes with one line: passed, failed, skipped.
# A program that crashes, hangs or ends early is a failure, and so is having no tests.
set -uo pipefail
build=${1:?usage: run-tests.sh BUILD_FOLDER [node]}
longest_seconds=${R1_TEST_SECONDS:-900}
[ -d "${R1_SHARED:-}" ] ||
  echo "note: the folder ${R1_SHARED:-R1_SHARED} is absent; tests that need its goldens are skipped"

# In a finished run the summary counts; in one that broke off, the tests that ended.
summary() { sed -nE "s/^\[  $1 +\] ([0-9]+) tests?[.,].*/\1/p" "$log" | tail -1; }
ended() { grep -cE "^\[ +$1 +\] .* \([0-9]+ ms\)$" "$log"; }
finished() { grep -qE '^\[==========\] [0-9]+ tests? from .* ran\.' "$log"; }
list_skips() {
  awk '/: Skipped$/ { reason = ""; reading = 1; next }
       /^\[  SKIPPED \] .* \([0-9]+ ms\)$/ { print "skipped: " $4 ": " reason; reading = 0; next }
       reading && NF { reason = reason (reason == "" ? "" : " ") $0 }' "$log"
}

passed=0 failed=0 skipped=0
for program in "$build"/test_*; do
  [ -x "$program" ] && [ -f "$program" ] || continue
  log="$program.log"
  echo "== ${program##*/}"
  timeout --kill-after=10 "$longest_seconds" "$program" --gtest_color=no >"$log" 2>&1
  status=$?
  if finished; then
    program_passed=$(summary PASSED) program_failed=$(summary FAILED) program_skipped=$(summary SKIPPED)
    [ "$status" -eq 0 ] || [ "${program_failed:-0}" -gt 0 ] || program_failed=broken
  else
    program_passed=$(ended OK) program_failed=broken program_skipped=$(ended SKIPPED)
  fi
  if [ "${program_failed:-0}" = broken ]; then
    program_failed=$(($(ended FAILED) + 1))
    [ "$status" -eq 124 ] && reason="did not end within $longest_seconds s" || reason="ended with status $status"
    echo "FAILED: ${program##*/} $reason; last test: $(grep -E '^\[ RUN ' "$log" | tail -1 | cut -c14-)"
  fi
  [ "${program_failed:-0}" -gt 0 ] && grep -vE '^\[ +(OK|RUN) +\]|^\[-+\]' "$log" | tail -60
  list_skips
  finished && grep -E '^\[==========\].*ran\.' "$log" | cut -c14-
  passed=$((passed + ${program_passed:-0}))
  failed=$((failed + ${program_failed:-0}))
  skipped=$((skipped + ${program_skipped:-0}))
done
if [ "${2:-}" = node ]; then
  echo "== node"
  log=$build/node.log
  "$(dirname "$0")/test-node.sh" "$build/r1" >"$log" 2>&1
  sed '$d' "$log"
  if ! read -r node_passed node_failed node_skipped < <(
    sed -nE '$s/^([0-9]+) passed, ([0-9]+) failed, ([0-9]+) skipped$/\1 \2 \3/p' "$log"); then
    echo "FAILED: node: the tests broke off"
    tail -20 "$log"
    node_failed=1
  fi
  passed=$((passed + ${node_passed:-0}))
  failed=$((failed + ${node_failed:-0}))
  skipped=$((skipped + ${node_skipped:-0}))
fi
if [ $((passed + failed + skipped)) -eq 0 ]; then
  echo "FAILED: no tests ran in $build"
  failed=1
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
