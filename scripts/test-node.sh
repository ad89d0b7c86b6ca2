#!/usr/bin/env bash
# test-node.sh PROGRAM: what is tested from Node. The page's sources are sound, what is committed is
# what they build, the page works in a browser with PROGRAM, and clients from npm do. What can't be
# tested here is skipped, aloud. The last line counts.
set -uo pipefail
program=$(realpath "${1:?usage: test-node.sh PROGRAM}")
cd "$(dirname "$0")/.."
passed=0 failed=0 skipped=0
end() {
  echo "$passed passed, $failed failed, $skipped skipped"
  [ "$failed" -eq 0 ]
  exit
}
skip() {
  echo "skipped: $1"
  skipped=$((skipped + 1))
}
check() {
  local name=$1 output
  shift
  if output=$("$@" 2>&1); then
    passed=$((passed + 1))
  else
    echo "FAILED: $name"
    echo "$output" | tail -40
    failed=$((failed + 1))
  fi
}
# The packages that a folder's lock names, fetched once.
packages() {
  cmp -s "$1/package-lock.json" "$1/node_modules/.r1-lock" && return
  local output
  if ! output=$(cd "$1" && npm ci --no-audit --no-fund --ignore-scripts 2>&1); then
    skip "$2: npm can't fetch its packages ($(echo "$output" | grep -m1 -i error))"
    return 1
  fi
  cp "$1/package-lock.json" "$1/node_modules/.r1-lock"
}
node_tests() {
  local log status
  log=$(mktemp)
  timeout --kill-after=10 "${R1_TEST_SECONDS:-900}" node --test --test-reporter=tap "$@" >"$log" 2>&1
  status=$?
  count() {
    local number
    number=$(sed -nE "s/^# $1 ([0-9]+)$/\1/p" "$log" | tail -1)
    echo "${number:-0}"
  }
  if [ "$(count tests)" = 0 ] || { [ "$status" -ne 0 ] && [ "$(count fail)" = 0 ]; }; then
    echo "FAILED: $* ended with status $status"
    tail -40 "$log"
    failed=$((failed + 1))
  fi
  awk '/^not ok /, /^  \.\.\.$/' "$log" | head -200
  passed=$((passed + $(count pass)))
  failed=$((failed + $(count fail) + $(count cancelled)))
  skipped=$((skipped + $(count skipped)))
  rm -f "$log"
}
rebuild_page() {
  local fresh status
  fresh=$(mktemp -d)
  (cd web && node build.mjs "$fresh") && diff -rq "$fresh" web/dist
  status=$?
  rm -rf "$fresh"
  return $status
}

for tool in node npm; do
  command -v "$tool" >/dev/null || { skip "the page and clients from npm: no $tool (make test-node installs it)"; end; }
done
version=$(node -p 'process.versions.node.split(".")[0]')
[ "$version" -ge 18 ] || { skip "the page and clients from npm: Node $version is older than 18"; end; }
export R1_PROGRAM=$program R1_MODEL="${R1_SHARED:-}/models/SmolLM2-135M-Instruct.Q4_1.gguf"
browser=${CHROMIUM:-/usr/bin/chromium}

if packages web "the page"; then
  check "the types of web/src don't fit" web/node_modules/.bin/tsc --noEmit -p web
  check "web/dist is not what web/src builds: run npm run build in web/" rebuild_page
  if [ ! -x "$browser" ]; then
    skip "the page in a browser: no Chromium at $browser (make test-node installs it)"
  elif [ ! -f "$R1_MODEL" ]; then
    skip "the page in a browser: no model at $R1_MODEL"
  else
    node_tests web/test/*.test.mjs
  fi
fi
if [ "$version" -lt 20 ]; then
  skip "clients from npm: Node $version is older than 20"
elif [ ! -f "$R1_MODEL" ]; then
  skip "clients from npm: no model at $R1_MODEL"
elif packages tests/clients "clients from npm"; then
  node_tests tests/clients/*.test.mjs
fi
end
