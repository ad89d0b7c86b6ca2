#!/usr/bin/env bash
# One question to the model that comes with the program; at a terminal the conversation goes on.
set -euo pipefail
cd "$(dirname "$0")/.."
question="What is 35 * 47?"
echo "\$ r1 run --temperature 0 \"$question\""
build/release/r1 run --temperature 0 "$question"
if [ -t 0 ] && [ -t 1 ]; then
  exec build/release/r1 chat
fi
