"""A thumbnail with libvips, as vipsthumbnail makes it: thumbnail_vips.py INPUT OUTPUT"""
import sys

import pyvips

source, target = sys.argv[1:3]
pyvips.Image.thumbnail(source, 256, size="down").write_to_file(target, Q=85)
