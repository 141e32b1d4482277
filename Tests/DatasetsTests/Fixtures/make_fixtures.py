"""Writes the fixtures beside it with torchvision (pip: numpy, pillow, torch, torchvision).

Each is what Resize and CenterCrop make of an image whose samples a formula gives, as 8-bit RGB, row by row.
"""

from pathlib import Path

import numpy
import torch
from PIL import Image
from torchvision.transforms import CenterCrop, Compose, InterpolationMode, Resize

here = Path(__file__).parent
for width, height, side, crop in [(61, 43, 24, 20), (30, 77, 32, 32), (13, 13, 29, 17), (200, 150, 21, 16)]:
    y, x, c = numpy.mgrid[0:height, 0:width, 0:3]
    samples = ((x * 7 + y * 13 + c * 29 + x * y * (c + 1) // 3) % 256).astype(numpy.uint8)
    result = Compose([Resize(side), CenterCrop(crop)])(Image.fromarray(samples))
    numpy.asarray(result).tofile(here / f"torchvision-{width}x{height}-{side}-{crop}.rgb")
    # As floats: of 8 bits what overshoots would be cut off between the two directions, too.
    floats = torch.from_numpy(samples).permute(2, 0, 1).float()
    result = Compose([Resize(side, InterpolationMode.BICUBIC), CenterCrop(crop)])(floats)
    bytes = result.clamp(0, 255).round().byte().permute(1, 2, 0).contiguous()
    bytes.numpy().tofile(here / f"torchvision-{width}x{height}-{side}-{crop}-cubic.rgb")
