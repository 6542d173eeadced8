#!/usr/bin/env bash
# usage: Tests/Fuzz/run.sh SECONDS [SUBJECT]...
# Builds the fuzzers and gives each subject (frames, http, json, pm-feed, kalshi-feed) so many seconds, one after the other.
# What a subject grew is kept in .build-fuzz/corpus for the next run; what broke a promise is in .build-fuzz/findings.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

usage() { sed -n '2,4s/^# //p' "${BASH_SOURCE[0]}" >&2; exit 64; }
[[ $# -ge 1 && "$1" =~ ^[1-9][0-9]*$ ]] || usage
each=$1
shift
subjects=("$@")
[[ ${#subjects[@]} -gt 0 ]] || subjects=(frames http json pm-feed kalshi-feed)
for subject in "${subjects[@]}"; do
  [[ -d "Tests/Fuzz/fuzz-$subject" ]] || usage
done

Tests/Fuzz/build.sh

# A trap shall be libFuzzer's to keep; Swift's runtime would take it first.
export SWIFT_BACKTRACE=enable=no
mkdir -p .build-fuzz/findings
found=0
for subject in "${subjects[@]}"; do
  corpus=.build-fuzz/corpus/$subject
  mkdir -p "$corpus"
  log=.build-fuzz/$subject.log
  if .build-fuzz/release/"fuzz-$subject" -max_total_time="$each" -max_len=8192 -timeout=20 -rss_limit_mb=2048 \
    -use_value_profile=1 -print_final_stats=1 -artifact_prefix=".build-fuzz/findings/$subject-" \
    "$corpus" "Tests/Fuzz/Corpus/$subject" > "$log" 2>&1; then
    echo "$subject: $(sed -n 's/^stat::number_of_executed_units: *//p' "$log") executions, $(grep -o 'cov: [0-9]* ft: [0-9]*' "$log" | tail -1)"
  else
    found=1
    grep -E 'Fatal error|ERROR:|SUMMARY:|Test unit written' "$log" | head -5 || tail -5 "$log"
    echo "$subject: a finding, see $log" >&2
  fi
done
exit "$found"
