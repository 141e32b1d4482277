"""Training steps and inference in PyTorch: train_torch.py WORK THREADS [channels-last] [bf16].

WORK is one of the keys of WORKS or KEY-inference-BATCH with one of those of CLASSIFIERS. A step includes loss and
update. Prints a line for `Benchmarks report`.
"""
import sys

import torch
from torch.nn import functional as F

from classifiers_torch import described
from measure import measure
from networks_torch import Forecaster, Texts, discriminator, generator, resnet18, small_cnn

torch.manual_seed(1)
work = sys.argv[1]
last = "channels-last" in sys.argv
half = "bf16" in sys.argv
threads = int(sys.argv[2])
torch.set_num_threads(threads)
WORKS = {
    "small": "small CNN, training, batch 64",
    "resnet18": "ResNet-18 32², training, batch 128",
    "dcgan": "DCGAN 64², step, batch 128",
    "forecast-32": "two LSTM(256) on 60 × 1, training, batch 32",
    "forecast-128": "two LSTM(256) on 60 × 1, training, batch 128",
    "text-rnn": "RNN(32) of 500 words, training, batch 128",
    "text-lstm": "LSTM(32) of 500 words, training, batch 128",
    "text-gru": "GRU(32) of 500 words, training, batch 128",
    "generator": "DCGAN generator, 64 images",
}
VARIANT = f"PyTorch {'channels-last ' if last else ''}{threads} {'bf16' if half else 'fp32'}"
steps = 30 if work == "small" or work.endswith("-1") else 5


def prepared(module):
    return module.to(memory_format=torch.channels_last) if last else module


def images(*shape):
    x = torch.randn(*shape)
    return x.contiguous(memory_format=torch.channels_last) if last else x


def cast():
    return torch.autocast("cpu", torch.bfloat16, enabled=half)


def classifier(model, batch, size, optimizer):
    model = prepared(model)
    optimizer = optimizer(model.parameters())
    x, y = images(batch, 3, size, size), torch.randint(0, 10, (batch,))

    def step():
        optimizer.zero_grad(set_to_none=True)
        with cast():
            loss = F.cross_entropy(model(x).float(), y)
        loss.backward()
        optimizer.step()
        return loss.item()

    return step


def gan(batch):
    g, d = prepared(generator()), prepared(discriminator())
    og = torch.optim.Adam(g.parameters(), 2e-4, (0.5, 0.999))
    od = torch.optim.Adam(d.parameters(), 2e-4, (0.5, 0.999))
    real = images(batch, 3, 64, 64)

    def step():
        with cast():
            fake = g(images(batch, 100, 1, 1))
            od.zero_grad(set_to_none=True)
            loss = F.softplus(-d(real).float()).mean() + F.softplus(d(fake.detach()).float()).mean()
        loss.backward()
        od.step()
        og.zero_grad(set_to_none=True)
        with cast():
            adversarial = F.softplus(-d(fake).float()).mean()
        adversarial.backward()
        og.step()
        return adversarial.item()

    return step


def regression(model, x, optimizer):
    optimizer = optimizer(model.parameters())
    y = torch.randn(x.shape[0], 1)

    def step():
        optimizer.zero_grad(set_to_none=True)
        with cast():
            loss = F.mse_loss(model(x).float(), y)
        loss.backward()
        optimizer.step()
        return loss.item()

    return step


def texts(cell):
    return regression(
        Texts(cell), torch.randint(0, 10000, (128, 500)),
        lambda p: torch.optim.RMSprop(p, 0.001))


def inference(model, *shape):
    model = prepared(model.eval())
    x = images(*shape)

    def step():
        with torch.inference_mode(), cast():
            return model(x).float().sum().item()

    return step


STEPS = {
    "small": lambda: classifier(small_cnn(), 64, 32, torch.optim.Adam),
    "resnet18": lambda: classifier(
        resnet18(10, True), 128, 32, lambda p: torch.optim.SGD(p, 0.01, momentum=0.9)),
    "dcgan": lambda: gan(128),
    "forecast-32": lambda: regression(Forecaster(), torch.randn(32, 60, 1), torch.optim.Adam),
    "forecast-128": lambda: regression(Forecaster(), torch.randn(128, 60, 1), torch.optim.Adam),
    "text-rnn": lambda: texts("rnn"),
    "text-lstm": lambda: texts("lstm"),
    "text-gru": lambda: texts("gru"),
    "generator": lambda: inference(generator(), 64, 100, 1, 1),
}
if "-inference-" in work:
    name, make, shape = described(work)
    step = inference(make(), *shape)
else:
    name, step = WORKS[work], STEPS[work]()
measure(name, VARIANT, step, steps, 1)
