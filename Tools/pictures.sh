#!/bin/sh
# Makes the pictures of the README and samples/faces/seeds-0-63.png again, from samples/ and the models that ship; all but
# curves.png, which the training of `objects` left.
set -eu
cd "$(dirname "$0")/.."
vision=.build/release/vision
out=assets/pictures
mkdir -p "$out"

picture() {
  name=$1
  shift
  "$vision" filter "$@" --quality 85 samples/scene.png -o "$out/$name.jpg"
}

picture scene --identity
picture sobel --sobel
picture gaussian --gaussian 3
picture sharpen8 --sharpen8
picture edge8 --edge8
picture emboss --kernel "-2 -1 0; -1 1 1; 0 1 2"

# A part of the scene with noise, and without it again.
picture noisy --crop 150,70,320,240 --noise 30
"$vision" filter --crop 150,70,320,240 --noise 30 samples/scene.png -o "$out/noisy.png"
"$vision" denoise "$out/noisy.png" --quality 85 -o "$out/denoised.jpg"
rm "$out/noisy.png"

# Every filter of the catalog on the scene, in one sheet.
.build/release/render-samples --filters "$out/filters.png"
"$vision" filter --identity --quality 85 "$out/filters.png" -o "$out/filters.jpg"
rm "$out/filters.png"

"$vision" gan sample --seeds 100-131 --columns 16 -o "$out/faces.png"
"$vision" gan sample --seeds 0-63 -o samples/faces/seeds-0-63.png

"$vision" classify samples/digits/*-large.png --model digits --sheet "$out/sheet.png" >/dev/null
"$vision" explain samples/digits/2-large.png --model digits -o "$out/explained" >/dev/null
mv "$out/explained/predictions.png" "$out/grad-cam.png"
rm -r "$out/explained"

# The page, where a browser is installed.
if command -v chromedriver >/dev/null; then
  VISION_BROWSER=1 VISION_SCREENSHOTS=$PWD/$out swift test -c release --disable-testable-imports --scratch-path .build/tests \
    --filter BrowserTests/pictures >/dev/null
fi
