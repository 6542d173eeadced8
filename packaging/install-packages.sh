#!/usr/bin/env bash
# usage: install-packages.sh build|demo|test
# Installs what is missing of packages.txt for building (and for the demo, and for the tests), with apt.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
case "${1:-}" in
  build) kinds="build" ;;
  demo) kinds="build demo" ;;
  test) kinds="build demo test" ;;
  *) echo "usage: install-packages.sh build|demo|test" >&2; exit 64 ;;
esac

if ! command -v swift >/dev/null 2>&1; then
  echo "mktpipe: the Swift toolchain (6.2 or later) is missing; install it from https://www.swift.org/install and put it in PATH" >&2
  exit 69
fi

missing=()
while read -r package kind reason; do
  [[ -z "$package" || "$package" == \#* ]] && continue
  [[ " $kinds " == *" $kind "* ]] || continue
  state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
  [[ "$state" == installed ]] && continue
  missing+=("$package")
  echo "mktpipe: $package is missing ($reason)"
done < "$here/packages.txt"
[[ ${#missing[@]} -eq 0 ]] && exit 0

if ! command -v apt-get >/dev/null 2>&1; then
  echo "mktpipe: this machine has no apt; install by its own means: ${missing[*]}" >&2
  exit 69
fi
as_root=()
if [[ $(id -u) -ne 0 ]]; then
  command -v sudo >/dev/null 2>&1 || { echo "mktpipe: not root and no sudo; as root: apt-get install ${missing[*]}" >&2; exit 69; }
  as_root=(sudo)
fi
echo "mktpipe: apt-get install ${missing[*]}"
"${as_root[@]}" apt-get update -q >/dev/null
DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -q -y --no-install-recommends "${missing[@]}" >/dev/null
