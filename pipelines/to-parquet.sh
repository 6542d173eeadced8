#!/usr/bin/env bash
# usage: to-parquet.sh [--replace] --out FOLDER [SEGMENTS|FILE|-]...
# Makes FOLDER/TYPE.parquet of events, a file a type, exactly: prices, sizes and money are DECIMAL(19,6), times whole microseconds, levels lists.
# Reads folders of segments (all, or those of a year, month or day) and files of lines, merged in time, or standard input. Needs the DuckDB program.
# FOLDER appears when all of it is there; one that is there already is kept, or with --replace given up for the new one. Where an archive is not whole it is not made (65).
set -euo pipefail
# shellcheck source=pipelines/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

case "${1:-}" in -h | --help) sed -n '2,5s/^# //p' "${BASH_SOURCE[0]}"; exit 0 ;; esac
usage="usage: to-parquet.sh [--replace] --out FOLDER [SEGMENTS|FILE|-]..."
out=""
is_replacing=false
inputs=()
while [[ $# -gt 0 ]]; do
  case "$1" in
    --out) [[ $# -ge 2 && -n "$2" ]] || mkt_fail 64 "$usage"; out=${2%/}; shift 2 ;;
    --replace) is_replacing=true; shift ;;
    -) inputs+=("$1"); shift ;;
    -*) mkt_fail 64 "unknown option $1; $usage" ;;
    *) inputs+=("$1"); shift ;;
  esac
done
[[ -n "$out" ]] || mkt_fail 64 "$usage"
for input in ${inputs[@]+"${inputs[@]}"}; do [[ "$input" == - || -r "$input" ]] || mkt_fail 66 "cannot read $input"; done
[[ "$is_replacing" == true || ! -e "$out" ]] || mkt_fail 73 "$out exists; give another name, or --replace"
[[ ! -e "$out" || -d "$out" ]] || mkt_fail 73 "$out is no folder"
command -v duckdb >/dev/null 2>&1 ||
  mkt_fail 69 "duckdb is missing, and Debian has none; it is one file, from https://duckdb.org/install, or: pip install duckdb-cli"
mkt_use_tools
mkt_begin
# The folder itself, where its name is a link to it.
told=$out
out=$(realpath -m -- "$out")
fresh=$(mktemp -d -- "$out.XXXXXX" 2>/dev/null) || mkt_fail 73 "cannot make a folder beside $out"
mkt_unfinished=("$fresh")

# No settings of whoever runs this, and an end at the first error.
duck() { duckdb -batch -bail -init /dev/null "$@"; }

# DuckDB makes binary floating point of every JSON number with a point, also on its way to a DECIMAL; of text it makes none. So numbers are put into
# quotes first: whatever comes before a number outside of texts is passed over whole, and a last number is added so that the last match reaches the end.
# Behind its quote such a number has a mark, which no text of JSON can hold, for as long as it must be told from texts.
known="'instrument', 'book_snapshot', 'book_delta', 'quote', 'trade', 'market_status', 'resolution', 'ticker', 'feed_status', 'stage_status', 'own_order',
    'own_fill', 'own_position', 'own_account', 'reference', 'decision'"
# More than six decimals would be rounded, and so might exponents, and decimals where a whole number belongs. Readers take texts for numbers too.
rounded='-?[0-9]+(?:\.[0-9]{6}[0-9]*[1-9]|\.[0-9]+[eE][+-]?[0-9]+|[eE]-0*(?:[7-9]|[1-9][0-9]+))"'
amounts='price|size|average_price|fees?|cost|payout|profit|edge|filled|remaining|realized_pnl|unrealized_pnl|pnl|fees_paid|settlement_price|last_price|volume|open_interest'
amounts="$amounts|tick_size|min_size|start|end|step|taker_rate|maker_rate|exponent|multiplier"
cat > "$mkt_work/take.sql" <<SQL
CREATE TABLE lines AS
SELECT line, replace(marked, chr(1), '') AS event, regexp_matches(marked, '"' || chr(1) || '$rounded')
    OR regexp_matches(marked, '"(?:$amounts)"\s*:\s*"$rounded') OR regexp_matches(marked, '"(?:bids?|asks?)"\s*:\s*\[[^a-df-z{}:]*"$rounded') AS is_rounded
FROM (SELECT CAST(json AS VARCHAR) AS line, CAST(left(regexp_replace(CAST(json AS VARCHAR) || '0', '((?:"(?:[^"\\\\]|\\\\.)*"|[^"0-9-])*)(-?[0-9][0-9.eE+-]*)',
        '\1"' || chr(1) || '\2"', 'g'), -4) AS VARCHAR) AS marked
    FROM read_ndjson_objects('/dev/stdin', ignore_errors = true, maximum_object_size = 8388608));
