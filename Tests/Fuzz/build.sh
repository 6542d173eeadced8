#!/usr/bin/env bash
# Builds the fuzzers into .build-fuzz.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

# Optimized, and still with every check against overflow and wrong indices.
MKTPIPE_FUZZ=1 exec "${SWIFT:-swift}" build -c release --scratch-path .build-fuzz --explicit-target-dependency-import-check error
