#!/usr/bin/env bash
# usage: replay.sh POLYMARKET.ndjson KALSHI.ndjson [RULES.toml]
# Replays a recording of each venue, merged exactly in time, and prints the decisions.
set -euo pipefail
# shellcheck source=pipelines/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

case "${1:-}" in -h | --help) sed -n '2,3s/^# //p' "${BASH_SOURCE[0]}"; exit 0 ;; esac
[[ $# -ge 2 && $# -le 3 ]] || mkt_fail 64 "usage: replay.sh POLYMARKET.ndjson KALSHI.ndjson [RULES.toml]"
for file in "$@"; do [[ -r "$file" ]] || mkt_fail 66 "cannot read $file"; done
mkt_use_tools
mkt_begin
mkt_fifo pm kalshi
pm-feed --log-level warning --replay "$1" > "$mkt_work/pm" & mkt_child
kalshi-feed --log-level warning --replay "$2" > "$mkt_work/kalshi" & mkt_child
mkt-merge --log-level warning --heartbeat 0 --window 1m "$mkt_work/pm" "$mkt_work/kalshi" |
  mkt-decide --log-level warning --heartbeat 0 --rules "${3:-$mkt_root/pipelines/rules.toml}" & mkt_child
mkt_wait
