#!/bin/sh
# Builds the programs in Examples/ as a package that depends on this one, and runs each.
set -eu
cd "$(dirname "$0")/.."
build=.build/examples
swift build -c release --package-path Examples --scratch-path $build
$build/release/filter-image samples/scene.png $build/edges.png
test -s $build/edges.png
$build/release/classify-image assets/models/objects.safetensors samples/scene.png samples/scene.jpg
$build/release/train-network
$build/release/small-cnn samples/digits
$build/release/forecast-lstm
