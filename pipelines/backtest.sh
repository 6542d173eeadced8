#!/usr/bin/env bash
# usage: backtest.sh [--out DIR] RECORDING... --rules FILE [OPTION of mkt-decide]...
# Decides over recordings, fills on paper, and writes decisions.ndjson and report.html into DIR (default backtest-output).
# A RECORDING is what a feed recorded (--record) or events as they were streamed; several are merged in time.
set -euo pipefail
# shellcheck source=pipelines/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

case "${1:-}" in -h | --help) sed -n '2,4s/^# //p' "${BASH_SOURCE[0]}"; exit 0 ;; esac
usage="usage: backtest.sh [--out DIR] RECORDING... --rules FILE [OPTION of mkt-decide]..."
out=backtest-output
recordings=()
while [[ $# -gt 0 && "$1" != --rules ]]; do
  case "$1" in
    --out) [[ $# -ge 2 ]] || mkt_fail 64 "$usage"; out=$2; shift 2 ;;
    -*) mkt_fail 64 "options of mkt-decide come behind --rules FILE; $usage" ;;
    *) recordings+=("$1"); shift ;;
  esac
done
[[ ${#recordings[@]} -gt 0 && $# -ge 2 ]] || mkt_fail 64 "$usage"
rules=$2
shift 2
for file in "${recordings[@]}" "$rules"; do [[ -r "$file" && ! -d "$file" ]] || mkt_fail 66 "cannot read $file"; done
mkt_use_tools
mkt_begin
mkdir -p "$out" 2>/dev/null || mkt_fail 73 "cannot make $out; choose another --out"

# What a file holds: events, or what a feed of one of the venues recorded, told by the frames and not by names that stand in them.
kind() {
  local line frames
  IFS= read -r line < "$1" || [[ -n "$line" ]] || { echo events; return; }
  case "$line" in *'"v":1,'* | *'"v": 1,'*) echo events; return ;; esac
  frames=$(grep -m 50 -F '"raw":' "$1" || grep -m 50 -F '"get":' "$1" || true)
  case "$frames" in
    *'\"sid\":'* | *'"get":"/markets?'*'tickers='* | *'"get":"/trade-api/'*) echo kalshi ;;
    *'\"asset_id\":'* | *'\"event_type\":'* | *'clob_token_ids='* | *'token_id='*) echo pm ;;
    *) mkt_fail 65 "$1 is neither events nor a recording of a feed: its first line has no \"v\", and no frame of either venue is in it" ;;
  esac
}

inputs=()
for file in "${recordings[@]}"; do
  what=$(kind "$file")
  if [[ "$what" == events ]]; then
    inputs+=("$file")
    continue
  fi
  events="$mkt_work/${#inputs[@]}.ndjson"
  "$what-feed" --log-level warning --replay "$file" > "$events" & mkt_child
  inputs+=("$events")
done
mkt_wait

# A trade is filled on paper; rules without one have nothing to fill.
paper=()
mkt-decide --log-level warning --rules "$rules" "$@" --check > "$mkt_work/check" & mkt_child
mkt_wait
grep -Eq ', trade when ' "$mkt_work/check" && paper=(--paper)
# Through a pipe a program of a rule would be given up where it does not keep up; here it is waited for.
programs=()
while IFS= read -r name; do
  [[ " $* " == *"rules.$name.on_slow="* ]] || programs+=(--set "rules.$name.on_slow=block")
done < <(sed -nE 's/^([A-Za-z0-9_-]+)(\[.*\])?: exec, .*/\1/p' "$mkt_work/check" | sort -u)
set -- ${paper[@]+"${paper[@]}"} ${programs[@]+"${programs[@]}"} "$@"
# Into a name of its own first: a backtest that broke off leaves the last one as it was.
decisions="$out/.decisions.ndjson.$$"
report="$out/.report.html.$$"
mkt_unfinished=("$decisions" "$report")
if [[ ${#inputs[@]} -eq 1 ]]; then
  mkt-decide --log-level warning --heartbeat 0 --rules "$rules" "$@" < "${inputs[0]}" > "$decisions" & mkt_child
else
  mkt-merge --log-level warning --heartbeat 0 "${inputs[@]}" |
    mkt-decide --log-level warning --heartbeat 0 --rules "$rules" "$@" > "$decisions" & mkt_child
fi
mkt_wait
mkt-decide --log-level warning --report < "$decisions" > "$report" & mkt_child
mkt_wait
mv "$decisions" "$out/decisions.ndjson"
mv "$report" "$out/report.html"
count=$(grep -c '"type":"decision"' "$out/decisions.ndjson" || true)
echo "$count decisions: $out/decisions.ndjson; the page: $out/report.html"
