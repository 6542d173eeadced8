#!/usr/bin/env bash
# usage: live.sh MARKET…
# Streams markets, decides on them by rules.toml (or $MKT_RULES) and prints events and decisions as they come.
# A MARKET that starts with KX is Kalshi's, everything else Polymarket's; top:5 is Polymarket's five busiest markets.
set -euo pipefail
# shellcheck source=pipelines/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

case "${1:-}" in -h | --help) sed -n '2,4s/^# //p' "${BASH_SOURCE[0]}"; exit 0 ;; esac
[[ $# -ge 1 ]] || mkt_fail 64 "usage: live.sh MARKET… (for example a polymarket.com address or a Kalshi ticker)"
mkt_use_tools
# What goes wrong is worth a line; what was counted is in the stream.
export MKT_LOG_LEVEL=${MKT_LOG_LEVEL:-warning}
mkt_begin
mkt_feeds "$@"
mkt-merge "${mkt_inputs[@]}" | mkt-decide --pass-through --rules "${MKT_RULES:-$mkt_root/pipelines/rules.toml}" & mkt_child
mkt_wait
