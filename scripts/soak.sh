#!/usr/bin/env bash
# soak.sh BUILD_FOLDER SECONDS MODEL: all kinds of requests on a server for so long, right and wrong
# ones, and clients that leave. Fails if an answer is missing or wrong, or if the server's memory grows.
set -euo pipefail
build=${1:?usage: soak.sh BUILD_FOLDER SECONDS MODEL}
seconds=${2:?usage: soak.sh BUILD_FOLDER SECONDS MODEL}
model=${3:?usage: soak.sh BUILD_FOLDER SECONDS MODEL}
[ -f "$model" ] || { echo "soak: no model at $model" >&2; exit 1; }
log=$(mktemp)
"$build/r1" serve -m "$model" --port 0 --quiet --cache-tokens 16384 --kept-tokens 4096 >"$log" &
server=$!
trap 'kill "$server" 2>/dev/null || true; rm -f "$log"' EXIT
until grep -q '^listening on ' "$log"; do
  kill -0 "$server" || { echo "soak: the server ended" >&2; exit 1; }
  sleep 0.2
done
port=$(sed -nE 's/^listening on .*:([0-9]+)$/\1/p' "$log")
"$build/load" --port "$port" --mixed --streams 32 --requests 0 --seconds "$seconds" \
  --max-tokens 24 --prompts 40 --prompt-words 60 --idle 200 --slow 50 \
  --pid "$server" --most-growth 16
kill -TERM "$server"
wait "$server"
echo "the server ended in good order"
