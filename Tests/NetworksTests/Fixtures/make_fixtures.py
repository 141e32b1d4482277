"""Writes layers.json and losses.json: what PyTorch makes of small random inputs, in double
precision. Needs torch 2.5 and torchvision 0.20 or later."""

import json
import pathlib

import torch
import torch.nn.functional as F
import torchvision

torch.manual_seed(7)
torch.set_default_dtype(torch.float64)
folder = pathlib.Path(__file__).parent


def write(name, tensors):
    entries = {
        key: {"shape": list(t.shape), "values": [round(v, 12) for v in t.flatten().tolist()]}
        for key, t in tensors.items()
    }
    (folder / name).write_text(json.dumps(entries, separators=(",", ":")) + "\n")


layers = {}


def layer(name, module, shape, rename=None):
    """The module's input, parameters and output; weights of 1-D convolutions get a height of 1."""
    x = torch.randn(shape)
    for parameter in module.parameters():
        torch.nn.init.normal_(parameter)
    layers[f"{name}.input"] = x
    for key, tensor in module.state_dict().items():
        if key.endswith("num_batches_tracked"):
            continue
        if isinstance(module, torch.nn.Conv1d) and key == "weight":
            tensor = tensor.unsqueeze(2)
        layers[f"{name}.variable.{(rename or {}).get(key, key)}"] = tensor.clone()
    layers[f"{name}.output"] = module(x).detach()
    for key, tensor in module.state_dict().items():
        if key.startswith("running"):
            layers[f"{name}.after.{key}"] = tensor


nn = torch.nn
layer("conv1d", nn.Conv1d(4, 6, 3, stride=2, padding=2, dilation=2, groups=2), (2, 4, 9))
layer("conv1d-same", nn.Conv1d(2, 3, 4, padding="same"), (2, 2, 7))
layer("conv2d", nn.Conv2d(3, 4, (3, 2), stride=(2, 1), padding=(1, 0)), (2, 3, 7, 6))
layer("conv2d-same", nn.Conv2d(2, 3, (4, 3), padding="same", dilation=(1, 2)), (1, 2, 6, 7))
layer("conv2d-same-stride", nn.Conv2d(2, 3, 3, stride=2, padding=1), (1, 2, 8, 7))
layer("depthwise", nn.Conv2d(4, 8, 3, padding=1, groups=4, bias=False), (2, 4, 5, 5))
layer("deconv", nn.ConvTranspose2d(3, 2, 4, stride=2, padding=1), (2, 3, 3, 4))
layer("deconv-valid", nn.ConvTranspose2d(3, 4, 3, stride=2, dilation=2, groups=1), (1, 3, 3, 2))
layer(
    "deconv-same", nn.ConvTranspose2d(2, 4, 3, stride=2, padding=1, output_padding=1, groups=2),
    (1, 2, 3, 4))
layer("dense", nn.Linear(5, 3), (4, 5))
layer("batchnorm", nn.BatchNorm2d(3), (2, 3, 2, 2))
layer("batchnorm-flat", nn.BatchNorm1d(3, momentum=0.3, eps=1e-3), (4, 3))
layer("layernorm", nn.LayerNorm([3, 2, 4]), (2, 3, 2, 4))
layer("prelu", nn.PReLU(3), (2, 3, 2, 2), {"weight": "slope"})
layer("maxpool", nn.MaxPool2d(3, stride=2, padding=1), (1, 2, 6, 5))
layer("avgpool", nn.AvgPool2d(3, stride=2, padding=1, count_include_pad=False), (1, 2, 6, 5))
layer("upsample", nn.Upsample(scale_factor=2, mode="bilinear"), (1, 2, 3, 2))

x = torch.randn(1, 4, 5, 6)
layers["subsample.input"] = x
layers["subsample.output"] = F.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, 2, 2))
x = torch.randn(2, 6, 2, 2)
layers["maxout.input"] = x
layers["maxout.output"] = x.view(2, 3, 2, 2, 2).amax(2)
for name, function in {
    "sigmoid": torch.sigmoid, "hard-sigmoid": F.hardsigmoid, "tanh": torch.tanh, "relu": F.relu,
    "relu6": F.relu6, "leaky-relu": F.leaky_relu, "elu": F.elu, "swish": F.silu, "gelu": F.gelu,
    "softplus": F.softplus, "softmax": lambda t: torch.softmax(t, 1), "linear": lambda t: t,
}.items():
    x = torch.randn(2, 5) * 4
    layers[f"activation-{name}.input"] = x
    layers[f"activation-{name}.output"] = function(x)

losses = {}
logits = torch.randn(4, 5) * 3
classes = torch.tensor([0, 3, 4, 1])
onehot = F.one_hot(classes, 5).to(torch.float64)
losses["logits"], losses["onehot"] = logits, onehot
losses["crossEntropy"] = F.cross_entropy(logits, classes)
losses["crossEntropy-0.1"] = F.cross_entropy(logits, classes, label_smoothing=0.1)
targets = torch.rand(4, 5)
losses["targets"] = targets
losses["binaryCrossEntropyFromLogits"] = F.binary_cross_entropy_with_logits(logits, targets)
losses["binaryCrossEntropy"] = F.binary_cross_entropy(torch.sigmoid(logits), targets)
losses["meanSquaredError"] = F.mse_loss(logits, targets)
losses["probabilities"] = torch.sigmoid(logits)
write("losses.json", losses)

layer("adaptive-larger", nn.AdaptiveAvgPool2d((7, 5)), (1, 2, 3, 5))
layer("adaptive-smaller", nn.AdaptiveAvgPool2d(4), (2, 2, 14, 9))
layer("adaptive-even", nn.AdaptiveAvgPool2d(2), (1, 3, 6, 4))
layer("lrn", nn.LocalResponseNorm(5, alpha=5 * 0.3, beta=0.75, k=2), (2, 7, 2, 3))
layer("maxpool-ceil", nn.MaxPool2d(3, stride=2, ceil_mode=True), (1, 2, 6, 8))
layer("maxpool-ceil-2", nn.MaxPool2d(2, stride=2, ceil_mode=True), (1, 2, 5, 4))
layer("maxpool-ceil-outside", nn.MaxPool2d(2, stride=3, padding=1, ceil_mode=True), (1, 1, 5, 6))
layer(
    "squeeze-excitation", torchvision.ops.SqueezeExcitation(4, 2, activation=nn.SiLU),
    (2, 4, 3, 2))
write("layers.json", layers)
