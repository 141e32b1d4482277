"""Inference in onnxruntime of networks exported from PyTorch: infer_onnxruntime.py WORK THREADS.

WORK is resnet18-inference-1, resnet18-inference-32 or generator. Prints a line for `Benchmarks report`.
"""
import subprocess
import sys
import tempfile

from measure import measure

work, threads = sys.argv[1], int(sys.argv[2])
WORKS = {
    "resnet18-inference-1": ("ResNet-18 224², inference, batch 1", (1, 3, 224, 224)),
    "resnet18-inference-32": ("ResNet-18 224², inference, batch 32", (32, 3, 224, 224)),
    "generator": ("DCGAN generator, 64 images", (64, 100, 1, 1)),
}
name, shape = WORKS[work]


def export(path):
    """Writes the network as ONNX; in a process of its own, so that PyTorch is not counted below."""
    import torch

    from networks_torch import generator, resnet18

    torch.manual_seed(1)
    model = generator() if work == "generator" else resnet18(1000, False)
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
