"""A folder of PNG files with OpenCV in two processes: directory_cv2.py INPUT/ OUTPUT/"""
import multiprocessing
import os
import sys

import cv2

source, target = sys.argv[1:3]


def sobel(name):
    image = cv2.imread(os.path.join(source, name), cv2.IMREAD_UNCHANGED)
    x = cv2.Sobel(image, cv2.CV_32F, 1, 0)
    y = cv2.Sobel(image, cv2.CV_32F, 0, 1)
    cv2.imwrite(os.path.join(target, name), cv2.convertScaleAbs(cv2.magnitude(x, y)))


if __name__ == "__main__":
    os.makedirs(target, exist_ok=True)
    cv2.setNumThreads(1)
    with multiprocessing.Pool(2) as pool:
        pool.map(sobel, sorted(os.listdir(source)), chunksize=8)
