#!/bin/sh
# Pins what pyproject.toml asks for, with hashes and without any index address.
# Pins that still fit are kept; `make lock UPGRADE=--upgrade` takes the newest.
set -eu

uv=$1
upgrade=${2:-}

# $1: the file to write; the rest: what goes in.
pin() {
    out=requirements/$1
    shift
    # shellcheck disable=SC2086  # $upgrade is one flag or nothing.
    "$uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --no-emit-index-url --no-emit-find-links --no-annotate --no-header \
        $upgrade --output-file "$out" "$@" >/dev/null
    {
        echo "# Made by \`make lock\` from pyproject.toml; not edited by hand."
        cat "$out"
    } >"$out.new"
    mv "$out.new" "$out"
}

pin uv.txt --group bootstrap
pin dev.txt --group dev --group build --all-extras pyproject.toml
pin base.txt --constraints requirements/dev.txt pyproject.toml
