"""Computes operations and optimizers with PyTorch in double precision and writes operations.json
and optimizers.json beside this file. Run with any Python that has torch; seeds are fixed."""

import json
import pathlib

import torch
import torch.nn.functional as F

torch.manual_seed(20)
FOLDER = pathlib.Path(__file__).parent


def random(*shape):
    """Random numbers on a grid of 1/256, so that they are exact in every float format."""
    return torch.randint(-384, 385, shape).double() / 256


class Writer:
    def __init__(self):
        self.entries = {}

    def add(self, name, tensor):
        values = [float(f"{v:.12g}") for v in tensor.detach().double().flatten().tolist()]
        self.entries[name] = {"shape": list(tensor.shape), "values": values}

    def operation(self, name, function, *inputs):
        """Records inputs x0…, output y, and the gradients dx0… of sum(y * c)."""
        inputs = [x.clone().requires_grad_() for x in inputs]
        y = function(*inputs)
        c = random(*y.shape)
        (y * c).sum().backward()
        for k, x in enumerate(inputs):
            self.add(f"{name}/x{k}", x)
            if x.grad is not None:
                self.add(f"{name}/dx{k}", x.grad)
        self.add(f"{name}/y", y)
        self.add(f"{name}/c", c)

    def write(self, name):
        lines = (f"{json.dumps(k)}: {json.dumps(v, separators=(',', ':'))}" for k, v in self.entries.items())
        (FOLDER / name).write_text("{\n" + ",\n".join(lines) + "\n}\n")


operations = Writer()
op = operations.operation

op("conv", lambda x, w: F.conv2d(x, w), random(2, 3, 6, 5), random(4, 3, 3, 3))
op("conv strides", lambda x, w: F.conv2d(x, w, stride=(2, 3), padding=(1, 2)), random(1, 2, 7, 9), random(3, 2, 3, 2))
op("conv dilation", lambda x, w: F.conv2d(x, w, padding=2, dilation=(2, 1)), random(2, 2, 6, 6), random(2, 2, 3, 3))
op("conv groups", lambda x, w: F.conv2d(x, w, padding=1, groups=2), random(2, 4, 5, 5), random(6, 2, 3, 3))
op("conv depthwise", lambda x, w: F.conv2d(x, w, stride=2, padding=1, groups=3), random(1, 3, 7, 6), random(3, 1, 3, 3))
op("conv asymmetric", lambda x, w: F.conv2d(F.pad(x, (0, 2, 1, 3)), w, stride=2), random(1, 2, 5, 6), random(2, 2, 4, 3))
op("transposed", lambda x, w: F.conv_transpose2d(x, w, stride=2, padding=1), random(2, 3, 4, 3), random(3, 2, 4, 4))
op("transposed output padding", lambda x, w: F.conv_transpose2d(x, w, stride=2, padding=1, output_padding=1), random(1, 2, 4, 3), random(2, 3, 3, 3))
op("transposed groups", lambda x, w: F.conv_transpose2d(x, w, stride=3, dilation=2, groups=2), random(1, 4, 3, 3), random(4, 2, 2, 2))
op("max pool", lambda x: F.max_pool2d(x, 2), random(2, 2, 7, 5))
op("max pool padded", lambda x: F.max_pool2d(x, 3, stride=2, padding=1), random(1, 2, 7, 6))
op("max pool dilated", lambda x: F.max_pool2d(x, (2, 3), stride=1, dilation=2), random(1, 1, 7, 8))
op("average pool", lambda x: F.avg_pool2d(x, 3, stride=2), random(1, 2, 8, 7))
op("average pool padded", lambda x: F.avg_pool2d(x, 3, stride=2, padding=1), random(1, 2, 7, 6))
op("average pool uncounted", lambda x: F.avg_pool2d(x, 3, stride=2, padding=1, count_include_pad=False), random(1, 2, 7, 6))
op("batch norm", lambda x, s, b: F.batch_norm(x, None, None, s, b, training=True, eps=1e-3), random(3, 4, 2, 3), random(4), random(4))
op("batch norm inference", lambda x, s, b, m, v: F.batch_norm(x, m.detach(), v.detach(), s, b, training=False, eps=1e-3), random(2, 3, 2, 2), random(3), random(3), random(3), random(3).abs() + 0.5)
op("layer norm", lambda x, s, b: F.layer_norm(x, s.shape, s, b, eps=1e-5), random(3, 4, 5), random(4, 5), random(4, 5))
op("softmax", lambda x: F.softmax(x, 1), random(3, 5))
op("log softmax", lambda x: F.log_softmax(x, 1), random(2, 4, 3))
op("cross entropy", lambda x, t: F.cross_entropy(x, t, reduction="none"), 4 * random(4, 5), F.softmax(random(4, 5), 1))
op("upsample nearest", lambda x: F.interpolate(x, scale_factor=(2, 3), mode="nearest"), random(1, 2, 3, 2))
op("upsample bilinear", lambda x: F.interpolate(x, scale_factor=(3, 2), mode="bilinear", align_corners=False), random(1, 2, 3, 4))
op("pad reflect", lambda x: F.pad(x, (2, 1, 0, 2), mode="reflect"), random(1, 2, 4, 4))
op("pad replicate", lambda x: F.pad(x, (2, 1, 0, 3), mode="replicate"), random(1, 2, 2, 3))
op("embedding", lambda t: F.embedding(torch.tensor([[1, 4, 1], [0, 2, 4]]), t), random(5, 3))
op("dense", lambda x, w, b: F.linear(x, w, b), random(3, 4), random(2, 4), random(2))
op("batched product", lambda a, b: a @ b, random(2, 1, 3, 4), random(3, 4, 2))

