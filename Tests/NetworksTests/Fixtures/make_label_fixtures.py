"""Writes label-loss.json: PyTorch's binary cross-entropy with weights of positives, in double precision.
Needs torch 2.5 or later."""

import json
import pathlib

import torch
import torch.nn.functional as F

torch.manual_seed(11)
torch.set_default_dtype(torch.float64)
logits = (torch.randn(5, 3) * 4).requires_grad_()
targets = (torch.rand(5, 3) < 0.4).to(torch.float64)
weights = torch.tensor([1.0, 4.0, 0.25])
loss = F.binary_cross_entropy_with_logits(logits, targets, pos_weight=weights)
loss.backward()
smoothed = F.binary_cross_entropy_with_logits(logits, targets * 0.8 + 0.1, pos_weight=weights)
tensors = {
    "logits": logits.detach(), "targets": targets, "weights": weights, "loss": loss.detach(),
    "gradient": logits.grad, "smoothed": smoothed.detach(),
}
entries = {
    key: {"shape": list(t.shape), "values": [round(v, 12) for v in t.flatten().tolist()]}
    for key, t in tensors.items()
}
path = pathlib.Path(__file__).parent / "label-loss.json"
path.write_text(json.dumps(entries, separators=(",", ":")) + "\n")
