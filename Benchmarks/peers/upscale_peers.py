"""One megapixel enlarged by 2 in PyTorch and in onnxruntime: upscale_peers.py MODEL.onnx THREADS.

MODEL.onnx is what `vision export upscale-x2` writes: onnxruntime runs as many of its squares as a megapixel has. PyTorch runs
the same network, with other weights, on the whole. Prints seconds, the processor's and the clock's.
"""
import os
import sys
import time

path, threads = sys.argv[1], int(sys.argv[2])
for name in "OMP_NUM_THREADS", "MKL_NUM_THREADS":
    os.environ[name] = str(threads)

import numpy
import onnxruntime
import torch


def measure(name, step):
    step()
    best = (float("inf"), float("inf"))
    for _ in range(5):
        clock, cpu = time.perf_counter(), time.process_time()
        step()
        best = min(best, (time.process_time() - cpu, time.perf_counter() - clock))
    print(f"{name}, {threads} threads: {best[0]:.2f} s of processor, {best[1]:.2f} s")


options = onnxruntime.SessionOptions()
options.intra_op_num_threads = threads
session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
shape = session.get_inputs()[0].shape
x = numpy.random.default_rng(1).random((1, *shape[1:]), numpy.float32)
tiles = 2 ** 20 / (shape[2] * shape[3])


def onnx_step():
    for _ in range(round(tiles)):
        session.run(None, {session.get_inputs()[0].name: x})


class Block(torch.nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv1 = torch.nn.Conv2d(channels, channels, 3, padding=1)
        self.conv2 = torch.nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x):
        return x + self.conv2(torch.relu(self.conv1(x)))


class Upscaler(torch.nn.Module):
    def __init__(self, channels=48, blocks=5, scale=2):
        super().__init__()
        self.scale = scale
        self.head = torch.nn.Conv2d(4, channels, 3, padding=1)
        self.blocks = torch.nn.Sequential(*[Block(channels) for _ in range(blocks)])
        self.tail = torch.nn.Conv2d(channels, 3 * scale * scale, 3, padding=1)

    def forward(self, x):
        base = torch.nn.functional.interpolate(x[:, :3], scale_factor=self.scale, mode="bicubic")
        y = self.tail(self.blocks(torch.relu(self.head(x))))
        return base + torch.nn.functional.pixel_shuffle(y, self.scale)


torch.set_num_threads(threads)
model = Upscaler().eval().to(memory_format=torch.channels_last)
image = torch.rand(1, 4, 1024, 1024).to(memory_format=torch.channels_last)


def torch_step(precision):
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16, enabled=precision == "bf16"):
        model(image)


measure("onnxruntime fp32", onnx_step)
measure("PyTorch fp32", lambda: torch_step("fp32"))
measure("PyTorch bf16", lambda: torch_step("bf16"))
