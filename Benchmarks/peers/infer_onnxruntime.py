"""Inference in onnxruntime of networks exported from PyTorch: infer_onnxruntime.py WORK THREADS.

WORK is resnet18-inference-1, resnet50-inference-32, ... or generator. Prints a line for
`Benchmarks report`.
"""
import subprocess
import sys
import tempfile

from measure import measure

work, threads = sys.argv[1], int(sys.argv[2])
WORKS = {"generator": ("DCGAN generator, 64 images", (64, 100, 1, 1))}
TITLES = {
    "resnet18": "ResNet-18", "resnet50": "ResNet-50", "mobilenetv2": "MobileNetV2", "alexnet": "AlexNet",
    "vgg16": "VGG-16", "googlenet": "GoogLeNet", "efficientnet-b0": "EfficientNet-B0",
}
for key, title in TITLES.items():
    for batch in 1, 32:
        WORKS[f"{key}-inference-{batch}"] = (
            f"{title} 224², inference, batch {batch}", (batch, 3, 224, 224))
name, shape = WORKS[work]


def export(path):
    """Writes the network as ONNX; in a process of its own, so that PyTorch is not counted below."""
    import torch
    from torchvision import models

    from networks_torch import generator, resnet18

    torch.manual_seed(1)
    make = {
        "generator": generator, "resnet18": lambda: resnet18(1000, False),
        "resnet50": models.resnet50, "mobilenetv2": models.mobilenet_v2, "alexnet": models.alexnet,
        "vgg16": models.vgg16, "efficientnet-b0": models.efficientnet_b0,
        "googlenet": lambda: models.googlenet(aux_logits=False, init_weights=False),
    }
    model = make[work.split("-inference")[0]]()
    torch.onnx.export(
        model.eval(), (torch.randn(*shape),), path, dynamo=False, opset_version=17,
        input_names=["x"], output_names=["y"])


if len(sys.argv) > 3:
    export(sys.argv[3])
    sys.exit()

with tempfile.NamedTemporaryFile(suffix=".onnx") as file:
    subprocess.run([sys.executable, __file__, work, str(threads), file.name], check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    import numpy
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(file.name, options, providers=["CPUExecutionProvider"])
x = numpy.random.default_rng(1).standard_normal(shape, numpy.float32)
steps = 30 if shape[0] == 1 else 7


def step():
    return float(session.run(None, {"x": x})[0].sum())


measure(name, f"onnxruntime {threads} fp32", step, steps, 2)
