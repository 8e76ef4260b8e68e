#!/usr/bin/env bash
# Makes a fresh Debian machine with Node ready for `npm test`: Chromium for the browser tests, Redis for those of the
# queue, then npm's packages, those that only tests need among them.
set -euo pipefail
cd "$(dirname "$0")/.."

# No npm package ships Chromium or Redis. Tests start Redis servers of their own.
missing=()
command -v chromium >/dev/null || missing+=(chromium)
command -v redis-server >/dev/null || missing+=(redis-server)
if [ "${#missing[@]}" -gt 0 ]; then
  as_root=()
  if [ "$(id -u)" -ne 0 ]; then as_root=(sudo); fi
  "${as_root[@]}" apt-get update -qq
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"
fi

npm ci --no-audit --no-fund
# What only tests need is large, and has a lock file of its own.
npm ci --no-audit --no-fund --ignore-scripts --prefix test/peers
node scripts/link-peers.mjs
