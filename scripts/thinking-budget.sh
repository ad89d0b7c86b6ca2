#!/usr/bin/env bash
# thinking-budget.sh MODEL [COUNT]: what thinking is worth. Every task is answered (greedily, COUNT
# unseen questions) with no thinking, with a quarter and half of the tokens that the task's answers
# take on average, and with all that the model wants; prints pass@1 in % as a Markdown table. After
# thinking was closed, 64 tokens are left for the answer, so that nobody thinks on in it.
set -euo pipefail
model=$(realpath "${1:?usage: thinking-budget.sh MODEL [COUNT]}")
count=${2:-50}
cd "$(dirname "$0")/.."
program=build/release/r1
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

# evaluate TASKS FOLDER OPTIONS...: "task pass@1 tokens" a line
evaluate() {
  local tasks=$1 folder=$2
  shift 2
  "$program" eval --tasks "$tasks" --count "$count" -m "$model" \
    --out "$out/$folder" "$@" | awk -F'|' 'NF > 8 && $3 + 0 > 0 { gsub(/ /, ""); print $2, $5, $8 }'
}

# limited TASK FOLDER TOKENS: pass@1 with so many tokens of thinking
limited() {
  evaluate "$1" "$2" --thinking-budget "$3" --max-tokens $(($3 + 64)) | cut -d' ' -f2
}

evaluate all whole --max-tokens 2048 >"$out/whole.txt"
printf '| task | none | 1/4 | 1/2 | whole | tokens |\n|-|-|-|-|-|-|\n'
while read -r task score tokens; do
  none=$(limited "$task" none 0)
  quarter=$(limited "$task" quarter $((tokens / 4)))
  half=$(limited "$task" half $((tokens / 2)))
  echo "| $task | $none | $quarter | $half | $score | $tokens |"
done <"$out/whole.txt" | tee "$out/table.txt"
awk -F'|' '{ for (i = 3; i <= 7; ++i) sum[i] += $i }
  END { printf "| **mean** |"; for (i = 3; i <= 7; ++i) printf " %.1f |", sum[i] / NR; print "" }' \
  "$out/table.txt"
