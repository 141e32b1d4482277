"""The versions of the peers on one line."""
from importlib.metadata import version

import pyvips

vips = ".".join(str(pyvips.version(part)) for part in range(3))
others = ["keras", "tensorflow-cpu", "torch", "onnxruntime", "pillow"]
print(
    f"OpenCV {version('opencv-python-headless')}, libvips {vips}, "
    + ", ".join(f"{name} {version(name)}" for name in others)
)
