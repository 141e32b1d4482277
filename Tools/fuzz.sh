#!/bin/sh
# Fuzzes every reader for a time under the address sanitizer, C also under that of undefined behavior:
# Tools/fuzz.sh SECONDS [READER...]
#
# Begins with samples/, the tests' fixtures, the conformance cases where VISION_CASES or ../shared/cases holds some, and
# what earlier runs found worth keeping (.build/fuzz/corpus). What crashes, hangs or takes too much memory is left in
# .build/fuzz/found.
set -eu
cd "$(dirname "$0")/.."
seconds=$1
shift
readers=${*:-png jpeg webp gif bmp tiff safetensors pytorch onnx network idx cifar list kernel options request form}
cases=${VISION_CASES:-../shared/cases}
work=$PWD/.build/fuzz
mkdir -p "$work/found"

# The program that holds a reader.
program() {
  case $1 in
    png | jpeg | webp | gif | bmp | tiff | kernel | options) echo fuzz-pictures ;;
    request | form) echo fuzz-requests ;;
    *) echo fuzz-models ;;
  esac
}

# The compiler obeys only the last -sanitize that it is given: the one that names both.
for program in $(for reader in $readers; do program "$reader"; done | sort -u); do
  swift build -c release --package-path Fuzzing --scratch-path "$work/build" --product "$program" \
    --sanitize fuzzer -Xswiftc -sanitize=fuzzer,address \
    -Xcc -fsanitize=address,undefined -Xcc -fsanitize-trap=undefined
done

# Files below a folder whose names end so, under names that do not collide.
collect() {
  corpus=$1
  ending=$2
  shift 2
  find "$@" -type f -name "*$ending" -size -64k 2>/dev/null | while read -r file; do
    cp "$file" "$corpus/$(printf '%s' "$file" | md5sum | cut -c 1-16)"
  done
}

unpacked=$work/cases
if [ -d "$cases" ]; then
  for archive in "$cases"/png/*.tar.gz "$cases"/jpeg/libjpeg-turbo.tar.gz "$cases"/jpeg/mutated.tar.gz \
    "$cases"/onnx/*.tar.gz
  do
    folder=$unpacked/$(basename "$archive" .tar.gz)
    [ ! -d "$folder" ] || continue
    mkdir -p "$folder"
    tar xzf "$archive" -C "$folder"
  done
fi

seeds() {
  corpus=$work/corpus/$1
  [ -d "$corpus" ] && return
  mkdir -p "$corpus"
  # What writes a file keeps its name for good: a signal's handler may be reading it.
  ASAN_OPTIONS=detect_leaks=0 FUZZ=$1 FUZZ_SEEDS=$corpus FUZZ_CASES=$unpacked/node/node:$unpacked/node-more/node "$fuzz"
  case $1 in
    png) collect "$corpus" .png samples "$unpacked" ;;
    jpeg)
      collect "$corpus" .jpg samples "$unpacked"
      [ ! -d "$unpacked/mutated" ] || collect "$corpus" "" "$unpacked/mutated"
      ;;
    webp | gif | bmp) collect "$corpus" ".$1" Tests ;;
    tiff) collect "$corpus" .tif Tests ;;
    safetensors) collect "$corpus" .safetensors Tests "$cases" ;;
    pytorch)
      collect "$corpus" .pt Tests "$cases"
      collect "$corpus" .pth Tests "$cases"
      ;;
    onnx) collect "$corpus" .onnx "$unpacked" ;;
  esac
}

export SWIFT_BACKTRACE=enable=no ASAN_OPTIONS=allocator_may_return_null=1:detect_leaks=1
failed=""
for reader in $readers; do
  fuzz=$work/build/release/$(program "$reader")
  seeds "$reader"
  log=$work/$reader.log
  if FUZZ=$reader "$fuzz" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=4096 -print_final_stats=1 \
    -artifact_prefix="$work/found/$reader-" "$work/corpus/$reader" >"$log" 2>&1
  then
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    edges=$(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$log" | tail -n 1)
    echo "$reader: nothing found in $runs runs, $edges edges covered"
  else
    failed="$failed $reader"
    echo "$reader: found something; see $log and $work/found" >&2
  fi
done
[ -z "$failed" ]
