#!/usr/bin/env bash
# What the tests of `rehearsal export` read its results with: Mermaid's own parser, and Graphviz.
# Needs root for what Debian packages have, if that is missing. Can be run again.
set -euo pipefail
cd "$(dirname "$0")"
missing=()
command -v node > /dev/null || missing+=(nodejs)
command -v npm > /dev/null || missing+=(npm)
command -v dot > /dev/null || missing+=(graphviz)
if [ ${#missing[@]} -gt 0 ]; then
    apt-get update
    apt-get install -y --no-install-recommends "${missing[@]}"
fi
npm ci --no-progress
