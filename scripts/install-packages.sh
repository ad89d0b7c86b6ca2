#!/usr/bin/env bash
# Installs the Debian packages of the named groups, as root or through sudo
# (docs/dependencies.md says why each).
set -euo pipefail
build=(
  g++ cmake make ninja-build pkg-config ca-certificates
  libhwy-dev libcli11-dev nlohmann-json3-dev libsimdjson-dev libedit-dev libgtest-dev
  libflint-dev libflint-arb-dev libtomlplusplus-dev libxxhash-dev libseccomp-dev libboost-dev
  libssl-dev libqrencode-dev libcurl4-openssl-dev zlib1g-dev
  bubblewrap python3 python3-sortedcontainers
)
test=(zsh man-db)
tools=(clang-16 clang-tidy-16 clang-format-16 libclang-rt-16-dev)
node=(chromium)
# Node from elsewhere is as good as Debian's, and its npm can't stand beside it.
command -v npm >/dev/null || node+=(nodejs npm)

missing=()
for group in "$@"; do
  declare -n packages=$group
  for package in "${packages[@]}"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
  done
done
[ ${#missing[@]} -eq 0 ] && exit 0
as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null || { echo "install-packages: run as root or install sudo; missing: ${missing[*]}" >&2; exit 1; }
  as_root=(sudo)
fi
echo "installing ${missing[*]}"
"${as_root[@]}" apt-get update -qq
# apt's chatter is shown only if it fails.
log=$(mktemp)
trap 'rm -f "$log"' EXIT
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
  apt-get install -y -qq --no-install-recommends "${missing[@]}" >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
