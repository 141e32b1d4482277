"""The same with libvips, streaming: filter_vips.py sobel|gaussian INPUT OUTPUT"""
import sys

import pyvips

name, source, target = sys.argv[1:4]
image = pyvips.Image.new_from_file(source, access="sequential")
image = image.sobel() if name == "sobel" else image.gaussblur(2)
if target.endswith(".jpg"):
    image.jpegsave(target, Q=90, subsample_mode="on")
else:
    image.pngsave(target, compression=1)
