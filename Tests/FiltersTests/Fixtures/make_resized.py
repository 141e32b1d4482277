"""What Pillow and OpenCV make of input.bin in other sizes; run in this folder to make the files again.

resized.bin: all results one behind the other, RGB bytes row by row; resized.txt has a line for each: the
interpolation, width and height.
"""

import cv2
import numpy as np
from PIL import Image

picture = np.fromfile("input.bin", np.uint8).reshape(47, 61, 3)
results = []
for width, height in (20, 15), (61, 20), (7, 47), (100, 90), (1, 1):
    for name, kind in {
        "lanczos": Image.LANCZOS,
        "cubic": Image.BICUBIC,
        "linear": Image.BILINEAR,
        "nearest": Image.NEAREST,
    }.items():
        # A channel at a time as floats: with bytes Pillow rounds and clamps between the directions too.
        channels = [
            np.asarray(
                Image.fromarray(picture[..., channel].astype(np.float32)).resize(
                    (width, height), kind
                )
            )
            for channel in range(3)
        ]
        resized = np.clip(np.rint(np.stack(channels, axis=-1)), 0, 255)
        results.append((name, resized.astype(np.uint8)))
    if width <= 61 and height <= 47:
        # OpenCV's area is exact only where both sides get smaller.
        resized = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)
        results.append(("area", resized))
with open("resized.bin", "wb") as file, open("resized.txt", "w") as index:
    for name, result in results:
        file.write(result.tobytes())
        index.write(f"{name} {result.shape[1]} {result.shape[0]}\n")
