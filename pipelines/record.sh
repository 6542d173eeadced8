#!/usr/bin/env bash
# usage: record.sh FOLDER MARKET…
# Streams markets into hourly segments, FOLDER/YYYY/MM/DD/HH-FEED.ndjson, until it is stopped; mkt-merge FOLDER reads them back.
# A MARKET that starts with KX is Kalshi's, everything else Polymarket's; top:5 is Polymarket's five busiest markets.
set -euo pipefail
# shellcheck source=pipelines/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

case "${1:-}" in -h | --help) sed -n '2,4s/^# //p' "${BASH_SOURCE[0]}"; exit 0 ;; esac
[[ $# -ge 2 ]] || mkt_fail 64 "usage: record.sh FOLDER MARKET…"
folder=$1
shift
mkt_use_tools
mkt_begin
mkt_feeds "$@"
mkt-merge "${mkt_inputs[@]}" | mkt-sink --to "ndjson:$folder" & mkt_child
mkt_wait
