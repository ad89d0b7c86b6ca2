#!/usr/bin/env bash
# One question to a real model; at a terminal the conversation goes on.
set -euo pipefail
cd "$(dirname "$0")/.."
model="${R1_SHARED:-}/models/SmolLM2-135M-Instruct.Q4_1.gguf"
question="Explain in one sentence what the moon is."
if [ ! -f "$model" ]; then
  echo "first-answer: $model is absent; download a GGUF model, such as SmolLM2-135M-Instruct, and run: build/release/r1 run -m FILE \"$question\"" >&2
  exit 1
fi
echo "\$ r1 run -m ${model##*/} --temperature 0 \"$question\""
build/release/r1 run -m "$model" --temperature 0 "$question"
if [ -t 0 ] && [ -t 1 ]; then
  exec build/release/r1 chat -m "$model"
fi