ALTER TABLE lines ADD COLUMN type VARCHAR;
UPDATE lines SET type = event ->> '\$.type';
.mode list
.headers off
SELECT 'malformed ' || count(*) FROM lines WHERE type IS NULL HAVING count(*) > 0;
SELECT 'inexact ' || line FROM lines
WHERE is_rounded AND type IN ($known) AND type <> 'reference'
    OR regexp_matches(event, '"(?:v|conn|[a-z_]*seq|[a-z_]+_us|positions|lines)"\s*:\s*"-?[0-9]+[.eE]|"counters"\s*:\s*\{[^{}]*"-?[0-9]+[.eE]') LIMIT 1;
SELECT DISTINCT 'type ' || CASE WHEN type IN ($known) THEN type ELSE '-' END FROM lines WHERE type IS NOT NULL ORDER BY 1;
SQL

# Ends as the tools would: DuckDB's own status is 1, whatever was wrong.
duck_failed() {
  [[ $1 -eq 1 ]] || exit "$1"
  local said
  said=$(tr '\n' ' ' < "$mkt_work/error")
  case "$said" in
    *"Conversion Error"* | *"Invalid Input Error"*) mkt_fail 65 "a line is not what the contract says: ${said:0:400}" ;;
    *"Parser Error"* | *"Catalog Error"* | *"Binder Error"*) mkt_fail 69 "this DuckDB does not know what is asked of it (1.3 or later does): ${said:0:400}" ;;
    *) mkt_fail 74 "$said" ;;
  esac
}

# A column of a type: text as it is, all else cast from its digits, which fails where it does not fit.
text() { local key; for key in "$@"; do printf ", event ->> '\$.%s' AS \"%s\"" "$key" "$key"; done; }
cast() { local type=$1 key; shift; for key in "$@"; do printf ", CAST(event ->> '\$.%s' AS %s) AS \"%s\"" "$key" "$type" "$key"; done; }
decimal='DECIMAL(19,6)'
decimals() { cast "$decimal" "$@"; }
times() { cast BIGINT "$@"; }
whole() { cast BIGINT "$@"; }
truths() { cast BOOLEAN "$@"; }
parts() { local key=$1; printf ", CAST(event -> '\$.%s' AS %s) AS \"%s\"" "$key" "$2" "$key"; }
# The fields of an object, NAME or NAME:TYPE; ones that it lacks are NULL.
fields() {
  local field from=$1 comma=""
  shift
  for field in "$@"; do
    printf "%s\"%s\" := CAST(%s ->> '\$.%s' AS %s)" "$comma" "${field%%:*}" "$from" "${field%%:*}" "$([[ "$field" == *:* ]] && echo "${field#*:}" || echo VARCHAR)"
    comma=", "
  done
}
object() { local key=$1; shift; printf ", CASE WHEN (event -> '\$.%s') IS NOT NULL THEN struct_pack(%s) END AS \"%s\"" "$key" "$(fields "(event -> '\$.$key')" "$@")" "$key"; }
objects() { local key=$1; shift; printf ", list_transform(CAST(event -> '\$.%s' AS JSON[]), lambda o: struct_pack(%s)) AS \"%s\"" "$key" "$(fields o "$@")" "$key"; }
levels() {
  local key
  for key in bids asks; do
    printf ", list_transform(CAST(event -> '\$.%s' AS DECIMAL(19,6)[][]), lambda l: struct_pack(price := l[1], size := l[2])) AS %s" "$key" "$key"
  done
}
tops() {
  local key
  for key in bid ask; do
    printf ", CAST(event ->> '\$.%s[0]' AS DECIMAL(19,6)) AS %s_price, CAST(event ->> '\$.%s[1]' AS DECIMAL(19,6)) AS %s_size" "$key" "$key" "$key" "$key"
  done
}

columns() {
  case "$1" in
    instrument)
      text outcome question event slug complement state neg_risk; decimals tick_size min_size; times open_us close_us
      objects price_ranges start:"$decimal" end:"$decimal" step:"$decimal"
      object fee model taker_rate:"$decimal" maker_rate:"$decimal" exponent:"$decimal" multiplier:"$decimal" ;;
    book_snapshot) levels; text reason; truths verified ;;
    book_delta) levels; truths verified ;;
    quote) tops ;;
    trade) decimals price size; text aggressor_side trade_id tx ;;
    market_status) text state reason ;;
    resolution) decimals settlement_price; truths outcome_won ;;
    ticker) decimals last_price volume open_interest; tops ;;
    feed_status)
      text state reason; times since_us; parts instruments 'VARCHAR[]'; whole expected_seq got_seq retry_in_us; parts counters 'MAP(VARCHAR, BIGINT)' ;;
    stage_status) text stage state; parts counters 'MAP(VARCHAR, BIGINT)' ;;
    own_order) text order_id client_id side state reason; decimals price size filled remaining ;;
    own_fill) text trade_id order_id client_id side state tx; decimals price size fee; truths is_taker ;;
    own_position) decimals size cost realized_pnl fees_paid; text rule ;;
    own_account) text rule; decimals realized_pnl fees_paid unrealized_pnl pnl; whole positions ;;
    # Its content has no one shape: the line as it came has it.
    reference) whole lines; text rules data; printf ', line' ;;
    decision)
      text rule strategy action id note rules data build; decimals size cost payout fees edge profit
      objects legs venue market instrument label outcome side price:"$decimal" average_price:"$decimal" size:"$decimal" fee:"$decimal"
      objects because instrument feed conn:BIGINT seq:BIGINT recv_us:BIGINT trade_id ;;
    # A type that is not known yet.
    *) printf ', line' ;;
  esac
}

