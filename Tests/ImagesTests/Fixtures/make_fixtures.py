"""Makes the fixtures of ImagesTests with Pillow, OpenCV and libjpeg-turbo's jpegtran.

python make_fixtures.py [screenshot.png]
"""
import subprocess
import sys

import cv2
import numpy as np
from PIL import Image

y, x = np.mgrid[0:48, 0:64]
rgb = np.stack([x * 4, y * 5, (x * y) % 256], -1).astype(np.uint8)
photo = Image.fromarray(rgb)
photo.save("baseline.jpg", quality=85, subsampling=2)
photo.save("progressive.jpg", quality=85, subsampling=1, progressive=True)
photo.convert("L").save("gray.jpg", quality=85)
photo.save("restart.jpg", quality=80, subsampling=0, restart_marker_blocks=3)
with open("arithmetic.jpg", "wb") as out:
    subprocess.run(["jpegtran", "-arithmetic", "baseline.jpg"], stdout=out, check=True)
for name in ("baseline", "progressive", "gray", "restart", "arithmetic"):
    pixels = cv2.imread(f"{name}.jpg", cv2.IMREAD_UNCHANGED)
    cv2.imwrite(f"{name}.reference.png", pixels)

inks = np.zeros((24, 24, 4), np.uint8)
inks[:12, :12, 0] = inks[:12, 12:, 1] = inks[12:, :12, 2] = inks[12:, 12:, 3] = 255
Image.fromarray(inks, "CMYK").save("cmyk.jpg", quality=95, subsampling=0)

# Pillow and OpenCV write no interlaced PNG; libvips does.
import pyvips

pyvips.Image.new_from_array(rgb[:29, :33]).write_to_file("interlaced.png", interlace=True)

if len(sys.argv) > 1:
    # What libpng makes of the screenshot-like picture at level 6 with its default filters.
    screenshot = pyvips.Image.new_from_file(sys.argv[1])
    print(len(screenshot.write_to_buffer(".png", compression=6, filter="all")))
