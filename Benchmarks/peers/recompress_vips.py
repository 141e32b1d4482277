"""libpng at level 6, with the better of no row filter and all: recompress_vips.py INPUT OUTPUT"""
import sys

import pyvips

image = pyvips.Image.new_from_file(sys.argv[1])
files = [image.pngsave_buffer(compression=6, filter=name) for name in ("none", "all")]
with open(sys.argv[2], "wb") as output:
    output.write(min(files, key=len))
