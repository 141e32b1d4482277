"""What a person writes with OpenCV: filter_cv2.py FILTER[=ARGUMENT] INPUT OUTPUT"""
import sys

import cv2
import numpy as np

name, source, target = sys.argv[1:4]
name, _, argument = name.partition("=")
image = cv2.imread(source, cv2.IMREAD_UNCHANGED)
largest = np.iinfo(image.dtype).max
kernels = {
    "edge": [[1, 0, -1], [0, 0, 0], [-1, 0, 1]],
    "edge8": [[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]],
    "laplacian": [[0, 1, 0], [1, -4, 1], [0, 1, 0]],
    "sharpen": [[0, -1, 0], [-1, 5, -1], [0, -1, 0]],
    "sharpen8": [[-1, -1, -1], [-1, 9, -1], [-1, -1, -1]],
    "strong-edge": [[-1, -2, -1], [0, 0, 0], [1, 2, 1]],
}
if name == "sobel" or name == "scharr":
    operator = cv2.Sobel if name == "sobel" else cv2.Scharr
    x = operator(image, cv2.CV_32F, 1, 0)
    y = operator(image, cv2.CV_32F, 0, 1)
    root = cv2.magnitude(x, y)
    image = cv2.convertScaleAbs(root) if largest == 255 else np.minimum(root, largest).astype(np.uint16)
elif name in kernels:
    image = cv2.filter2D(image, -1, np.array(kernels[name], np.float32))
elif name == "gaussian":
    image = cv2.GaussianBlur(image, (0, 0), float(argument or 2))
elif name == "box":
    image = cv2.blur(image, (int(argument), int(argument)))
elif name == "blur":
    image = cv2.GaussianBlur(image, (3, 3), 0)
elif name == "gray":
    image = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY) if image.ndim == 3 else image
elif name == "invert":
    image = largest - image
elif name == "resize":
    image = cv2.resize(image, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
options = []
if target.endswith(".jpg"):
    options = [cv2.IMWRITE_JPEG_QUALITY, 90]
    options += [cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420]
cv2.imwrite(target, image, options)
