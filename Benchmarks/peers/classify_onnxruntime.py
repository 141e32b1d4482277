"""Labels pictures with onnxruntime and Pillow: classify_onnxruntime.py MODEL.onnx PATH.

PATH is a picture or a folder of JPEGs. Decoding has a thread for each processor, computing as many; a
batch has up to 32 pictures. Prints a line for each picture.
"""
import glob
import os
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import onnxruntime
from PIL import Image

model, path = sys.argv[1:]
files = sorted(glob.glob(path + "/*.jpg")) if os.path.isdir(path) else [path]
session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
tensor = session.get_inputs()[0]
height, width = tensor.shape[2:]
mean, deviation = np.float32([0.485, 0.456, 0.406]), np.float32([0.229, 0.224, 0.225])


def load(file):
    image = Image.open(file).convert("RGB")
    if image.size != (width, height):
        image = image.resize((width, height))
    values = np.asarray(image, dtype=np.float32) / 255
    return ((values - mean) / deviation).transpose(2, 0, 1)


with ThreadPoolExecutor(os.cpu_count()) as threads:
    for start in range(0, len(files), 32):
        batch = files[start : start + 32]
        logits = session.run(None, {tensor.name: np.stack(list(threads.map(load, batch)))})[0]
        shares = np.exp(logits - logits.max(1, keepdims=True))
        shares /= shares.sum(1, keepdims=True)
        for file, share in zip(batch, shares):
            print(file, share.argmax(), f"{share.max():.3f}")
