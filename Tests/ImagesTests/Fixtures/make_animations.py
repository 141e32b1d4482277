"""Writes animations/: animated GIFs and PNGs, and what Pillow shows of them as rows of red, green, blue and alpha: images
that cover parts of the canvas, and images of which each pixel lies over the one before, as `alpha_composite` has it
(Pillow's own reader mixes alpha otherwise). Needs Pillow 10 or later."""

import pathlib
import random

from PIL import Image, ImageSequence

folder = pathlib.Path(__file__).parent / "animations"
random.seed(3)


def frame(step, alpha):
    image = Image.new("RGBA", (12, 9), (0, 0, 0, 0) if alpha else (20, 40, 60, 255))
    for x in range(4):
        for y in range(3):
            color = (200 - 30 * step, 40 * x, 70 * y, 128 + 20 * x if alpha else 255)
            image.putpixel((2 * step % 8 + x, step + y), color)
    return image


frames = [frame(step, False).convert("RGB") for step in range(5)]
frames[0].save(folder / "moving.gif", save_all=True, append_images=frames[1:], duration=80, disposal=1)
clear = [frame(step, True) for step in range(4)]
holes = []
for image in clear:
    hard = image.copy()
    hard.putalpha(image.getchannel("A").point(lambda a: 255 if a else 0))
    holes.append(hard)
holes[0].save(folder / "holes.gif", save_all=True, append_images=holes[1:], duration=80, disposal=2)
layers = []
for step in range(3):
    layer = Image.new("RGBA", (12, 9))
    for x in range(12):
        for y in range(9):
            layer.putpixel((x, y), (20 * x, 25 * y, 90 * step, 40 + 17 * x + step if x + y != 5 * step else 255))
    layers.append(layer)
layers[0].save(folder / "over.png", save_all=True, append_images=layers[1:], duration=80, blend=1)
clear[0].save(folder / "cleared.png", save_all=True, append_images=clear[1:], duration=80, disposal=1, blend=0)
for name in ["moving.gif", "holes.gif", "cleared.png"]:
    with Image.open(folder / name) as image:
        rows = b"".join(f.convert("RGBA").tobytes() for f in ImageSequence.Iterator(image))
        print(name, image.n_frames)
    (folder / f"{name}.rgba").write_bytes(rows)

shown = [layers[0]]
for layer in layers[1:]:
    shown.append(Image.alpha_composite(shown[-1], layer))
(folder / "over.png.rgba").write_bytes(b"".join(image.tobytes() for image in shown))
