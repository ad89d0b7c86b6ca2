#!/usr/bin/env bash
# Whole runs of r1 eval: the 135M model on 100 questions of GSM8K and r1-tiny on the project's own
# tasks, killed in the middle and resumed; the tables have to be those of runs that weren't.
# eval-smoke.sh [questions of GSM8K] [questions of each task] [tasks]
set -euo pipefail
cd "$(dirname "$0")/.."
questions="${1:-100}"
each="${2:-20}"
tasks="${3:-all}"
r1=build/release/r1
shared="${R1_SHARED:-}"
model="${R1_EVAL_MODEL:-$shared/models/SmolLM2-135M-Instruct.Q4_1.gguf}"
for needed in "$model" "$shared/datasets/gsm8k_test.jsonl"; do
  [ -e "$needed" ] || { echo "eval-smoke: $needed is absent; set R1_SHARED" >&2; exit 1; }
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

samples() { cat "$1"/*.jsonl 2>/dev/null | grep -c '"sample"' || true; }

# run NAME MODEL OPTIONS...: once whole, once killed after half of its samples and resumed.
run() {
  local name=$1 model=$2 total
  shift 2
  local command=("$r1" eval -m "$model" --data "$shared/datasets" --greedy "$@")
  echo "$name: ${command[*]}"
  local start=$SECONDS
  "${command[@]}" --out "$work/$name-whole" >"$work/$name-whole.md"
  total=$(samples "$work/$name-whole")
  echo "$name: $total samples in $((SECONDS - start)) s"
  "${command[@]}" --out "$work/$name-killed" >/dev/null &
  local process=$!
  until [ "$(samples "$work/$name-killed")" -ge $((total / 2)) ]; do
    kill -0 "$process" 2>/dev/null || { echo "eval-smoke: $name ended before it was killed" >&2; exit 1; }
    sleep 0.05
  done
  kill -KILL "$process"
  wait "$process" 2>/dev/null || true
  local kept
  kept=$(samples "$work/$name-killed")
  "${command[@]}" --out "$work/$name-killed" >"$work/$name-resumed.md"
  cat "$work/$name-resumed.md"
  cmp "$work/$name-whole.md" "$work/$name-resumed.md"
  cmp "$work/$name-whole/results.json" "$work/$name-killed/results.json"
  [ "$(samples "$work/$name-killed")" -eq "$total" ]
  echo "$name: killed with $kept of $total samples and resumed, the same table"
}

run gsm8k "$model" --suite gsm8k --max-tokens 256 --count "$questions"
run tasks r1-tiny --tasks "$tasks" --max-tokens 2048 --count "$each"
