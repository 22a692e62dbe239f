#!/usr/bin/env bash
# Installs the statsd daemon that tests/runtime/test_stats_daemon.py talks to.
# usage: install_statsd.sh FOLDER
set -euo pipefail
version=0.9.0
folder=$1

if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
    echo "WARNING: node and npm are not installed: the tests against a real statsd daemon will be skipped" >&2
    exit 0
fi
if [ "$(node -p "require('$(realpath -m "$folder")/node_modules/statsd/package.json').version" 2>/dev/null)" = "$version" ]; then
    exit 0
fi
mkdir -p "$folder"
# Its optional parts are for Windows services, syslog and hash rings.
npm install --prefix "$folder" --no-save --omit=optional --ignore-scripts --no-audit --no-fund --loglevel=error \
    "statsd@$version"
