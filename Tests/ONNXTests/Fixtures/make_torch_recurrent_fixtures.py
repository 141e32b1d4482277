"""Writes torch-recurrent.json: networks with memory as PyTorch's two exporters write them, with fixed and with dynamic
batch and length, an RNN whose steps are unrolled, and a branch that reads values from outside of it; and what onnxruntime
makes of random inputs. Needs torch 2.9, onnx, onnxscript and onnxruntime 1.20 or later."""

import base64
import json
import pathlib
import tempfile
import warnings

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper

warnings.filterwarnings("ignore")
torch.manual_seed(7)
random = np.random.default_rng(5)
cases = []


def add(name, data, feeds):
    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    outputs = [o.name for o in session.get_outputs()]
    results = session.run(outputs, feeds)
    note = lambda t: {"shape": list(t.shape), "values": [round(float(v), 8) for v in t.flatten()]}
    cases.append({
        "name": name,
        "model": base64.b64encode(data).decode(),
        "inputs": {k: note(v) for k, v in feeds.items()},
        "outputs": {k: note(v) for k, v in zip(outputs, results)},
    })


class Tagger(torch.nn.Module):
    """All states, and the last one of each layer and direction."""

    def __init__(self, kind, batch_first=True, **options):
        super().__init__()
        self.r = getattr(torch.nn, kind)(3, 4, batch_first=batch_first, **options)

    def forward(self, x):
        y, h = self.r(x)
        return y, *(h if isinstance(h, tuple) else (h,))


class Texts(torch.nn.Module):
    def __init__(self, kind):
        super().__init__()
        self.e = torch.nn.Embedding(9, 3)
        self.r = getattr(torch.nn, kind)(3, 4, batch_first=True, bidirectional=True)
        self.f = torch.nn.Linear(8, 2)

    def forward(self, x):
        y, _ = self.r(self.e(x))
        return self.f(y[:, -1])


class Unrolled(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.c = torch.nn.RNNCell(3, 4)
        self.f = torch.nn.Linear(4, 2)

    def forward(self, x):
        h = torch.zeros(x.shape[0], 4)
        for step in range(x.shape[1]):
            h = self.c(x[:, step], h)
        return self.f(h)


def export(name, model, x, dynamic):
    model.eval()
    first, second = x.shape[:2]
    for dynamo in [False, True]:
        options = {}
        if dynamic and dynamo:
            options["dynamic_shapes"] = (
                {0: torch.export.Dim("batch"), 1: torch.export.Dim("length")},)
        elif dynamic:
            options["dynamic_axes"] = {"x": {0: "batch", 1: "length"}}
        with tempfile.NamedTemporaryFile(suffix=".onnx") as file:
            try:
                torch.onnx.export(
                    model, (x,), file.name, input_names=["x"], dynamo=dynamo,
                    **({"verbose": False} if dynamo else {}), **options)
                model_proto = onnx.load(file.name)
            except Exception as error:  # one of the exporters cannot do all
                print("not exported:", name, "dynamo" if dynamo else "script", str(error)[:90])
                continue
        # Where the code was says nothing of what it computes.
        for node in model_proto.graph.node:
            del node.metadata_props[:]
            node.doc_string = ""
        for value in list(model_proto.graph.value_info):
            del value.metadata_props[:]
        # Two steps more where the file allows it: the new exporter may fix the length all the same.
        length = model_proto.graph.input[0].type.tensor_type.shape.dim[1]
        feed = x if length.dim_value else torch.cat([x, x.flip(1)], 1)[:, :first + second]
        add(f"{name}, {'dynamo' if dynamo else 'script'}{', dynamic' if dynamic else ''}",
            model_proto.SerializeToString(), {"x": feed.numpy()})


for kind in ["LSTM", "GRU", "RNN"]:
    for dynamic in [False, True]:
        export(kind, Tagger(kind), torch.randn(2, 5, 3), dynamic)
    export(f"{kind}, two layers in both directions",
           Tagger(kind, num_layers=2, bidirectional=True), torch.randn(2, 5, 3), True)
    export(f"{kind}, steps first", Tagger(kind, batch_first=False), torch.randn(5, 2, 3), True)
    export(f"{kind} of texts", Texts(kind), torch.randint(0, 9, (2, 5)), True)
export("unrolled RNN", Unrolled(), torch.randn(2, 5, 3), False)

# A branch that reads an input, a weight and a result from outside of it.
weight = numpy_helper.from_array(random.uniform(-1, 1, (3, 2)).astype(np.float32), "w")
for taken in [False, True]:
    def branch(name, *nodes):
        return helper.make_graph(
            list(nodes), name, [], [helper.make_tensor_value_info(nodes[-1].output[0], TensorProto.FLOAT, None)])
    graph = helper.make_graph(
        [
            helper.make_node("Relu", ["x"], ["r"]),
            helper.make_node(
                "If", ["condition"], ["y"],
                then_branch=branch(
                    "then", helper.make_node("MatMul", ["r", "w"], ["t0"]),
                    helper.make_node("Tanh", ["t0"], ["t"])),
                else_branch=branch(
                    "else", helper.make_node("Add", ["x", "r"], ["e0"]),
                    helper.make_node("MatMul", ["e0", "w"], ["e"]))),
        ], "branch", [helper.make_tensor_value_info("x", TensorProto.FLOAT, [2, 3])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
        [weight, numpy_helper.from_array(np.array(taken), "condition")])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    add(f"If, {taken}", model.SerializeToString(),
        {"x": random.uniform(-1, 1, (2, 3)).astype(np.float32)})

path = pathlib.Path(__file__).parent / "torch-recurrent.json"
path.write_text(json.dumps(cases, separators=(",", ":")) + "\n")
print(len(cases), "cases")
