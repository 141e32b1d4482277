"""Inference in onnxruntime of networks exported from PyTorch: infer_onnxruntime.py WORK THREADS.

WORK is resnet18-inference-1, resnet50-inference-32, ... or generator. Prints a line for
`Benchmarks report`.
"""
import subprocess
import sys
import tempfile

from measure import measure

work, threads = sys.argv[1], int(sys.argv[2])


def export(path):
    """Writes the network as ONNX and prints its name and the shape of its input; in a process of its own, so
    that PyTorch is not counted below."""
    import torch

    from classifiers_torch import described
    from networks_torch import generator

    torch.manual_seed(1)
    name, make, shape = (
        ("DCGAN generator, 64 images", generator, (64, 100, 1, 1)) if work == "generator"
        else described(work))
    torch.onnx.export(
        make().eval(), (torch.randn(*shape),), path, dynamo=False, opset_version=17,
        input_names=["x"], output_names=["y"])
    print(name, *shape, sep="\t")


if len(sys.argv) > 3:
    export(sys.argv[3])
    sys.exit()

with tempfile.NamedTemporaryFile(suffix=".onnx") as file:
    said = subprocess.run(
        [sys.executable, __file__, work, str(threads), file.name], check=True, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    name, *shape = said.splitlines()[-1].split("\t")
    shape = [int(side) for side in shape]

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
