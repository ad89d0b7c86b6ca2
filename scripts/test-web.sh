#!/usr/bin/env bash
# test-web.sh PROGRAM: the page's sources are sound, what is committed is what they build, and the
# page works in a browser with PROGRAM. What can't be tested here is skipped, aloud. The last line
# counts.
set -uo pipefail
program=$(realpath "${1:?usage: test-web.sh PROGRAM}")
cd "$(dirname "$0")/../web"
passed=0 failed=0 skipped=0
end() {
  echo "$passed passed, $failed failed, $skipped skipped"
  [ "$failed" -eq 0 ]
  exit
}
skip() {
  echo "skipped: web: $1"
  skipped=$((skipped + 1))
}
check() {
  local name=$1
  shift
  if output=$("$@" 2>&1); then
    passed=$((passed + 1))
  else
    echo "FAILED: web: $name"
    echo "$output" | tail -40
    failed=$((failed + 1))
  fi
}

for tool in node npm; do
  command -v "$tool" >/dev/null || { skip "$tool is not installed (make test-web installs it)"; end; }
done
if [ "$(node -p 'Number(process.versions.node.split(".")[0]) >= 18')" != true ]; then
  skip "node $(node --version) is older than 18"
  end
fi
if ! cmp -s package-lock.json node_modules/.r1-lock; then
  if ! output=$(npm ci --no-audit --no-fund --ignore-scripts 2>&1); then
    skip "npm can't fetch the page's parts: $(echo "$output" | tail -1)"
    end
  fi
  cp package-lock.json node_modules/.r1-lock
fi

rebuilds() {
  local fresh
  fresh=$(mktemp -d)
  node build.mjs "$fresh" && diff -rq "$fresh" dist
  local status=$?
  rm -rf "$fresh"
  return $status
}
check "the types don't fit" npx --no-install tsc --noEmit
check "web/dist is not what web/src builds: run npm run build in web/" rebuilds

browser=${CHROMIUM:-/usr/bin/chromium}
export R1_PROGRAM=$program R1_MODEL="${R1_SHARED:-}/models/SmolLM2-135M-Instruct.Q4_1.gguf"
if [ ! -x "$browser" ]; then
  skip "no Chromium at $browser (make test-web installs it)"
  end
fi
if [ ! -f "$R1_MODEL" ]; then
  skip "no model at $R1_MODEL"
  end
fi
log=$(mktemp)
timeout --kill-after=10 "${R1_TEST_SECONDS:-900}" node --test --test-reporter=tap test/*.test.mjs >"$log" 2>&1
status=$?
count() {
  local number
  number=$(sed -nE "s/^# $1 ([0-9]+)$/\1/p" "$log" | tail -1)
  echo "${number:-0}"
}
if [ "$(count tests)" = 0 ] || { [ "$status" -ne 0 ] && [ "$(count fail)" = 0 ]; }; then
  echo "FAILED: web: the browser tests ended with status $status"
  tail -40 "$log"
  failed=$((failed + 1))
fi
awk '/^not ok /, /^  \.\.\.$/' "$log" | head -150
passed=$((passed + $(count pass)))
failed=$((failed + $(count fail) + $(count cancelled)))
skipped=$((skipped + $(count skipped)))
rm -f "$log"
end
