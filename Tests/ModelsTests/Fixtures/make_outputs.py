"""Writes outputs.json: what other libraries' networks make of one image, with weights that a formula
gives, so that no weights need to be kept. Needs torch, torchvision and keras 3 (KERAS_BACKEND=torch).

The number at place i of the tensor NAME is drawn from SplitMix64 at FNV-1a(NAME) + i."""

import json
import os
import pathlib

os.environ["KERAS_BACKEND"] = "torch"

import keras
import numpy as np
import torch
import torchvision

SIZE = 96


def uniform(name, count):
    state = np.uint64(0xCBF29CE484222325)
    for byte in name.encode():
        state = np.uint64((int(state) ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF)
    z = state + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z ^= z >> np.uint64(31)
    return ((z >> np.uint64(40)).astype(np.float64) / 2**24).astype(np.float32)


def value(name, shape):
    """The weights of a variable: He's bound for kernels, near 1 for scales and variances."""
    u = uniform(name, int(np.prod(shape)))
    if len(shape) > 1:
        values = (2 * u - 1) * np.float32(np.sqrt(6 / np.prod(shape[1:])))
    elif name.endswith("running_var") or name.endswith("weight"):
        values = u + np.float32(0.5)
    else:
        values = (u - np.float32(0.5)) * np.float32(0.2)
    return values.reshape(shape)


image = 2 * uniform("image", 3 * SIZE * SIZE).reshape(1, 3, SIZE, SIZE) - 1
outputs = {}

for ours, theirs in {
    "alexnet": "alexnet", "vgg13": "vgg13", "googlenet": "googlenet", "resnet101": "resnet101",
    "efficientnet-b0": "efficientnet_b0",
}.items():
    extra = {"transform_input": False, "init_weights": False} if theirs == "googlenet" else {}
    network = getattr(torchvision.models, theirs)(weights=None, **extra).eval()
    network.load_state_dict({
        name: torch.from_numpy(value(name, tuple(t.shape))) if t.dtype.is_floating_point else t
        for name, t in network.state_dict().items()
    })
    with torch.no_grad():
        outputs[ours] = network(torch.from_numpy(image))[0, :10].tolist()

# Keras's Xception: its kernels are HWIO; ours are named by layer, shortcuts by their block.
network = keras.applications.Xception(
    weights=None, input_shape=(SIZE, SIZE, 3), classifier_activation=None)
SHORTCUTS = ["block2", "block3", "block4", "block13"]
paths = {}
for prefix, place in [("conv2d", 0), ("batch_normalization", 1)]:
    names = [layer.name for layer in network.layers if layer.name.startswith(prefix)]
    paths |= {name: f"{block}.downsample.{place}" for name, block in zip(names, SHORTCUTS)}
for layer in network.layers:
    block = layer.name.split("_")[0]
    if block.startswith("block") and 2 <= int(block.removeprefix("block")) <= 13:
        paths[layer.name] = f"{block}.{layer.name}"

for layer in network.layers:
    path = paths.get(layer.name, layer.name)
    kinds = {
        "kernel": "weight", "bias": "bias", "gamma": "weight", "beta": "bias",
        "moving_mean": "running_mean", "moving_variance": "running_var",
        "depthwise_kernel": "depthwise.weight", "pointwise_kernel": "pointwise.weight",
    }
    for variable in layer.variables:
        kind = variable.path.split("/")[-1]
        shape = tuple(variable.shape)
        if kind == "depthwise_kernel":
            ours = value(f"{path}.{kinds[kind]}", (shape[2], 1, shape[0], shape[1]))
            variable.assign(ours.transpose(2, 3, 0, 1))
        elif len(shape) == 4:
            ours = value(f"{path}.{kinds[kind]}", (shape[3], shape[2], shape[0], shape[1]))
            variable.assign(ours.transpose(2, 3, 1, 0))
        elif len(shape) == 2:
            variable.assign(value(f"{path}.{kinds[kind]}", (shape[1], shape[0])).T)
        else:
            variable.assign(value(f"{path}.{kinds[kind]}", shape))
with torch.no_grad():
    result = network(image.transpose(0, 2, 3, 1), training=False)
outputs["xception"] = result.detach().numpy()[0, :10].tolist()

# U-Net after Figure 1 of its paper, and the small ones; every 97th number of what they make.
F = torch.nn.functional


def tensor(name, *shape):
    return torch.from_numpy(value(name, shape))


def pair(x, path, channels, norm):
    for i in (1, 2):
        bias = None if norm else tensor(f"{path}.conv{i}.bias", channels)
        x = F.conv2d(
            x, tensor(f"{path}.conv{i}.weight", channels, x.shape[1], 3, 3), bias,
            padding=1 if norm else 0)
        if norm:
            mean, variance, weight, bias = (
                tensor(f"{path}.norm{i}.{name}", channels)
                for name in ("running_mean", "running_var", "weight", "bias"))
            x = F.batch_norm(x, mean, variance, weight, bias)
        x = F.relu(x)
    return x


def level(x, path, number, channels, norm):
    kept = pair(x, path + "encoder", channels, norm)
    if number == 5:
        return kept
    inner = path + "inner."
    y = level(F.max_pool2d(kept, 2), inner, number + 1, 2 * channels, norm)
    y = F.conv_transpose2d(
        y, tensor(inner + "up.weight", 2 * channels, channels, 2, 2),
        tensor(inner + "up.bias", channels), stride=2)
    cut = (kept.shape[2] - y.shape[2]) // 2
    kept = kept[:, :, cut:kept.shape[2] - cut, cut:kept.shape[3] - cut]
    return pair(torch.cat([kept, y], 1), path + "decoder", channels, norm)


for name, shape, channels, classes in [
    ("unet", (1, 1, 204, 204), 64, 2), ("unet-small", (1, 3, SIZE, SIZE), 16, 2),
    ("unet-half", (1, 3, SIZE, SIZE), 16, 2),
]:
    x = torch.from_numpy(2 * uniform("image", int(np.prod(shape))).reshape(shape) - 1)
    half = name == "unet-half"
    y = level(F.pixel_unshuffle(x, 2) if half else x, "", 1, channels, name != "unet")
    made = 4 * classes if half else classes
    y = F.conv2d(y, tensor("head.weight", made, channels, 1, 1), tensor("head.bias", made))
    outputs[name] = (F.pixel_shuffle(y, 2) if half else y).flatten()[::97].tolist()[:10]

folder = pathlib.Path(__file__).parent
(folder / "outputs.json").write_text(json.dumps(outputs, indent=1) + "\n")
