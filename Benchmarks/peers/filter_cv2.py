"""What a person writes with OpenCV: filter_cv2.py sobel|gaussian INPUT OUTPUT [QUALITY]"""
import sys

import cv2

name, source, target = sys.argv[1:4]
image = cv2.imread(source, cv2.IMREAD_UNCHANGED)
if name == "sobel":
    x = cv2.Sobel(image, cv2.CV_32F, 1, 0)
    y = cv2.Sobel(image, cv2.CV_32F, 0, 1)
    image = cv2.convertScaleAbs(cv2.magnitude(x, y))
else:
    image = cv2.GaussianBlur(image, (0, 0), 2)
options = []
if target.endswith(".jpg"):
    options = [cv2.IMWRITE_JPEG_QUALITY, 90]
    options += [cv2.IMWRITE_JPEG_SAMPLING_FACTOR, cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420]
cv2.imwrite(target, image, options)
