"""Writes recurrent.json: what PyTorch's recurrent layers make of packed sequences of several lengths, and the
gradients of the sum of squares of all outputs and last states, in double precision. Needs torch 2.5 or later."""

import json
import pathlib

import torch

torch.manual_seed(11)
torch.set_default_dtype(torch.float64)
nn = torch.nn
entries = {}


def note(name, tensor):
    entries[name] = {
        "shape": list(tensor.shape),
        "values": [round(v, 12) for v in tensor.detach().flatten().tolist()],
    }


def reordered(kind, tensor):
    """PyTorch's GRU has the parts r, z, n; ours are z, r, n."""
    if kind != "gru":
        return tensor
    r, z, n = tensor.chunk(3)
    return torch.cat([z, r, n])


def case(name, kind, bidirectional):
    features, units = 3, 4
    module = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}[kind](
        features, units, bidirectional=bidirectional, batch_first=True)
    x = torch.randn(3, 5, features)
    lengths = torch.tensor([5, 2, 4])
    for n, length in enumerate(lengths):
        x[n, length:] = 0
    x.requires_grad_()
    packed = nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
    out, last = module(packed)
    out, _ = nn.utils.rnn.pad_packed_sequence(out, batch_first=True, total_length=5)
    last = last[0] if kind == "lstm" else last
    ((out**2).sum() + (last**2).sum()).backward()
    note(f"{name}.input", x.transpose(1, 2))
    note(f"{name}.lengths", lengths.to(torch.float64).reshape(3, 1))
    note(f"{name}.output", out.transpose(1, 2))
    note(f"{name}.last", last.transpose(0, 1).reshape(3, -1))
    note(f"{name}.gradient", x.grad.transpose(1, 2))
    for direction, suffix in [("forward", ""), ("backward", "_reverse")][: 1 + bidirectional]:
        prefix = f"{name}.variable." + (f"{direction}." if bidirectional else "")
        gradient = f"{name}.slope." + (f"{direction}." if bidirectional else "")
        get = lambda key: getattr(module, f"{key}_l0{suffix}")
        for key in ["weight_ih", "weight_hh"]:
            note(prefix + key, reordered(kind, get(key)))
            note(gradient + key, reordered(kind, get(key).grad))
        first, second = reordered(kind, get("bias_ih")), reordered(kind, get("bias_hh"))
        if kind == "gru":
            note(prefix + "bias", first)
            note(prefix + "bias_hh", second)
            note(gradient + "bias_hh", reordered(kind, get("bias_hh").grad))
        else:
            note(prefix + "bias", first + second)
        note(gradient + "bias", reordered(kind, get("bias_ih").grad))


for kind in ["rnn", "lstm", "gru"]:
    case(kind, kind, False)
    case(f"{kind}-both", kind, True)

path = pathlib.Path(__file__).parent / "recurrent.json"
path.write_text(json.dumps(entries, separators=(",", ":")) + "\n")
