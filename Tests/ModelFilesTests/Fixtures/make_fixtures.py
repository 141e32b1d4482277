"""Writes the fixtures beside it with the reference implementation (pip: safetensors, torch)."""

from pathlib import Path

import torch
from safetensors.torch import save_file

here = Path(__file__).parent
values = [0.0, 1.0, -2.5, 3.140625, 65504.0, -0.0001]
whole = [0, 1, 100, 7, 2, 3]
floats = {"F64": torch.float64, "F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16}
wholes = {"I64": torch.int64, "I32": torch.int32, "I16": torch.int16, "I8": torch.int8,
          "U8": torch.uint8, "U16": torch.uint16, "U32": torch.uint32, "U64": torch.uint64}
tensors = {name: torch.tensor(values).to(type).reshape(2, 3) for name, type in floats.items()}
tensors |= {name: torch.tensor(whole).to(type).reshape(3, 2) for name, type in wholes.items()}
tensors["BOOL"] = torch.tensor([True, False, True])
tensors["scalar"] = torch.tensor(4.5)
tensors["empty"] = torch.zeros(0, 3)
tensors["naïve \"name\"\n"] = torch.tensor([1.0])
save_file(tensors, here / "all-types.safetensors",
          metadata={"format": "pt", "text": "zwei\nZeilen \"quoted\" \\ 名前"})

# What our own writer must equal byte for byte: one type, names in order, one metadata key.
plain = {"a.weight": torch.arange(6, dtype=torch.float32).reshape(2, 3) / 7,
         "b.bias": torch.tensor([float("inf"), -0.0, 1e-40])}
save_file(plain, here / "plain-fp32.safetensors", metadata={"key": "value"})
for name, type in {"fp16": torch.float16, "bf16": torch.bfloat16}.items():
    save_file({key: tensor.to(type) for key, tensor in plain.items()},
              here / f"plain-{name}.safetensors", metadata={"key": "value"})

# PyTorch's own files: views of storages, every type, both forms, several pickle protocols.
import os
import zipfile
from collections import OrderedDict

base = torch.arange(24, dtype=torch.float32).reshape(4, 6)
views = OrderedDict(
    whole=base, rows=base[1:3], column=base[:, 2], turned=base.T, stepped=base[::2, 1::3],
    expanded=torch.tensor([1.5, -2.5]).reshape(2, 1).expand(2, 3),
    scalar=torch.tensor(4.5), empty=torch.zeros(0, 3),
    parameter=torch.nn.Parameter(torch.tensor([7.0, 8.0])),
    channels_last=torch.arange(24.0).reshape(1, 2, 3, 4).to(memory_format=torch.channels_last))
types = {name: tensors[name].clone() for name in tensors if name not in ("naïve \"name\"\n",)}
types["F8_E4M3"] = torch.tensor([0.0, 448.0, -1.875, 0.001953125]).to(torch.float8_e4m3fn)
types["F8_E5M2"] = torch.tensor([0.0, 57344.0, -1.75, 1.52587890625e-05]).to(torch.float8_e5m2)
torch.save(views, here / "views.pt")
torch.save(views, here / "views-legacy.pth", _use_new_zipfile_serialization=False)
torch.save(views, here / "views-protocol5.pt", pickle_protocol=5)
torch.save(types, here / "types.pt")
torch.save(types, here / "types-legacy.pth", _use_new_zipfile_serialization=False,
           pickle_protocol=4)

# A checkpoint as training scripts keep them: weights beside other things.
model = torch.nn.DataParallel(torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.BatchNorm1d(2)))
with torch.no_grad():
    for parameter in model.parameters():
        parameter.copy_(torch.arange(parameter.numel()).reshape(parameter.shape))
optimizer = torch.optim.Adam(model.parameters())
model(torch.ones(4, 3)).sum().backward()
optimizer.step()
with torch.no_grad():
    for parameter in model.parameters():
        parameter.copy_(torch.arange(parameter.numel()).reshape(parameter.shape))
torch.save({"epoch": 3, "best": 0.5, "big": 2**70, "arguments": ("a", None, [True, -1, 70000]),
            "optimizer": optimizer.state_dict(), "state_dict": model.state_dict()},
           here / "checkpoint.pt")

with zipfile.ZipFile(here / "views.pt") as old:
    with zipfile.ZipFile(here / "views-deflated.pt", "w", zipfile.ZIP_DEFLATED) as new:
        for item in old.infolist():
            new.writestr(item.filename, old.read(item), zipfile.ZIP_DEFLATED)
    zipfile.ZIP64_LIMIT = 0  # so that even small sizes are written with 64 bits
    with zipfile.ZipFile(here / "views-zip64.pt", "w") as new:
        for item in old.infolist():
            with new.open(zipfile.ZipInfo(item.filename), "w", force_zip64=True) as file:
                file.write(old.read(item))


class Command:
    """What a file made to do harm holds."""

    def __reduce__(self):
        return os.system, ("touch /tmp/vision-test-was-here",)


torch.save({"weight": torch.ones(2), "harm": Command()}, here / "harmful.pt")
torch.save({"weight": torch.ones(2), "harm": Command()}, here / "harmful-legacy.pth",
           _use_new_zipfile_serialization=False)
torch.save(torch.nn.Linear(2, 2), here / "whole-module.pt")

# What else training scripts leave in checkpoints: objects of many kinds, averaged weights, two networks.
import argparse
import datetime
import pathlib

import numpy

layer = OrderedDict(weight=torch.arange(6, dtype=torch.float32).reshape(2, 3), bias=torch.tensor([1.0, -1.0]))
ema = OrderedDict((name, tensor + 10) for name, tensor in layer.items())
others = {"epoch": 7, "args": argparse.Namespace(lr=0.1, layers=[1, 2], out=pathlib.PurePosixPath("/tmp/x")),
          "best": numpy.float64(0.25), "count": numpy.int64(5), "curve": numpy.arange(3.0),
          "begun": datetime.datetime(2020, 1, 2), "classes": {"cat", "dog"}, "frozen": frozenset([1]),
          "device": torch.device("cpu"), "name": "net", "schedule": [0.1, None, (1, 2)]}
torch.save(others | {"state_dict": layer}, here / "mixed.pt")
torch.save(others | {"state_dict": layer}, here / "mixed-protocol4.pt", pickle_protocol=4)
torch.save(layer | {"step": numpy.float32(3), "note": "beside the tensors"}, here / "beside.pt")
torch.save({"state_dict": layer, "ema_state_dict": ema, "epoch": 1}, here / "averaged.pt")
torch.save({"netG": layer, "netD": ema}, here / "two-networks.pt")
