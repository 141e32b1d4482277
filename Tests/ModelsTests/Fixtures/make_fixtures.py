"""Writes torchvision.txt: the names and shapes of torchvision's state dictionaries, one tensor a
line. Counters (`num_batches_tracked`) are left out. Needs torchvision 0.20 or later."""

import pathlib

import torchvision

folder = pathlib.Path(__file__).parent
with open(folder / "torchvision.txt", "w") as file:
    for name in [
        "resnet18", "resnet34", "resnet50", "resnet101", "resnet152", "alexnet", "vgg11", "vgg13",
        "vgg16", "vgg19", "mobilenet_v2", "googlenet", "efficientnet_b0"]:
        state = getattr(torchvision.models, name)(weights=None).state_dict()
        file.write(f"# {name}\n")
        for key, tensor in state.items():
            if not key.endswith("num_batches_tracked"):
                file.write(f"{key} {'×'.join(map(str, tensor.shape))}\n")
