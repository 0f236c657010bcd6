#!/bin/sh
# Thug, the peer of `python -m bench detect`, in .thug: an environment of its own.
set -eu
cd "$(dirname "$0")/.."
test -x .thug/bin/python || python3 -m venv .thug
.thug/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/thug.txt
.thug/bin/python -c 'import thug.ThugAPI.ThugAPI'
echo "Thug is in .thug"
