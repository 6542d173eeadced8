#!/usr/bin/env bash
# usage: match.sh [-o FILE] [TEXT…]
# Lists the open markets of both venues that have all the words of TEXT (all of them without any) and proposes links between them, as CSV.
# It goes to standard output, or to FILE, which is made whole or not at all and never written over. A person then approves line by line.
set -euo pipefail
# shellcheck source=pipelines/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

case "${1:-}" in -h | --help) sed -n '2,4s/^# //p' "${BASH_SOURCE[0]}"; exit 0 ;; esac
file=""
if [[ "${1:-}" == -o ]]; then
  [[ $# -ge 2 && -n "$2" ]] || mkt_fail 64 "usage: match.sh [-o FILE] [TEXT…]"
  file=$2
  shift 2
fi
[[ "${1:-}" != -* ]] || mkt_fail 64 "unknown option $1; usage: match.sh [-o FILE] [TEXT…]"
# What a person has approved there would be lost.
[[ -z "$file" || ! -e "$file" ]] || mkt_fail 73 "$file exists; give another name and take over what is new in it"

mkt_use_tools
export MKT_LOG_LEVEL=${MKT_LOG_LEVEL:-warning}
mkt_begin

pm-feed --list "$@" > "$mkt_work/pm.ndjson" & mkt_child
kalshi-feed --list "$@" > "$mkt_work/kalshi.ndjson" & mkt_child
# Of a list that is not whole other pairs would look like the best.
mkt_wait
cat "$mkt_work/pm.ndjson" "$mkt_work/kalshi.ndjson" > "$mkt_work/all.ndjson"
mkt-decide --match < "$mkt_work/all.ndjson" > "$mkt_work/links.csv"
if [[ -z "$file" ]]; then
  cat "$mkt_work/links.csv"
else
  # Beside its place first: within a file system a name is given in one step, and only where nobody has taken it.
  fresh=$(mktemp -- "$file.XXXXXX") || mkt_fail 73 "cannot write beside $file"
  mkt_unfinished=("$fresh")
  cat "$mkt_work/links.csv" > "$fresh" || mkt_fail 74 "cannot write $fresh"
  chmod 644 -- "$fresh"
  ln -T -- "$fresh" "$file" 2>/dev/null || mkt_fail 73 "cannot make $file; somebody may have taken the name"
fi
