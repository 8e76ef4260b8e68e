#!/usr/bin/env bash
# Installs Ray from PyPI in an environment of its own, and extracts with two local workers.
# Usage: run.sh PHOTOS STORE [more options of queue add]
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
export MOBILENETS="${MOBILENETS:-npx mobilenets}"
environment="${RAY_ENVIRONMENT:-$here/.venv}"
if [ ! -x "$environment/bin/python" ]; then
  python3 -m venv "$environment"
  "$environment/bin/pip" install --quiet 'ray[data]'
fi
chunks="$(mktemp)"
trap 'rm -f "$chunks"' EXIT
$MOBILENETS queue add "$1" --out "$2" --print "${@:3}" > "$chunks"
"$environment/bin/python" "$here/extract.py" "$chunks" 2 1
