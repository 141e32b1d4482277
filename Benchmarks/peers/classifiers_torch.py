"""The classifiers whose inference is measured, in PyTorch, with random weights."""
from torch import nn
from torchvision import models

from networks_torch import resnet18


class Separable(nn.Sequential):
    def __init__(self, a, b):
        super().__init__(
            nn.Conv2d(a, a, 3, 1, 1, groups=a, bias=False), nn.Conv2d(a, b, 1, bias=False),
            nn.BatchNorm2d(b, 1e-3))


class Sum(nn.Module):
    def __init__(self, body, shortcut):
        super().__init__()
        self.body, self.shortcut = body, shortcut

    def forward(self, x):
        return self.body(x) + self.shortcut(x)


class Xception(nn.Sequential):
    """Chollet 2016, figure 5, with symmetric padding, which takes as much time as TensorFlow's."""

    def __init__(self):
        def convolution(a, b, stride):
            return nn.Conv2d(a, b, 3, stride, bias=False), nn.BatchNorm2d(b, 1e-3), nn.ReLU()

        def entry(a, first, second, begins=True):
            body = ([nn.ReLU()] if begins else []) + [
                Separable(a, first), nn.ReLU(), Separable(first, second), nn.MaxPool2d(3, 2, 1)]
            return Sum(nn.Sequential(*body), nn.Sequential(
                nn.Conv2d(a, second, 1, 2, bias=False), nn.BatchNorm2d(second, 1e-3)))

        middle = [
            Sum(nn.Sequential(*[m for _ in range(3) for m in (nn.ReLU(), Separable(728, 728))]),
                nn.Identity()) for _ in range(8)]
        super().__init__(
            *convolution(3, 32, 2), *convolution(32, 64, 1), entry(64, 128, 128, False),
            entry(128, 256, 256), entry(256, 728, 728), *middle, entry(728, 728, 1024),
            Separable(1024, 1536), nn.ReLU(), Separable(1536, 2048), nn.ReLU(),
            nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(2048, 1000))


# Title, side of the images, the network.
CLASSIFIERS = {
    "resnet18": ("ResNet-18", 224, lambda: resnet18(1000, False)),
    "resnet50": ("ResNet-50", 224, models.resnet50),
    "mobilenetv2": ("MobileNetV2", 224, models.mobilenet_v2),
    "alexnet": ("AlexNet", 224, models.alexnet),
    "vgg16": ("VGG-16", 224, models.vgg16),
    "googlenet": (
        "GoogLeNet", 224, lambda: models.googlenet(aux_logits=False, init_weights=False)),
    "efficientnet-b0": ("EfficientNet-B0", 224, models.efficientnet_b0),
    "xception": ("Xception", 299, Xception),
}


def described(work):
    """The name, the network's maker and the shape of its input of KEY-inference-BATCH."""
    key, batch = work.split("-inference-")
    title, side, make = CLASSIFIERS[key]
    return f"{title} {side}², inference, batch {batch}", make, (int(batch), 3, side, side)
