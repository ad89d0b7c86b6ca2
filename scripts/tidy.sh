#!/usr/bin/env bash
# tidy.sh [FILE...]: clang-format's check and clang-tidy over the files, by default all sources.
set -uo pipefail
cd "$(dirname "$0")/.."
if [ $# -gt 0 ]; then
  files=("$@")
else
  mapfile -t files < <(find src apps tests fuzz bench -name '*.cpp' -o -name '*.h' 2>/dev/null | sort)
fi
failed=0
clang-format-16 --dry-run -Werror "${files[@]}" || failed=1
cmake --preset tidy -DR1_SHARED="${R1_SHARED:-}" >/dev/null || exit 1
# The compile database names the .cpp files that this machine builds; headers are seen through them.
mapfile -t units < <(printf '%s\n' "${files[@]}" | grep '\.cpp$' |
  while read -r file; do grep -qF "\"file\": \"$PWD/$file\"" build/tidy/compile_commands.json && echo "$file"; done)
if [ ${#units[@]} -gt 0 ]; then
  printf '%s\n' "${units[@]}" |
    xargs -P "${JOBS:-$(nproc)}" -n 1 clang-tidy-16 -p build/tidy --quiet 2>build/tidy/tidy-errors.log || failed=1
fi
[ "$failed" -eq 0 ] || grep -vE '^[0-9]+ warnings|^Suppressed|^Use -header-filter' build/tidy/tidy-errors.log | head -20
echo "tidy: ${#files[@]} files formatted, ${#units[@]} units checked: $([ "$failed" -eq 0 ] && echo clean || echo 'findings above')"
exit "$failed"
