"""The networks that are measured, in PyTorch."""
from torch import nn
from torch.nn import functional as F


class Block(nn.Module):
    def __init__(self, a, b, stride):
        super().__init__()
        self.c1, self.b1 = nn.Conv2d(a, b, 3, stride, 1, bias=False), nn.BatchNorm2d(b)
        self.c2, self.b2 = nn.Conv2d(b, b, 3, 1, 1, bias=False), nn.BatchNorm2d(b)
        self.s = None
        if stride > 1 or a != b:
            self.s = nn.Sequential(nn.Conv2d(a, b, 1, stride, bias=False), nn.BatchNorm2d(b))

    def forward(self, x):
        y = F.relu(self.b1(self.c1(x)))
        y = self.b2(self.c2(y))
        return F.relu(y + (x if self.s is None else self.s(x)))


def resnet18(classes, small):
    stem = [nn.Conv2d(3, 64, 3, 1, 1, bias=False)] if small else [nn.Conv2d(3, 64, 7, 2, 3, bias=False)]
    stem += [nn.BatchNorm2d(64), nn.ReLU()] + ([] if small else [nn.MaxPool2d(3, 2, 1)])
    widths, blocks, a = [64, 128, 256, 512], [], 64
    for i, b in enumerate(widths):
        blocks += [Block(a, b, 1 if i == 0 else 2), Block(b, b, 1)]
        a = b
    return nn.Sequential(*stem, *blocks, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, classes))


def small_cnn():
    return nn.Sequential(
        nn.Conv2d(3, 32, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(32, 64, 3), nn.ReLU(),
        nn.MaxPool2d(2), nn.Conv2d(64, 64, 3), nn.ReLU(), nn.Flatten(), nn.Linear(1024, 64),
        nn.ReLU(), nn.Linear(64, 10))


class Forecaster(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.LSTM(1, 256, batch_first=True)
        self.second = nn.LSTM(256, 256, batch_first=True)
        self.drop = nn.Dropout(0.2)
        self.dense = nn.Sequential(nn.Linear(256, 64), nn.Linear(64, 1))

    def forward(self, x):
        x = self.drop(self.first(x)[0])
        return self.dense(self.drop(self.second(x)[0][:, -1]))


class Texts(nn.Module):
    def __init__(self, cell):
        super().__init__()
        self.embedding = nn.Embedding(10000, 32)
        self.cell = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}[cell](32, 32, batch_first=True)
        self.dense = nn.Linear(32, 1)

    def forward(self, x):
        return self.dense(self.cell(self.embedding(x))[0][:, -1])


def generator():
    layers, a = [], 100
    for i, b in enumerate([512, 256, 128, 64]):
        layers += [nn.ConvTranspose2d(a, b, 4, 1 if i == 0 else 2, 0 if i == 0 else 1, bias=False)]
        layers += [nn.BatchNorm2d(b), nn.ReLU()]
        a = b
    return nn.Sequential(*layers, nn.ConvTranspose2d(64, 3, 4, 2, 1, bias=False), nn.Tanh())


def discriminator():
    layers, a = [], 3
    for i, b in enumerate([64, 128, 256, 512]):
        layers += [nn.Conv2d(a, b, 4, 2, 1, bias=False)] + ([nn.BatchNorm2d(b)] if i else [])
        layers += [nn.LeakyReLU(0.2)]
        a = b
    return nn.Sequential(*layers, nn.Conv2d(512, 1, 4, bias=False), nn.Flatten())
