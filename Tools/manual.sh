#!/bin/sh
# Writes manual pages from what `vision help …` says: Tools/manual.sh VISION DIRECTORY
set -eu
vision=$1
directory=$2
tools=$(dirname "$0")
version=$("$vision" --version | cut -d " " -f 1)
mkdir -p "$directory"

# A page for a command, and for each that is listed below it.
pages() {
  page=vision
  for name in "$@"; do page=$page-$name; done
  help=$("$vision" help "$@")
  printf '%s\n' "$help" | LC_ALL=C awk -v page="$page" -v version="$version" -f "$tools/manual.awk" \
    >"$directory/$page.1"
  for name in $(printf '%s\n' "$help" | sed -n '/^SUBCOMMANDS:$/,$s/^  \([a-z]\{1,\}\) .*/\1/p'); do
    (pages "$@" "$name")
  done
}
pages
