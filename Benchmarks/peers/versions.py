"""The versions of the peers on one line."""
import cv2
import pyvips

vips = ".".join(str(pyvips.version(part)) for part in range(3))
print(f"OpenCV {cv2.__version__}, libvips {vips}")
