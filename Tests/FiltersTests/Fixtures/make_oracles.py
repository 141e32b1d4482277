"""What OpenCV (without IPP), SciPy and plain numpy make of input.bin and gray16.bin (see
make_fixtures.py): ranks, edges, morphology, thresholds, tone. Run in this folder to make oracles.bin and
oracles.txt again.
"""

import cv2
import numpy as np
from scipy import ndimage

if hasattr(cv2, "ipp"):
    cv2.ipp.setUseIPP(False)
height, width = 47, 61
color = np.fromfile("input.bin", np.uint8).reshape(height, width, 3)
gray16 = np.fromfile("gray16.bin", np.uint16).reshape(height, width)
red = np.ascontiguousarray(color[:, :, 0])
gray = cv2.cvtColor(color, cv2.COLOR_RGB2GRAY)
results = []


def save(name, array):
    results.append((name, np.ascontiguousarray(array)))


def finish(numbers, dtype):
    return np.clip(np.rint(numbers), 0, np.iinfo(dtype).max).astype(dtype)


def channels(function):
    return np.stack([function(np.ascontiguousarray(color[:, :, c])) for c in range(3)], -1)


# Ranks. 16-bit medians from 7 on are SciPy's.
for size in (3, 5, 7, 15, 31):
    save(f"median{size}", cv2.medianBlur(color, size))
for size in (3, 5):
    save(f"median{size}-16", cv2.medianBlur(gray16, size))
for size in (7, 13):
    save(f"median{size}-16", ndimage.median_filter(gray16, size, mode="nearest"))

# Morphology. The shapes are drawn by OpenCV; an even and an asymmetric element are numpy's.
shapes = {"rect": cv2.MORPH_RECT, "cross": cv2.MORPH_CROSS, "ellipse": cv2.MORPH_ELLIPSE}
operations = {
    "erode": cv2.MORPH_ERODE, "dilate": cv2.MORPH_DILATE, "open": cv2.MORPH_OPEN,
    "close": cv2.MORPH_CLOSE, "morph-gradient": cv2.MORPH_GRADIENT, "tophat": cv2.MORPH_TOPHAT,
    "blackhat": cv2.MORPH_BLACKHAT,
}
for shape, kind in shapes.items():
    for w, h in ((3, 3), (5, 5), (7, 3), (9, 9), (13, 21)):
        element = cv2.getStructuringElement(kind, (w, h))
        save(f"erode-{shape}-{w}x{h}", cv2.erode(red, element))
for name, operation in operations.items():
    element = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (7, 5))
    save(f"{name}-ellipse-7x5-2", cv2.morphologyEx(color, operation, element, iterations=2))
    save(f"{name}-16", cv2.morphologyEx(gray16, operation, np.ones((3, 3), np.uint8)))


def extreme(image, offsets, outside, pick):
    """The extreme over the pixels at these offsets; what lies outside does not count."""
    padded = np.pad(image, 8, constant_values=outside)
    return pick.reduce([
        padded[8 + dy : 8 + dy + height, 8 + dx : 8 + dx + width] for dy, dx in offsets
    ])


