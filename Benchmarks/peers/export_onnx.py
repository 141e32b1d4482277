"""Writes networks with random weights as ONNX for classify_onnxruntime.py: export_onnx.py FOLDER.

`resnet18.onnx` is ResNet-18 for 224 × 224 pixels and 1,000 classes, `objects.onnx` a network of the size
of the classifier that ships: 32 × 32 pixels, 2 million parameters.
"""
import sys

import torch
from torch import nn


class Block(nn.Module):
    def __init__(self, before, after, stride):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(before, after, 3, stride, 1, bias=False), nn.BatchNorm2d(after), nn.ReLU(),
            nn.Conv2d(after, after, 3, 1, 1, bias=False), nn.BatchNorm2d(after))
        self.shortcut = nn.Sequential()
        if before != after:
            self.shortcut = nn.Sequential(
                nn.Conv2d(before, after, 1, stride, bias=False), nn.BatchNorm2d(after))

    def forward(self, x):
        return torch.relu(self.body(x) + self.shortcut(x))


def resnet18():
    layers = [nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU(), nn.MaxPool2d(3, 2, 1)]
    before = 64
    for width in [64, 128, 256, 512]:
        layers += [Block(before, width, 1 if width == 64 else 2), Block(width, width, 1)]
        before = width
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, 1000))


def objects():
    layers, before = [nn.Conv2d(3, 24, 2), nn.GELU()], 24
    for width in [64, 256, 256]:
        layers += [
            nn.Conv2d(before, width, 3, 1, 1, bias=False), nn.MaxPool2d(2), nn.BatchNorm2d(width),
            nn.GELU(), nn.Conv2d(width, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width), nn.GELU()]
        before = width
    return nn.Sequential(*layers, nn.AdaptiveMaxPool2d(1), nn.Flatten(), nn.Linear(256, 10))


for name, network, side in [("resnet18", resnet18(), 224), ("objects", objects(), 32)]:
    torch.onnx.export(
        network.eval(), torch.zeros(1, 3, side, side), f"{sys.argv[1]}/{name}.onnx",
        input_names=["images"], output_names=["logits"],
        dynamic_axes={"images": {0: "batch"}, "logits": {0: "batch"}}, dynamo=False)
