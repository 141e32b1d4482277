#!/bin/sh
# Pages of Documentation/ and of all public symbols, for any web server: .build/docs/. The program was built
# before. It takes swift-symbolgraph-extract and docc, which come with Swift.
set -eu
cd "$(dirname "$0")/.."
build=.build/release
symbols=.build/symbols
docs=.build/docs
rm -rf $symbols $docs
mkdir -p $symbols

maps=$(ls $build/C*.build/module.modulemap Sources/C*/module.modulemap |
  sed 's/^/-Xcc -fmodule-map-file=/')
for module in Files Images Filters Figures Tensors Graphs Networks Models Engine Datasets ModelFiles ONNX Inference Training; do
  # shellcheck disable=SC2046,SC2086
  swift-symbolgraph-extract -module-name $module -target "$(uname -m)-unknown-linux-gnu" \
    -I $build/Modules $maps $(pkg-config --cflags cairo | sed 's/-I/-Xcc -I/g') \
    -minimum-access-level public -skip-synthesized-members -output-dir $symbols
done
docc convert Documentation/vision.docc --additional-symbol-graph-dir $symbols \
  --fallback-display-name vision --fallback-bundle-identifier vision \
  --diagnostic-level error --transform-for-static-hosting --output-path $docs
echo "the pages are in $docs; to read them: python3 -m http.server -d $docs"