for name, rows in (("even", ["1111", "1111"]), ("corner", ["110", "100", "000"])):
    h, w = len(rows), len(rows[0])
    offsets = [(y - h // 2, x - w // 2) for y in range(h) for x in range(w) if rows[y][x] == "1"]
    back = [(-dy, -dx) for dy, dx in offsets]
    save(f"erode-{name}", extreme(red, offsets, 255, np.minimum))
    save(f"dilate-{name}", extreme(red, offsets, 0, np.maximum))
    save(f"open-{name}", extreme(extreme(red, offsets, 255, np.minimum), back, 0, np.maximum))

# Canny. On 16 bits and at large apertures the same in numpy.
for name, image in (("gray", gray), ("color", color)):
    for aperture, low, high in ((3, 80.5, 190.2), (5, 900, 2100), (7, 20000, 52000)):
        for l2 in (False, True):
            edges = cv2.Canny(image, low, high, apertureSize=aperture, L2gradient=l2)
            save(f"canny-{name}-{aperture}{'-l2' if l2 else ''}", edges)


def canny(image, low, high):
    image = np.pad(image.astype(np.int64), 1, mode="edge")
    smooth, derive = [1, 2, 1], [-1, 0, 1]
    dx = ndimage.correlate1d(ndimage.correlate1d(image, derive, 1), smooth, 0)[1:-1, 1:-1]
    dy = ndimage.correlate1d(ndimage.correlate1d(image, derive, 0), smooth, 1)[1:-1, 1:-1]
    m = np.abs(dx) + np.abs(dy)
    p = np.pad(m, 1)
    strong, kept = np.zeros(m.shape, bool), np.zeros(m.shape, bool)
    for y in range(height):
        for x in range(width):
            v, ax, ay = m[y, x], abs(dx[y, x]), abs(dy[y, x])
            if ay * 32768 < ax * 13573:
                largest = v > p[y + 1, x] and v >= p[y + 1, x + 2]
            elif ay * 32768 > ax * (13573 + 65536):
                largest = v > p[y, x + 1] and v >= p[y + 2, x + 1]
            else:
                s = -1 if (dx[y, x] < 0) != (dy[y, x] < 0) else 1
                largest = v > p[y, x + 1 - s] and v > p[y + 2, x + 1 + s]
            kept[y, x] = largest and v > low
            strong[y, x] = kept[y, x] and v > high
    labels, _ = ndimage.label(kept, np.ones((3, 3)))
    return np.isin(labels, np.unique(labels[strong])) & kept


save("canny-16", (canny(gray16, 25000, 60000) * 65535).astype(np.uint16))

# Thresholds.
save("otsu", cv2.threshold(gray, 0, 255, cv2.THRESH_OTSU)[1])
save("otsu-16", cv2.threshold(gray16, 0, 65535, cv2.THRESH_OTSU)[1])
save("triangle", cv2.threshold(gray, 0, 255, cv2.THRESH_TRIANGLE)[1])
for size, constant in ((3, 2), (31, -4.5), (75, 0)):
    for name, kind in (("mean", cv2.ADAPTIVE_THRESH_MEAN_C), ("gaussian", cv2.ADAPTIVE_THRESH_GAUSSIAN_C)):
        edges = cv2.adaptiveThreshold(gray, 255, kind, cv2.THRESH_BINARY, size, constant)
        save(f"adaptive-{name}-{size}", edges)


def triangle(counts):
    """OpenCV's rule on a histogram of any length."""
    last, used = len(counts) - 1, np.nonzero(counts)[0]
    left, right, peak = max(used[0] - 1, 0), min(used[-1] + 1, last), int(np.argmax(counts))
    flipped = peak - left < right - peak
    if flipped:
        counts, left, peak = counts[::-1], last - right, last - peak
    i = np.arange(left + 1, peak + 1)
    distance = counts[peak] * i + (left - peak) * counts[i]
    best = i[np.argmax(distance)] if len(i) and distance.max() > 0 else left
    return last - (best - 1) if flipped else best - 1


level = triangle(np.bincount(gray16.ravel(), minlength=65536).astype(np.float64))
save("triangle-16", np.where(gray16 > level, 65535, 0).astype(np.uint16))


# Histograms.
def on_luma(function):
    change = function(gray).astype(int) - gray
    return np.clip(color.astype(int) + change[:, :, None], 0, 255).astype(np.uint8)


save("equalize", on_luma(cv2.equalizeHist))
save("equalize-gray", cv2.equalizeHist(red))
counts = np.bincount(gray16.ravel(), minlength=65536)
first = np.nonzero(counts)[0][0]
sums = (np.cumsum(counts) - counts[first]).astype(np.float32)
scale = np.float32(65535) / np.float32(gray16.size - counts[first])
save("equalize-16", np.clip(np.rint(sums * scale), 0, 65535).astype(np.uint16)[gray16])
for clip, tiles in ((2, 8), (0, 1), (40, 3), (3.5, 16)):
    engine = cv2.createCLAHE(clip, (tiles, tiles))
    save(f"clahe-{clip}-{tiles}", on_luma(engine.apply))
    save(f"clahe-{clip}-{tiles}-16", engine.apply(gray16))

# Laplacian of Gaussian and others, in float64.
for sigma in (1, 2.3):
    laplacian = channels(lambda plane: ndimage.gaussian_laplace(plane.astype(float), sigma))
    save(f"log{sigma}", finish(laplacian + 128, np.uint8))


def gaussian(plane, sigma):
    radius = (int(np.rint(6 * sigma + 1)) | 1) // 2
    weights = np.exp(-np.arange(-radius, radius + 1) ** 2 / (2 * sigma**2))
    for axis in (0, 1):
        plane = ndimage.correlate1d(plane.astype(float), weights / weights.sum(), axis, mode="mirror")
    return plane


save("dog", finish(channels(lambda p: gaussian(p, 1) - gaussian(p, 2.5) + 128), np.uint8))
ring = [(0, 0), (0, 1), (0, 2), (1, 2), (2, 2), (2, 1), (2, 0), (1, 0)]
kernels = []
for turn in range(8):
    kernel = np.full((3, 3), -3.0)
    kernel[1, 1] = 0
    for k in range(3):
        kernel[ring[(turn + k) % 8]] = 5
    kernels.append(kernel)
save("kirsch", finish(channels(
    lambda p: np.max([ndimage.correlate(p.astype(float), k, mode="mirror") for k in kernels], 0)), np.uint8))


def roberts(plane):
    p = np.pad(plane.astype(float), ((1, 0), (1, 0)), "reflect")
    a, b = p[:-1, :-1] - p[1:, 1:], p[:-1, 1:] - p[1:, :-1]
    return np.sqrt(a**2 + b**2)


save("roberts", finish(channels(roberts), np.uint8))


def bilateral(image, diameter, sigma_color, sigma_space):
    image = image.astype(float).reshape(height, width, -1)
    r = diameter // 2
    padded = np.pad(image, ((r, r), (r, r), (0, 0)), "reflect")
    total, weights = np.zeros_like(image), np.zeros((height, width, 1))
    for dy in range(-r, r + 1):
        for dx in range(-r, r + 1):
            if dx * dx + dy * dy <= r * r:
                other = padded[r + dy : r + dy + height, r + dx : r + dx + width]
                d = np.abs(other - image).sum(-1, keepdims=True)
                w = np.exp(-(dx * dx + dy * dy) / (2 * sigma_space**2) - d**2 / (2 * sigma_color**2))
                total += w * other
                weights += w
    return (total / weights).squeeze()


save("bilateral", finish(bilateral(color, 9, 50, 3), np.uint8))
save("bilateral-gray", finish(bilateral(red, 7, 20, 50), np.uint8))
save("bilateral-16", finish(bilateral(gray16, 9, 9000, 4), np.uint16))
blurred = channels(lambda p: finish(gaussian(p, 2), np.uint8)).astype(float)
difference = color - blurred
save("unsharp", finish(np.where(abs(difference) > 3, color + 1.5 * difference, color), np.uint8))

with open("oracles.bin", "wb") as data, open("oracles.txt", "w") as index:
    for name, array in results:
        array.tofile(data)
        index.write(f"{name} {array.dtype} {array.size}\n")
