#!/bin/sh
# Installs the program with its models, manual pages and completions under a prefix, or removes them:
# Tools/install.sh [--uninstall] PREFIX
set -eu
cd "$(dirname "$0")/.."
vision=.build/release/vision

uninstall() {
  rm -f "$prefix/bin/vision" "$prefix"/share/man/man1/vision.1 "$prefix"/share/man/man1/vision-*.1 \
    "$prefix/share/bash-completion/completions/vision" \
    "$prefix/share/zsh/site-functions/_vision" "$prefix/share/fish/vendor_completions.d/vision.fish"
  # Models of one's own stay.
  for model in assets/models/*; do rm -f "$prefix/share/vision/models/${model##*/}"; done
  rmdir "$prefix/share/vision/models" "$prefix/share/vision" 2>/dev/null || true
}

completions() {
  install -d "$(dirname "$prefix/share/$2")"
  "$vision" --generate-completion-script "$1" >"$prefix/share/$2"
  chmod 644 "$prefix/share/$2"
}

if [ "$1" = --uninstall ]; then
  prefix=$2
  uninstall
  exit
fi
prefix=$1
install -D -s "$vision" "$prefix/bin/vision"
install -D -m 644 -t "$prefix/share/vision/models" assets/models/*
Tools/manual.sh "$vision" "$prefix/share/man/man1"
completions bash bash-completion/completions/vision
completions zsh zsh/site-functions/_vision
completions fish fish/vendor_completions.d/vision.fish
echo "installed $prefix/bin/vision"
