#!/bin/sh
# Sees to it that the system packages are there: installs them with apt where it may, otherwise
# prints the one line to run. Takes no time when nothing is missing.
set -eu

packages="make git ca-certificates g++ libjpeg-dev zlib1g-dev libisal-dev libdnnl-dev libcairo2-dev pkg-config"
# Loaded when a file asks for them; the tests do.
packages="$packages libwebp7 libtiff6"

if ! command -v swift >/dev/null 2>&1; then
  echo "setup: Swift 6 or later is needed; see https://www.swift.org/install/linux" >&2
  exit 1
fi

# What Swift itself stands on, where it was unpacked onto a system without it.
toolchain=$(dirname "$(readlink -f "$(command -v swift)")")
if ldd "$toolchain/swift-build" "$toolchain/swift-frontend" "$toolchain/lld" 2>/dev/null |
  grep -q "not found"
then
  packages="$packages libcurl4-openssl-dev libedit-dev libncurses-dev libsqlite3-dev libxml2-dev"
fi

missing=""
for package in $packages; do
  state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$state" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

line="apt-get update && apt-get install -y --no-install-recommends$missing"
if [ "$(id -u)" = 0 ]; then
  as_root=""
elif sudo -n true 2>/dev/null; then
  as_root="sudo"
else
  echo "setup: some packages are missing; run: sudo sh -c '$line'" >&2
  exit 1
fi
echo "setup: installing$missing"
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! { $as_root apt-get update && $as_root apt-get install -y --no-install-recommends $missing; } >"$log" 2>&1
then
  tail -n 5 "$log" >&2
  echo "setup: could not install; run: $line" >&2
  exit 1
fi
