#!/usr/bin/env bash
# Installs Spark from PyPI in an environment of its own (it needs Java), and extracts with two local workers.
# Usage: run.sh PHOTOS STORE [more options of queue add]
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
export MOBILENETS="${MOBILENETS:-npx mobilenets}"
environment="${SPARK_ENVIRONMENT:-$here/.venv}"
if [ ! -x "$environment/bin/python" ]; then
  python3 -m venv "$environment"
  "$environment/bin/pip" install --quiet pyspark
fi
# Spark's scripts find Spark with this Python, and run the recipe in it.
export PYSPARK_PYTHON="$environment/bin/python"
chunks="$(mktemp)"
trap 'rm -f "$chunks"' EXIT
$MOBILENETS queue add "$1" --out "$2" --print "${@:3}" > "$chunks"
"$environment/bin/spark-submit" --master 'local[2]' "$here/extract.py" "$chunks" 8