store="$fresh/lines.duckdb"
mkt-merge --log-level info --heartbeat 0 ${inputs[@]+"${inputs[@]}"} 2> "$mkt_work/merged" | duck "$store" -f "$mkt_work/take.sql" > "$mkt_work/found" 2> "$mkt_work/error" & mkt_child
status=0
mkt_wait || status=$?
grep -v '^mkt-merge: info: ' -- "$mkt_work/merged" >&2 || true
[[ $status -eq 0 ]] || duck_failed "$status"
# Of an archive that is not whole nobody shall take the folder for all of it.
lacking=$(sed -n 's/^mkt-merge: info: done: //p' "$mkt_work/merged" | grep -oE 'segments_(missing|unreadable|differing)=[0-9]+' | tr '\n' ' ' || true)
[[ -z "$lacking" ]] || mkt_fail 65 "not all that was stored could be read: ${lacking% }"
[[ ! -s "$mkt_work/error" ]] || cat "$mkt_work/error" >&2
types=()
while IFS= read -r found; do
  case "$found" in
    malformed*) echo "${0##*/}: warning: left out ${found#* } lines that are no JSON object with a type" >&2 ;;
    inexact*) mkt_fail 65 "a number would not stay exact (more than six decimals, or an exponent): ${found:8:400}" ;;
    type*) types+=("${found#* }") ;;
  esac
done < "$mkt_work/found"
[[ ${#types[@]} -gt 0 ]] || mkt_fail 65 "there are no events"

others=()
for type in "${types[@]}"; do
  if [[ "$(columns "$type")" == ", line" ]]; then
    # Whatever strangers name their types, the file's name is ours.
    others+=("$type")
    continue
  fi
  echo "COPY (SELECT CAST(event ->> '\$.v' AS UTINYINT) AS v$(text feed venue market instrument label)$(whole conn seq)$(times recv_us venue_us),"
  echo "    make_timestamp(CAST(event ->> '\$.recv_us' AS BIGINT)) AS recv_at$(columns "$type") FROM lines WHERE type = '$type')"
  echo "TO '$type.parquet' (FORMAT parquet, COMPRESSION zstd);"
done > "$mkt_work/give.sql"
if [[ ${#others[@]} -gt 0 ]]; then
  echo "COPY (SELECT CAST(event ->> '\$.v' AS UTINYINT) AS v, type$(text feed venue)$(times recv_us), line FROM lines WHERE type NOT IN ($known))"
  echo "TO 'others.parquet' (FORMAT parquet, COMPRESSION zstd);"
fi >> "$mkt_work/give.sql"
(cd "$fresh" && duck lines.duckdb -f "$mkt_work/give.sql" > /dev/null 2> "$mkt_work/error") & mkt_child
mkt_wait || duck_failed $?
rm -f -- "$store" "$store.wal"
chmod 755 -- "$fresh"
if [[ "$is_replacing" == true && -d "$out" ]]; then
  # The one before goes away once the new one has its name; no signal comes between.
  trap '' HUP INT TERM
  before=$(mktemp -d -- "$out.XXXXXX") || mkt_fail 73 "cannot make a folder beside $out"
  mv -T -- "$out" "$before"
  mv -T -- "$fresh" "$out" || { mv -T -- "$before" "$out"; mkt_fail 74 "cannot make $out"; }
  rm -rf -- "$before"
else
  mv -nT -- "$fresh" "$out"
  [[ ! -e "$fresh" ]] || mkt_fail 73 "cannot make $out; somebody may have taken the name"
fi
echo "$told: $(cd -- "$out" && echo ./*.parquet)"
