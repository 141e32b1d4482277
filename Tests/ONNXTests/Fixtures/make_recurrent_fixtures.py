"""Writes recurrent.json: models of one LSTM, GRU or RNN each and what onnxruntime makes of random inputs, over
directions, lengths (none too), initial states, peepholes, coupled gates, clipping and resets after the product. Needs
onnx 1.17 and onnxruntime 1.20 or later."""

import base64
import json
import pathlib

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

random = np.random.default_rng(5)
steps, batch, features, units = 4, 3, 2, 3
cases = []


def numbers(*shape):
    return random.uniform(-1, 1, shape).astype(np.float32)


def case(kind, direction="forward", lengths=False, states=False, peepholes=False, **attributes):
    gates = {"LSTM": 4, "GRU": 3, "RNN": 1}[kind]
    both = 2 if direction == "bidirectional" else 1
    weights = {
        "W": numbers(both, gates * units, features),
        "R": numbers(both, gates * units, units),
        "B": numbers(both, 2 * gates * units),
    }
    inputs = {"X": numbers(steps, batch, features)}
    names = ["X", "W", "R", "B", "", "", "", ""]
    if lengths:
        weights["lengths"] = np.array([0, 2, 4], np.int32)
        names[4] = "lengths"
    if states:
        inputs["h"] = numbers(both, batch, units)
        names[5] = "h"
        if kind == "LSTM":
            inputs["c"] = numbers(both, batch, units)
            names[6] = "c"
    if peepholes:
        weights["P"] = numbers(both, 3 * units)
        names[7] = "P"
    while not names[-1]:
        names.pop()
    outputs = ["Y", "Y_h"] + (["Y_c"] if kind == "LSTM" else [])
    node = helper.make_node(
        kind, names, outputs, hidden_size=units, direction=direction, **attributes)
    graph = helper.make_graph(
        [node], "recurrent",
        [helper.make_tensor_value_info(k, TensorProto.FLOAT, v.shape) for k, v in inputs.items()],
        [helper.make_tensor_value_info(k, TensorProto.FLOAT, None) for k in outputs],
        [numpy_helper.from_array(v, k) for k, v in weights.items()])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    data = model.SerializeToString()
    results = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"]).run(
        outputs, inputs)
    described = [kind, direction] + [n for n, on in [
        ("lengths", lengths), ("states", states), ("peepholes", peepholes)] if on]
    described += [f"{k} {v}" for k, v in attributes.items()]
    note = lambda t: {"shape": list(t.shape), "values": [round(float(v), 8) for v in t.flatten()]}
    cases.append({
        "name": ", ".join(described),
        "model": base64.b64encode(data).decode(),
        "inputs": {k: note(v) for k, v in inputs.items()},
        "outputs": {k: note(v) for k, v in zip(outputs, results)},
    })


for direction in ["forward", "reverse", "bidirectional"]:
    for lengths in [False, True]:
        for states in [False, True]:
            case("LSTM", direction, lengths, states, peepholes=states)
            case("GRU", direction, lengths, states, linear_before_reset=int(lengths == states))
            case("RNN", direction, lengths, states)
case("LSTM", "bidirectional", True, True, True, input_forget=1)
case("LSTM", input_forget=1, clip=0.4)
case("LSTM", "reverse", True, True, True, clip=0.4)
case("GRU", "bidirectional", True, True, clip=0.4)
case("GRU", "forward", False, False, clip=0.4, linear_before_reset=1)
case("RNN", "reverse", True, False, clip=0.4)
case("RNN", "bidirectional", False, True, activations=["Relu", "Tanh"])

path = pathlib.Path(__file__).parent / "recurrent.json"
path.write_text(json.dumps(cases, separators=(",", ":")) + "\n")
