"""How well and how fast others remove noise: denoise_peers.py FOLDER SIGMA.

White noise is clipped to 0…255 and rounded, as `vision denoise evaluate` adds it. Prints the mean PSNR in dB and seconds of
processor time of BM3D (PyPI bm3d, gray images only) and of OpenCV's non-local means with the strength that suits it best.
"""
import pathlib
import sys
import time

import cv2
import numpy

folder, sigma = sys.argv[1], float(sys.argv[2])
cv2.setNumThreads(1)
results = {}


def add(name, denoise, clean):
    start = time.process_time()
    image = denoise()
    seconds = time.process_time() - start
    error = numpy.mean((numpy.clip(numpy.round(image), 0, 255) - clean) ** 2)
    results.setdefault(name, []).append((10 * numpy.log10(255**2 / error), seconds))


for number, path in enumerate(sorted(pathlib.Path(folder).iterdir())):
    image = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    if image is None:
        continue
    clean = image.astype(numpy.float64)
    noise = sigma * numpy.random.default_rng(number).normal(size=image.shape)
    noisy = numpy.clip(numpy.round(clean + noise), 0, 255).astype(numpy.uint8)
    add("noisy", lambda: noisy.astype(numpy.float64), clean)
    for strength in (0.7, 0.8, 0.9, 1.0, 1.1):
        name, h = f"non-local means, h = {strength} σ", strength * sigma
        if image.ndim == 2:
            add(name, lambda: cv2.fastNlMeansDenoising(noisy, None, h, 7, 21).astype(float), clean)
        else:
            add(
                name,
                lambda: cv2.fastNlMeansDenoisingColored(noisy, None, h, h, 7, 21).astype(float),
                clean,
            )
    if image.ndim == 2:
        import bm3d

        add("BM3D", lambda: bm3d.bm3d(noisy / 255, sigma / 255) * 255, clean)

for name, values in results.items():
    psnr, seconds = numpy.mean(values, axis=0)
    print(f"σ {sigma:g}, {len(values)} images, {name}: {psnr:.2f} dB, {seconds:.2f} s an image")
