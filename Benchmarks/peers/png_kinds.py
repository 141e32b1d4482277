"""Twelve megapixels of every kind, 8 and 16 bit, gray and color: png_kinds.py PHOTO FOLDER"""
import os
import sys

import cv2
import numpy as np

photo, folder = sys.argv[1:3]
os.makedirs(folder, exist_ok=True)
photo = cv2.imread(photo)
height, width = photo.shape[:2]
random = np.random.default_rng(1)
y, x = np.mgrid[0:height, 0:width]
gradient = np.stack([x / width, y / height, (x + y) / (width + height)], -1)
noise = random.random((height, width, 3))
blurred = cv2.GaussianBlur(noise, (0, 0), 3)
blurred = (blurred - blurred.mean()) / blurred.std() * 0.16 + 0.5
drawing = np.full((height, width, 3), 255, np.uint8)
for index in range(300):
    color = [int(value) for value in random.integers(0, 256, 3)]
    a, b = random.integers(0, min(height, width), (2, 2)).tolist()
    if index % 4 == 0:
        cv2.rectangle(drawing, a, [a[0] + 200, a[1] + 150], color, -1)
    elif index % 4 == 1:
        cv2.circle(drawing, a, 5 + index % 200, color, -1, cv2.LINE_AA)
    elif index % 4 == 2:
        cv2.line(drawing, a, b, color, 3, cv2.LINE_AA)
    else:
        cv2.putText(drawing, f"drawing {index}", a, cv2.FONT_HERSHEY_SIMPLEX, 2, color, 3, cv2.LINE_AA)
kinds = {
    "photograph": photo / 255,
    "gradient": gradient,
    "blurred noise": blurred,
    "drawing": drawing / 255,
    "noise": noise,
}
for name, image in kinds.items():
    for bits in 8, 16:
        stored = image
        if bits == 16 and name == "photograph":
            # What a sensor adds below the eighth bit.
            stored = image + random.normal(0, 0.002, image.shape)
        stored = np.rint(np.clip(stored, 0, 1) * (2**bits - 1))
        stored = stored.astype(np.uint8 if bits == 8 else np.uint16)
        cv2.imwrite(f"{folder}/{name} {bits} bit RGB.png", stored)
        cv2.imwrite(f"{folder}/{name} {bits} bit gray.png", cv2.cvtColor(stored, cv2.COLOR_BGR2GRAY))
