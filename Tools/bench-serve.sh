#!/bin/sh
# Measures `vision serve` with wrk: requests a second, processor time a request, the slowest hundredth, and how quickly
# /healthz answers meanwhile; then what 200 connections with 12 megapixels each take of memory.
#
# Tools/bench-serve.sh [SECONDS] prints tables in Markdown. MODEL=FILE classifies with another model than `objects`.
# PEER=http://HOST:PORT measures Benchmarks/peers/serve.py, or what answers like it, beside it, each in turn;
# PEER_PROCESS is the number of its process.
set -eu
cd "$(dirname "$0")/.."
seconds=${1:-10}
vision=$PWD/.build/release/vision
work=$(mktemp -d)
server=""
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT INT TERM

for program in wrk curl; do
  command -v $program >/dev/null \
    || { echo "bench-serve: $program is needed; on Debian: apt install $program" >&2; exit 1; }
done

# 640 × 480, and 12 megapixels, of a scene that has edges and smooth parts.
"$vision" filter --resize 640x480 --fit crop samples/scene.png -o "$work/small.jpg" >/dev/null
"$vision" filter --resize 4000x3000 --fit crop samples/scene.png -o "$work/large.jpg" >/dev/null

began=$(date +%s%N)
"$vision" serve --port 0 --queue 256 ${MODEL:+--model "$MODEL"} >"$work/address" &
server=$!
while [ ! -s "$work/address" ]; do sleep 0.005; done
address=$(head -n 1 "$work/address")
curl -s -o /dev/null "${address}healthz"
echo "first answer after $((($(date +%s%N) - began) / 1000000)) ms," \
  "then $(awk '/^VmRSS/ { print int($2 / 1024) }' /proc/$server/status) MiB resident"
echo
model=${MODEL:-objects}
model=$(basename "${model%.*}")

post() {
  cat >"$work/post.lua" <<LUA
local file = io.open("$1", "rb")
wrk.method = "POST"
wrk.body = file:read("*a")
file:close()
done = function(summary, latency)
  io.write(string.format("RESULT %d %.1f %.1f %d\n", summary.requests,
    summary.requests / summary.duration * 1e6, latency:percentile(99) / 1000,
    summary.errors.status + summary.errors.timeout))
end
LUA
}

# Milliseconds of processor time that a process and its children have had.
processor() {
  [ -n "$1" ] || { echo 0; return; }
  for process in "$1" $(cat "/proc/$1/task/$1/children"); do
    sed 's/.*) //' "/proc/$process/stat"
  done | awk -v ticks="$(getconf CLK_TCK)" '{ sum += $12 + $13 } END { print int(sum * 1000 / ticks) }'
}

# measure NAME CONNECTIONS IMAGE URL PROCESS
measure() {
  post "$3"
  # The health of the server meanwhile, ten times a second.
  : >"$work/health"
  ( while :; do
      curl -s -o /dev/null -w '%{time_total}\n' "${4%%/api/*}/healthz" >>"$work/health" || true
      sleep 0.1
    done ) &
  health=$!
  before=$(processor "$5")
  result=$(wrk -t 1 -c "$2" -d "${seconds}s" --timeout 60s -s "$work/post.lua" "$4" | sed -n 's/^RESULT //p')
  after=$(processor "$5")
  kill "$health"
  wait "$health" 2>/dev/null || true
  slow=$(sort -n "$work/health" | awk '{ all[NR] = $1 } END { print NR ? 1000 * all[int(0.99 * NR + 0.99)] : "-" }')
  set -- "$1" "$2" $result
  each=$(awk -v time=$((after - before)) -v count="$3" 'BEGIN { printf "%.1f", count ? time / count : 0 }')
  echo "| $1 | $2 | $4 | $each ms | $5 ms | $6 | $slow ms |"
}

peer() {
  [ -z "${PEER:-}" ] || measure "$1, peer" "$2" "$3" "$PEER/$4" "${PEER_PROCESS:-}"
}

echo "| work | connections | requests a second | processor time each | p99 | errors | /healthz p99 |"
echo "|---|--:|--:|--:|--:|--:|--:|"
for round in $(seq "${ROUNDS:-1}"); do
  measure "classify 640 × 480 JPEG, $model" 16 "$work/small.jpg" "${address}api/v1/classify?model=$model" $server
  peer "classify 640 × 480 JPEG" 16 "$work/small.jpg" classify
  measure "classify 12-megapixel JPEG, $model" 16 "$work/large.jpg" "${address}api/v1/classify?model=$model" $server
  peer "classify 12-megapixel JPEG" 16 "$work/large.jpg" classify
  measure "Gaussian σ 2, 12-megapixel JPEG" 8 "$work/large.jpg" "${address}api/v1/filter?gaussian=2" $server
  peer "Gaussian σ 2, 12-megapixel JPEG" 8 "$work/large.jpg" "filter?sigma=2"
  measure "Sobel, 12-megapixel JPEG" 8 "$work/large.jpg" "${address}api/v1/filter?sobel" $server
  peer "Sobel, 12-megapixel JPEG" 8 "$work/large.jpg" filter
done
kill "$server"
wait "$server" || true
rm "$work/address"

# A server of its own: the memory that a burst takes, and gives back.
"$vision" serve --port 0 >"$work/address" &
server=$!
while [ ! -s "$work/address" ]; do sleep 0.005; done
address=$(head -n 1 "$work/address")
memory() { awk -v name="$1:" '$1 == name { print int($2 / 1024) }' "/proc/$server/status"; }
curl -s -o /dev/null --data-binary @"$work/small.jpg" "${address}api/v1/filter?gaussian=2"
before=$(memory VmRSS)
for number in $(seq 200); do echo "url = \"${address}api/v1/filter?gaussian=2\""; echo "output = /dev/null"; done >"$work/burst"
curl -s --no-progress-meter --parallel --parallel-immediate --parallel-max 200 --data-binary @"$work/large.jpg" -w '%{http_code}\n' \
  -K "$work/burst" | sort | uniq -c | awk '{ print $1 " answers " $2 }'
sleep 30
echo
echo "200 connections with 12 megapixels each: peak $(memory VmHWM) MiB; 30 s later $(memory VmRSS) MiB, before $before MiB"
