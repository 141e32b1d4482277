"""OpenCV on the images and works of FilterBenchmarks.swift; the same columns are printed."""

import math
import time

import cv2
import numpy as np


def benchmark_image(width, height, channels):
    """The same pixels as benchmarkImage() in FilterBenchmarks.swift."""
    samples = width * channels
    count = height * samples
    # The linear congruential generator in one go: x[n] = a^n x[0] + c (a^n - 1) / (a - 1) mod 2^32.
    noise = np.empty(count, np.uint32)
    a, c, x, block = 1664525, 1013904223, 1, 4096
    head = []
    for _ in range(block):
        x = (a * x + c) % 2**32
        head.append(x)
    noise[:block] = head
    a_block = pow(a, block, 2**32)
    c_block = 0
    for _ in range(block):
        c_block = (c_block * a + c) % 2**32
    for start in range(block, count, block):
        previous = noise[start - block : start]
        with np.errstate(over="ignore"):
            following = previous * np.uint32(a_block) + np.uint32(c_block)
        noise[start : start + block] = following[: count - start]
    y, x = np.mgrid[0:height, 0:samples]
    edges = np.where((x // 160 + y // 90) % 2 == 0, 60, 0)
    slope = (x + y) * 140 // (samples + height)
    image = edges + slope + (noise >> 28).reshape(height, samples)
    image = image.astype(np.uint8).reshape(height, width, channels)
    return image[:, :, 0].copy() if channels == 1 else image


def timing(work):
    """Median, best and processor milliseconds, measured as Timing.swift does."""

    def milliseconds():
        wall, processor = time.perf_counter(), time.process_time()
        work()
        return (time.perf_counter() - wall) * 1e3, (time.process_time() - processor) * 1e3

    work()
    runs = min(101, max(5, int(500 / max(milliseconds()[0], 0.01)))) | 1
    times = [milliseconds() for _ in range(runs)]
    walls = sorted(wall for wall, _ in times)
    return walls[runs // 2], walls[0], sorted(processor for _, processor in times)[runs // 2]


def works(image):
    """Each work with its memory made beforehand, as on our side."""
    x = np.empty(image.shape, np.float32)
    y = np.empty(image.shape, np.float32)
    root = np.empty(image.shape, np.float32)
    output = np.empty_like(image)
    sharpen = np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]], np.float32)

    def sobel():
        cv2.Sobel(image, cv2.CV_32F, 1, 0, dst=x)
        cv2.Sobel(image, cv2.CV_32F, 0, 1, dst=y)
        cv2.magnitude(x, y, root)
        cv2.convertScaleAbs(root, output)

    height, width = image.shape[:2]
    angle = math.radians(10)
    turned = (
        math.ceil(width * math.cos(angle) + height * math.sin(angle)),
        math.ceil(width * math.sin(angle) + height * math.cos(angle)),
    )
    turn = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), -10, 1)
    turn[0, 2] += (turned[0] - width) / 2
    turn[1, 2] += (turned[1] - height) / 2
    channels = image.shape[2:]
    half = np.empty((height // 2, width // 2) + channels, np.uint8)
    third = np.empty((height * 3 // 10, width * 3 // 10) + channels, np.uint8)
    oblique = np.empty((turned[1], turned[0]) + channels, np.uint8)
    upright = np.empty((width, height) + channels, np.uint8)
    five = np.ones((5, 5), np.uint8)
    blurred = np.empty_like(image)
    plane = np.empty(image.shape[:2], np.uint8)
    binary = np.empty_like(plane)
    is_color = image.ndim == 3
    clahe = cv2.createCLAHE(2, (8, 8))

    def unsharp():
        cv2.GaussianBlur(image, (0, 0), 2, dst=blurred)
        cv2.addWeighted(image, 2, blurred, -1, 0, dst=output)

    def gray():
        return cv2.cvtColor(image, cv2.COLOR_RGB2GRAY, dst=plane) if is_color else image

    def adaptive(kind):
        cv2.adaptiveThreshold(gray(), 255, kind, cv2.THRESH_BINARY, 31, 5, dst=binary)

    def on_luma(work):
        if not is_color:
            return work(image, output)
        ycc = cv2.cvtColor(image, cv2.COLOR_RGB2YCrCb)
        planes = list(cv2.split(ycc))
        planes[0] = work(planes[0], None)
        cv2.cvtColor(cv2.merge(planes), cv2.COLOR_YCrCb2RGB, dst=output)

    return [
        (
            "half size, area",
            lambda: cv2.resize(image, (width // 2, height // 2), half, interpolation=cv2.INTER_AREA),
        ),
        (
            "0.3, Lanczos",
            lambda: cv2.resize(
                image, (width * 3 // 10, height * 3 // 10), third, interpolation=cv2.INTER_LANCZOS4
            ),
        ),
        ("rotate 10°", lambda: cv2.warpAffine(image, turn, turned, oblique)),
        ("rotate 90°", lambda: cv2.rotate(image, cv2.ROTATE_90_CLOCKWISE, upright)),
        ("sobel", sobel),
        ("sharpen", lambda: cv2.filter2D(image, -1, sharpen, dst=output)),
        ("box 3", lambda: cv2.blur(image, (3, 3), dst=output)),
        ("box 15", lambda: cv2.blur(image, (15, 15), dst=output)),
        ("gaussian 2", lambda: cv2.GaussianBlur(image, (0, 0), 2, dst=output)),
        ("gaussian 5", lambda: cv2.GaussianBlur(image, (0, 0), 5, dst=output)),
        ("median 3", lambda: cv2.medianBlur(image, 3, dst=output)),
        ("median 5", lambda: cv2.medianBlur(image, 5, dst=output)),
        ("median 7", lambda: cv2.medianBlur(image, 7, dst=output)),
        ("median 15", lambda: cv2.medianBlur(image, 15, dst=output)),
        ("bilateral 9", lambda: cv2.bilateralFilter(image, 9, 50, 50, dst=output)),
        ("unsharp 2", unsharp),
        ("canny 50 150", lambda: cv2.Canny(image, 50, 150, edges=plane)),
        ("erode 5", lambda: cv2.erode(image, five, dst=output)),
        ("open 5", lambda: cv2.morphologyEx(image, cv2.MORPH_OPEN, five, dst=output)),
        ("threshold otsu", lambda: cv2.threshold(
            gray(), 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU, dst=binary)),
        ("adaptive mean 31", lambda: adaptive(cv2.ADAPTIVE_THRESH_MEAN_C)),
        ("adaptive gaussian 31", lambda: adaptive(cv2.ADAPTIVE_THRESH_GAUSSIAN_C)),
        ("equalize", lambda: on_luma(cv2.equalizeHist)),
        ("clahe 2", lambda: on_luma(clahe.apply)),
    ]


def main():
    for channels in (1, 3):
        image = benchmark_image(4000, 3000, channels)
        for name, work in works(image):
            for threads in (1, 2):
                cv2.setNumThreads(threads)
                color = "gray" if channels == 1 else "RGB"
                columns = "\t".join(f"{milliseconds:.3f}" for milliseconds in timing(work))
                print(f"filters\t{name} {color}\topencv {threads}\t{columns}", flush=True)


main()
