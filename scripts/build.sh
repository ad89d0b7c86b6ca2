#!/usr/bin/env bash
# build.sh PRESET [TARGET...]: configures and builds; quiet unless something fails.
set -euo pipefail
preset=${1:?usage: build.sh PRESET [TARGET...]}
shift
cd "$(dirname "$0")/.."
cmake --preset "$preset" -DR1_SHARED="${R1_SHARED:-}" >/dev/null
arguments=(--parallel "${JOBS:-$(nproc)}")
[ $# -eq 0 ] || arguments+=(--target "$@")
# At a terminal ninja keeps its progress on one line.
[ -t 1 ] || arguments+=(-- --quiet)
cmake --build "build/$preset" "${arguments[@]}"
