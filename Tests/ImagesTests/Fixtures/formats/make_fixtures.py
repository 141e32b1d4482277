"""Makes small GIF, BMP, TIFF and WebP files with Pillow and tifffile, each with the pixels that Pillow, tifffile or plain
arithmetic gives, as NAME.reference.png: python make_fixtures.py (numpy, pillow, tifffile, imagecodecs, opencv)
"""
import numpy as np
import cv2
import tifffile
from PIL import Image

y, x = np.mgrid[0:19, 0:23]
rgb = np.stack([x * 11, y * 13, (x * y) % 256], -1).astype(np.uint8)
alpha = ((x + y) * 6).astype(np.uint8)
rgba = np.dstack([rgb, alpha])
gray16 = (x * 2849 + y * 7).astype(np.uint16)
rgb16 = np.stack([x * 2849, y * 3449, x * y], -1).astype(np.uint16)
photo = Image.fromarray(rgb)


def reference(name, pixels):
    pixels = np.asarray(pixels)
    if pixels.ndim == 3:
        pixels = pixels[..., [2, 1, 0] + ([3] if pixels.shape[2] == 4 else [])]
    cv2.imwrite(f"{name}.reference.png", pixels)


# GIF: the first frame, transparent where it says so.
indexed = photo.quantize(31)
# Pillow interlaces unless told.
indexed.save("still.gif", interlace=False)
reference("still.gif", indexed.convert("RGB"))
indexed.save("interlaced.gif", interlace=True)
reference("interlaced.gif", indexed.convert("RGB"))
indexed.save("transparent.gif", transparency=5)
reference("transparent.gif", Image.open("transparent.gif").convert("RGBA"))
frames = [Image.fromarray(np.roll(rgb, 3 * i, 1)).quantize(200) for i in range(3)]
frames[0].save("animated.gif", save_all=True, append_images=frames[1:], comment=b"three", loop=0)
reference("animated.gif", Image.open("animated.gif").convert("RGB"))

# BMP of 24, 8, 4 (made of 8), 1 and 32 bits.
photo.save("color.bmp", dpi=(300, 150))
reference("color.bmp", rgb)
indexed.save("palette.bmp")
reference("palette.bmp", indexed.convert("RGB"))
photo.convert("1").save("bits.bmp")
reference("bits.bmp", photo.convert("1").convert("RGB"))
Image.fromarray(rgba).save("alpha.bmp")
reference("alpha.bmp", rgba)

# TIFF: strips and tiles, several compressions, depths, planes and kinds of color.
tifffile.imwrite("lzw.tif", rgb, compression="lzw", predictor=True, rowsperstrip=5, photometric="rgb")
reference("lzw.tif", rgb)
tifffile.imwrite("tiles.tif", rgb, tile=(16, 16), compression="deflate", photometric="rgb")
reference("tiles.tif", rgb)
tifffile.imwrite("planes.tif", np.moveaxis(rgb16, -1, 0), planarconfig="separate", photometric="rgb", byteorder=">")
reference("planes.tif", rgb16)
tifffile.imwrite("gray16.tif", gray16, compression="deflate", resolution=(300, 150), resolutionunit=2)
reference("gray16.tif", gray16)
tifffile.imwrite("white-is-zero.tif", 255 - rgb[..., 0], photometric="miniswhite")
reference("white-is-zero.tif", rgb[..., 0])
tifffile.imwrite("alpha.tif", rgba, extrasamples=["unassalpha"], photometric="rgb")
reference("alpha.tif", rgba)
tifffile.imwrite("big.tif", rgb, bigtiff=True, photometric="rgb")
reference("big.tif", rgb)
tifffile.imwrite("pages.tif", np.stack([rgb, rgb[::-1]]), photometric="rgb")
reference("pages.tif", rgb)
photo.convert("1").save("bits.tif", compression="group4")
reference("bits.tif", photo.convert("1").convert("RGB"))
indexed.save("palette.tif")
reference("palette.tif", indexed.convert("RGB"))
photo.save("jpeg.tif", compression="jpeg", quality=95)
reference("jpeg.tif", Image.open("jpeg.tif").convert("RGB"))
Image.fromarray(rgb).save("turned.tif", tiffinfo={274: 6})
reference("turned.tif", np.rot90(rgb, -1))

# WebP: lossy, lossless, with alpha, animated.
photo.save("lossy.webp", quality=90)
reference("lossy.webp", Image.open("lossy.webp"))
photo.save("lossless.webp", lossless=True)
reference("lossless.webp", rgb)
Image.fromarray(rgba).save("alpha.webp", lossless=True, exact=True)
reference("alpha.webp", rgba)
Image.fromarray(rgba).save("lossy-alpha.webp", quality=90)
reference("lossy-alpha.webp", Image.open("lossy-alpha.webp"))
pictures = [Image.fromarray(np.roll(rgb, 3 * i, 1)) for i in range(3)]
pictures[0].save("animated.webp", save_all=True, append_images=pictures[1:], lossless=True)
reference("animated.webp", rgb)
