"""Answers POST /classify and POST /filter, an image as the body, as programs usually do it: serve.py MODEL.onnx PORT.

FastAPI behind uvicorn, a worker for each processor; onnxruntime and Pillow classify, libvips filters. `sigma` of the
query is that of a Gaussian; without it the filter is Sobel.
"""
import asyncio
import io
import os
import sys

import numpy as np
import onnxruntime
import pyvips
import uvicorn
from fastapi import FastAPI, Request, Response
from PIL import Image

MODEL = os.environ.get("SERVE_MODEL", "")
MEAN, DEVIATION = np.float32([0.485, 0.456, 0.406]), np.float32([0.229, 0.224, 0.225])
app = FastAPI()
session = None


def labels(body):
    global session
    if session is None:
        session = onnxruntime.InferenceSession(MODEL, providers=["CPUExecutionProvider"])
    tensor = session.get_inputs()[0]
    height, width = tensor.shape[2:]
    image = Image.open(io.BytesIO(body))
    # As far as the format allows, no more is decoded than is needed.
    image.draft("RGB", (2 * width, 2 * height))
    image = image.convert("RGB").resize((width, height), Image.Resampling.BILINEAR)
    values = (np.asarray(image, dtype=np.float32) / 255 - MEAN) / DEVIATION
    logits = session.run(None, {tensor.name: values.transpose(2, 0, 1)[None]})[0][0]
    shares = np.exp(logits - logits.max())
    shares /= shares.sum()
    best = int(shares.argmax())
    return {"class": best, "probability": float(shares[best])}


def filtered(body, sigma):
    image = pyvips.Image.new_from_buffer(body, "", access="sequential")
    image = image.gaussblur(sigma) if sigma else image.sobel()
    return image.jpegsave_buffer(Q=90)


@app.post("/classify")
async def classify(request: Request):
    return await asyncio.to_thread(labels, await request.body())


@app.post("/filter")
async def filter_image(request: Request, sigma: float = 0):
    return Response(await asyncio.to_thread(filtered, await request.body(), sigma), media_type="image/jpeg")


@app.get("/healthz")
async def health():
    return "ok"


if __name__ == "__main__":
    os.environ["SERVE_MODEL"] = sys.argv[1]
    uvicorn.run("serve:app", port=int(sys.argv[2]), workers=os.cpu_count(), log_level="warning",
                app_dir=os.path.dirname(os.path.abspath(__file__)))
