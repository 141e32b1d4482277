#!/bin/sh
# Measures `vision serve` with wrk: requests a second, the slowest hundredth, and how quickly /healthz answers meanwhile.
#
# Tools/bench-serve.sh [SECONDS] prints a table in Markdown. PEER=NAME=http://HOST:PORT measures another server that
# takes an image as the body of POST /classify and POST /filter beside it, in the same run.
set -eu
cd "$(dirname "$0")/.."
seconds=${1:-10}
vision=$PWD/.build/release/vision
work=$(mktemp -d)
server=""
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT INT TERM

command -v wrk >/dev/null || { echo "bench-serve: wrk is needed; on Debian: apt install wrk" >&2; exit 1; }

# 640 × 480, and 12 megapixels, of a scene that has edges and smooth parts.
"$vision" filter --resize 640x480 --fit crop samples/scene.png -o "$work/small.jpg"
"$vision" filter --resize 4000x3000 --fit crop samples/scene.png -o "$work/large.jpg"

# Some commands' child is the server; its address comes first.
"$vision" serve --port 0 --queue 256 >"$work/address" &
server=$!
while [ ! -s "$work/address" ]; do sleep 0.05; done
address=$(head -n 1 "$work/address")

script() {
  cat >"$work/post.lua" <<LUA
local file = io.open("$1", "rb")
wrk.method = "POST"
wrk.body = file:read("*a")
file:close()
done = function(summary, latency)
  io.write(string.format("RESULT %.1f %.1f %d\n", summary.requests / summary.duration * 1e6,
    latency:percentile(99) / 1000, summary.errors.status + summary.errors.timeout))
end
LUA
}

# measure NAME CONNECTIONS IMAGE URL
measure() {
  script "$3"
  # The health of the server meanwhile, ten times a second.
  ( while :; do
      curl -s -o /dev/null -w '%{time_total}\n' "${4%%/api/*}/healthz" >>"$work/health" || true
      sleep 0.1
    done ) &
  health=$!
  : >"$work/health"
  result=$(wrk -t 2 -c "$2" -d "${seconds}s" --timeout 60s -s "$work/post.lua" "$4" | sed -n 's/^RESULT //p')
  kill "$health"
  set -- "$1" "$2" $result
  slow=$(sort -n "$work/health" | awk '{ all[NR] = $1 } END { print NR ? 1000 * all[int(0.99 * NR + 0.99)] : "-" }')
  echo "| $1 | $2 | $3 | $4 ms | $5 | $slow ms |"
}

echo "| work | connections | requests a second | p99 | errors | /healthz p99 |"
echo "|---|--:|--:|--:|--:|--:|"
measure "classify 640 × 480 JPEG, objects" 16 "$work/small.jpg" "${address}api/v1/classify?model=objects"
measure "classify 12-megapixel JPEG, objects" 16 "$work/large.jpg" "${address}api/v1/classify?model=objects"
measure "Gaussian σ 2, 12-megapixel JPEG" 8 "$work/large.jpg" "${address}api/v1/filter?gaussian=2"
measure "Sobel, 12-megapixel JPEG" 8 "$work/large.jpg" "${address}api/v1/filter?sobel"
if [ -n "${PEER:-}" ]; then
  name=${PEER%%=*}
  at=${PEER#*=}
  measure "classify 640 × 480 JPEG, $name" 16 "$work/small.jpg" "$at/classify"
  measure "filter, 12-megapixel JPEG, $name" 8 "$work/large.jpg" "$at/filter"
fi
echo
echo "peak memory: $(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$server/status" | awk '{ print int($1 / 1024) " MiB" }')"
