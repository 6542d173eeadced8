#!/usr/bin/env bash
# usage: demo.sh [FOLDER]
# Replays the two sample recordings through all five tools: books and trades of both venues, merged in time, decided on,
# stored in SQLite. FOLDER (default demo-output) gets the events, the decisions and the database.
set -euo pipefail
# shellcheck source=pipelines/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

case "${1:-}" in -h | --help) sed -n '2,4s/^# //p' "${BASH_SOURCE[0]}"; exit 0 ;; esac
folder=${1:-demo-output}
samples="$mkt_root/pipelines/samples"
mkt_use_tools
mkt_need jq sqlite3
mkdir -p "$folder" || mkt_fail 73 "cannot make the folder $folder"
rm -f "$folder"/events.ndjson "$folder"/decisions.ndjson "$folder"/mkt.db "$folder"/mkt.db-wal "$folder"/mkt.db-shm
mkt_begin
mkt_fifo pm kalshi to-decide events decisions
started=$(date +%s%N)

pm-feed --log-level warning --replay "$samples/polymarket.ndjson" > "$mkt_work/pm" & mkt_child
kalshi-feed --log-level warning --channels book,trade,ticker,lifecycle --replay "$samples/kalshi.ndjson" > "$mkt_work/kalshi" & mkt_child
# Recordings run faster than the clock: a long window makes the merge exact, and nobody waits for it.
mkt-merge --log-level warning --heartbeat 0 --window 1m "$mkt_work/pm" "$mkt_work/kalshi" |
  tee "$mkt_work/to-decide" "$folder/events.ndjson" > "$mkt_work/events" & mkt_child
mkt-decide --log-level warning --heartbeat 0 --rules "$mkt_root/pipelines/rules.toml" < "$mkt_work/to-decide" |
  tee "$folder/decisions.ndjson" > "$mkt_work/decisions" & mkt_child
mkt-merge --log-level warning --heartbeat 0 "$mkt_work/events" "$mkt_work/decisions" |
  mkt-sink --log-level warning --to "sqlite:$folder/mkt.db" & mkt_child
mkt_wait

millis=$((($(date +%s%N) - started) / 1000000))
events=$(wc -l < "$folder/events.ndjson")
echo "$events events of two venues in $millis ms, $(wc -l < "$folder/decisions.ndjson") decisions"
echo
echo "events by venue and type:"
jq -r '"\(.venue) \(.type)"' "$folder/events.ndjson" | sort | uniq -c | sort -k2,2 -k1,1nr | sed 's/^/  /'
echo
echo "last books (best bid and ask):"
jq -rn 'reduce (inputs | select(.type == "book_snapshot" and .label != null)) as $book ({}; .[$book.label] = $book)
  | to_entries | sort_by(.key) | .[] | "  \(.key): \(.value.bids[0] // ["-"] | .[0]) / \(.value.asks[0] // ["-"] | .[0])"' "$folder/events.ndjson"
echo
echo "decisions:"
jq -rn 'limit(12; inputs | "  \(.rule) \(.legs[0].label // .legs[0].instrument): \(.note)")' "$folder/decisions.ndjson"
echo
echo "the database: $folder/mkt.db"
echo "try next:"
cat <<NEXT
  jq -c 'select(.type == "trade" and .size > 1000)' $folder/events.ndjson
  jq -r 'select(.type == "feed_status" and (.state == "gap" or .state == "disconnected")) | [.feed, .state, .reason] | @tsv' $folder/events.ndjson
  jq -c '{rule, market: .legs[0].label, note}' $folder/decisions.ndjson
  sqlite3 -box $folder/mkt.db 'SELECT venue, label, price, size, aggressor_side FROM v_trades ORDER BY recv_us DESC LIMIT 10'
  sqlite3 -box $folder/mkt.db 'SELECT venue, count(*) AS trades FROM v_trades GROUP BY venue'
  sqlite3 -box $folder/mkt.db 'SELECT rule, count(*) AS decisions FROM v_decisions GROUP BY rule'
NEXT
