"""The versions of the peers, one a line."""
import cv2
import pyvips

print("OpenCV", cv2.__version__)
print("libvips", ".".join(str(pyvips.version(part)) for part in range(3)))
