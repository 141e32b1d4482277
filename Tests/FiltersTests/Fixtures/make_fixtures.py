"""What OpenCV and SciPy (float64) make of a small picture; run in this folder to make the files again.

input.bin: 61 x 47 RGB, bytes; gray16.bin: 61 x 47 gray, 16 bits little-endian.
expected.bin: all results one behind the other, samples row by row, little-endian; expected.txt has a
line for each: its name, the type of its samples and their number.
"""

import cv2
import numpy as np
from scipy import ndimage

generator = np.random.default_rng(20)
height, width = 47, 61
y, x = np.mgrid[0:height, 0:width]
picture = np.stack([(x * 3 + y) % 256, (x * y) % 256, 255 * ((x // 7 + y // 5) % 2)], axis=-1)
picture = (picture * 0.8 + generator.integers(0, 52, picture.shape)).astype(np.uint8)
picture[5:12, 5:15] = 255
picture[20:28, 30:44] = 0
picture.tofile("input.bin")
gray16 = (picture[:, :, 0].astype(np.uint16) * 257 + generator.integers(0, 100, (height, width))).astype(np.uint16)
gray16.tofile("gray16.bin")

borders = {
    "reflect101": cv2.BORDER_REFLECT_101,
    "replicate": cv2.BORDER_REPLICATE,
    "reflect": cv2.BORDER_REFLECT,
    "constant": cv2.BORDER_CONSTANT,
}
kernels = {
    "edge": [[1, 0, -1], [0, 0, 0], [-1, 0, 1]],
    "laplacian": [[0, 1, 0], [1, -4, 1], [0, 1, 0]],
    "edge8": [[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]],
    "sharpen": [[0, -1, 0], [-1, 5, -1], [0, -1, 0]],
    "sharpen8": [[-1, -1, -1], [-1, 9, -1], [-1, -1, -1]],
    "strong-edge": [[-1, -2, -1], [0, 0, 0], [1, 2, 1]],
}


results = []


def save(name, array):
    results.append((name, array))


for border_name, border in borders.items():
    for name, kernel in kernels.items():
        kernel = np.array(kernel, np.float32)
        save(f"{name}-{border_name}", cv2.filter2D(picture, -1, kernel, borderType=border))
    blur = np.array([[1, 2, 1], [2, 4, 2], [1, 2, 1]], np.float32) / 16
    save(f"blur-{border_name}", cv2.filter2D(picture, -1, blur, borderType=border))

    # Signed gradients. OpenCV's kernels are the negatives of `1 0 -1`.
    gradients = {
        "sobel": [cv2.Sobel(picture, cv2.CV_16S, dx, 1 - dx, borderType=border) for dx in (1, 0)],
        "scharr": [cv2.Scharr(picture, cv2.CV_16S, dx, 1 - dx, borderType=border) for dx in (1, 0)],
    }
    for name, (gx, gy) in gradients.items():
        save(f"{name}-x-{border_name}", gx)
        save(f"{name}-y-{border_name}", gy)
        root = np.sqrt(gx.astype(np.float64) ** 2 + gy.astype(np.float64) ** 2)
        save(f"{name}-{border_name}", np.clip(np.rint(root), 0, 255).astype(np.uint8))

# Prewitt and the wrapped border are SciPy's.
modes = {"reflect101": "mirror", "wrap": "wrap"}
for border_name, mode in modes.items():
    channels = [ndimage.prewitt(picture[:, :, c].astype(np.int16), axis=1, mode=mode) for c in range(3)]
    save(f"prewitt-x-{border_name}", np.stack(channels, axis=-1).astype(np.int16))
    channels = [ndimage.sobel(picture[:, :, c].astype(np.int16), axis=1, mode=mode) for c in range(3)]
    save(f"sobel-x-{border_name}", np.stack(channels, axis=-1).astype(np.int16))

# Box: exact sums, half up. (OpenCV's blur agrees where there are no ties, that is for odd sizes.)
for size in (3, 4, 15):
    sums = cv2.boxFilter(picture, cv2.CV_32S, (size, size), normalize=False)
    area = size * size
    save(f"box{size}-reflect101", ((2 * sums + area) // (2 * area)).astype(np.uint8))
    if size % 2:
        assert np.array_equal(cv2.blur(picture, (size, size)), (2 * sums + area) // (2 * area))

# Gaussian in float64 over the window that OpenCV takes for bytes.
for sigma in (0.8, 2, 5):
    radius = (round(6 * sigma + 1) | 1) // 2
    for name, image in (("", picture), ("16", gray16)):
        image = image.astype(np.float64).reshape(height, width, -1)
        channels = [
            ndimage.gaussian_filter(image[:, :, c], sigma, mode="mirror", radius=radius)
            for c in range(image.shape[2])
        ]
        result = np.rint(np.stack(channels, axis=-1))
        save(f"gaussian{sigma}-reflect101{name}", result.astype(np.uint16 if name else np.uint8))

save("gray", cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY))
gx = cv2.Sobel(gray16, cv2.CV_64F, 1, 0)
gy = cv2.Sobel(gray16, cv2.CV_64F, 0, 1)
save("sobel16", np.clip(np.rint(np.sqrt(gx**2 + gy**2)), 0, 65535).astype(np.uint16))

# Where it brightens, in 256ths of a turn.
gx, gy = (cv2.Sobel(picture, cv2.CV_64F, dx, 1 - dx) for dx in (1, 0))
turns = np.rint(np.mod(np.arctan2(gy, gx) / (2 * np.pi), 1) * 256).astype(np.int64) % 256
save("sobel-angle", turns.astype(np.uint8))

with open("expected.bin", "wb") as data, open("expected.txt", "w") as index:
    for name, array in results:
        data.write(array.tobytes())
        index.write(f"{name} {array.dtype} {array.size}\n")
