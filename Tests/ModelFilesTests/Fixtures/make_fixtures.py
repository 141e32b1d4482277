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