for name, function in {
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    "hardSigmoid": F.hardsigmoid,
    "relu": F.relu,
    "leakyReLU": lambda x: F.leaky_relu(x, 0.25),
    "elu": lambda x: F.elu(x, 0.75),
    "gelu": F.gelu,
    "swish": F.silu,
    "softplus": F.softplus,
    "clip": F.relu6,
    "erf": torch.erf,
    "exp": torch.exp,
}.items():
    op(f"activation {name}", function, 4 * random(3, 9))
op("amax", lambda x: torch.amax(x, (1, 2)), torch.tensor([[[1.0, 3, 3], [0, 2, 3]], [[-1, -2, -1], [-5, -4, -1.5]]]).double())
op("maximum", torch.maximum, torch.tensor([1.0, 2, 3]).double(), torch.tensor([3.0, 2, 1]).double())

# Running statistics after one training step: momentum 0.1 is the weight of the new, and the
# variance that is kept is the unbiased one.
x = random(3, 2, 2, 2)
mean, variance = torch.zeros(2).double(), torch.ones(2).double()
F.batch_norm(x, mean, variance, training=True, momentum=0.1)
for name, tensor in {"x": x, "mean": mean, "variance": variance}.items():
    operations.add(f"running/{name}", tensor)
operations.write("operations.json")

# Optimizers: 20 steps on the mean squared error of a linear model.
optimizers = Writer()
a, t, p0 = random(8, 5), random(8), random(5)
optimizers.add("a", a)
optimizers.add("t", t)
optimizers.add("p", p0)
for name, make in {
    "sgd": lambda p: torch.optim.SGD(p, lr=0.05),
    "sgd decay": lambda p: torch.optim.SGD(p, lr=0.05, weight_decay=0.125),
    "momentum": lambda p: torch.optim.SGD(p, lr=0.02, momentum=0.875, weight_decay=0.125),
    "nesterov": lambda p: torch.optim.SGD(p, lr=0.02, momentum=0.875, nesterov=True),
    "adam": lambda p: torch.optim.Adam(p, lr=0.1, betas=(0.875, 0.9375), weight_decay=0.125),
    "adamW": lambda p: torch.optim.AdamW(p, lr=0.1, betas=(0.5, 0.9375), weight_decay=0.125),
    "rmsProp": lambda p: torch.optim.RMSprop(p, lr=0.02, alpha=0.875, eps=2**-20, weight_decay=0.125),
    "rmsProp momentum": lambda p: torch.optim.RMSprop(p, lr=0.02, alpha=0.875, eps=2**-20, momentum=0.5),
    "adagrad": lambda p: torch.optim.Adagrad(p, lr=0.25, weight_decay=0.125),
    "adadelta": lambda p: torch.optim.Adadelta(p, lr=1.0, rho=0.875, eps=2**-10, weight_decay=0.125),
}.items():
    p = p0.clone().requires_grad_()
    optimizer = make([p])
    path = []
    for _ in range(20):
        optimizer.zero_grad()
        ((a @ p - t) ** 2).mean().backward()
        optimizer.step()
        path.append(p.detach().clone())
    optimizers.add(name, torch.stack(path))
optimizers.write("optimizers.json")
