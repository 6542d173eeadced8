# shellcheck shell=bash
# What the pipelines share: where the tools are, a folder for FIFOs, and an end that leaves nothing behind.
# Source it after `set -euo pipefail`.

# With it `cd` prints where it goes, and goes elsewhere.
unset CDPATH
mkt_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
mkt_children=()
mkt_inputs=()
# Files and folders that are not whole yet: they go with the script, whatever ends it.
mkt_unfinished=()
mkt_work=""

# The tools of this tree if they are built, else those of PATH.
mkt_use_tools() {
  if [[ -n "${MKT_BIN:-}" ]]; then
    PATH="$(cd "$MKT_BIN" && pwd):$PATH"
  elif [[ -x "$mkt_root/.build/release/pm-feed" ]]; then
    PATH="$mkt_root/.build/release:$PATH"
  fi
  export PATH
  local tool
  for tool in pm-feed kalshi-feed mkt-merge mkt-decide mkt-sink; do
    command -v "$tool" >/dev/null 2>&1 || mkt_fail 69 "$tool is not built; run make build"
  done
}

mkt_fail() {
  local status=$1
  shift
  echo "${0##*/}: $*" >&2
  exit "$status"
}

mkt_need() {
  local tool
  for tool in "$@"; do
    command -v "$tool" >/dev/null 2>&1 || mkt_fail 69 "$tool is missing; apt-get install $tool"
  done
}

# A folder for FIFOs that goes away with the script, together with every child that is still there.
mkt_begin() {
  mkt_work=$(mktemp -d "${TMPDIR:-/tmp}/mktpipe.XXXXXX")
  # Every background pipeline gets a process group of its own, so that the end reaches all of its processes.
  set -m
  trap mkt_end EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
}

mkt_end() {
  local status=$? child
  trap - EXIT INT TERM
  for child in ${mkt_children[@]+"${mkt_children[@]}"}; do kill -- "-$child" 2>/dev/null || true; done
  for child in ${mkt_children[@]+"${mkt_children[@]}"}; do wait "$child" 2>/dev/null || true; done
  [[ ${#mkt_unfinished[@]} -gt 0 ]] && rm -rf -- "${mkt_unfinished[@]}"
  [[ -n "$mkt_work" ]] && rm -rf "$mkt_work"
  exit "$status"
}

mkt_fifo() {
  local name
  for name in "$@"; do mkfifo "$mkt_work/$name"; done
}

# Remembers the last background job; its first process leads the group.
mkt_child() { mkt_children+=("$(jobs -p %+)"); }

# Starts the feeds that markets need, each into a FIFO of `mkt_inputs`.
# A market that starts with KX, or a kalshi.com address, is Kalshi's; everything else is Polymarket's. `top:5` is Polymarket's five busiest.
mkt_feeds() {
  local market polymarket=() kalshi=()
  for market in "$@"; do
    case "$market" in
      KX* | *kalshi.com/*) kalshi+=("$market") ;;
      top:*) polymarket+=(--top "${market#top:}") ;;
      *) polymarket+=("$market") ;;
    esac
  done
  if [[ ${#polymarket[@]} -gt 0 ]]; then
    mkt_fifo pm
    mkt_inputs+=("$mkt_work/pm")
    pm-feed "${polymarket[@]}" > "$mkt_work/pm" & mkt_child
  fi
  if [[ ${#kalshi[@]} -gt 0 ]]; then
    mkt_fifo kalshi
    mkt_inputs+=("$mkt_work/kalshi")
    kalshi-feed "${kalshi[@]}" > "$mkt_work/kalshi" & mkt_child
  fi
}

# Waits for every child; the first that failed gives the status.
mkt_wait() {
  local child status=0 own
  for child in ${mkt_children[@]+"${mkt_children[@]}"}; do
    own=0
    wait "$child" || own=$?
    if [[ $own -ne 0 && $status -eq 0 ]]; then status=$own; fi
  done
  mkt_children=()
  return "$status"
}
