"""Makes fixtures/images.json: what torchvision's transforms make of 8-bit images, as Pillow computes them.

Images are filled by name. Results are uint8 planes: whole where they are small, else a sketch. Command:
python3 test/oracle/images.py

Pillow 12 or earlier: from 13 on it resizes some images, much reduced in height, along columns first, which rounds otherwise.
"""
import numpy as np
from PIL import Image
from torchvision.transforms import InterpolationMode
from torchvision.transforms import functional as F

from oracle import fill_integers, write


def image(name, height, width):
    planes = fill_integers(name, [3, height, width], 256).astype(np.uint8)
    return Image.fromarray(planes.transpose(1, 2, 0))


def planes(img):
    values = np.asarray(img).transpose(2, 0, 1).astype(np.int64)
    # A sum weighted by position, which any wrong byte changes, and the first row of each plane.
    weights = fill_integers("weights", [values.size], 1000)
    return {
        "size": [values.shape[1], values.shape[2]],
        "sum": [int((values.reshape(-1) * weights).sum())],
        "rows": values[:, values.shape[1] // 2, :24].reshape(-1).tolist(),
    }


def resize(height, width, side):
    return planes(F.resize(image("resize", height, width), side))


def view(height, width, side, size):
    img = image("view", height, width)
    return planes(F.center_crop(img if side is None else F.resize(img, side), size))


def resized_crop(height, width, top, left, h, w, size):
    return planes(F.resized_crop(image("crop", height, width), top, left, h, w, [size, size], InterpolationMode.BILINEAR))


def padded_crop(side, padding, top, left, size):
    return planes(F.crop(F.pad(image("padded", side, side), padding), top + padding, left + padding, size, size))


def normalised(mean, std):
    return {"values": F.normalize(F.to_tensor(image("normalise", 4, 5)), mean, std).reshape(-1).tolist()}


cases = {}
for args in [(37, 53, 20), (53, 37, 20), (20, 31, 45), (32, 32, 64), (64, 64, 32), (9, 200, 8), (33, 33, 33), (100, 75, 74), (5, 7, 3), (3, 3, 50)]:
    cases["resize %d %d %d" % args] = resize(*args)
for args in [(40, 61, 32, 28), (33, 28, None, 24), (28, 33, None, 23), (32, 32, 36, 32), (50, 50, 16, 24), (21, 30, None, 25)]:
    cases["view %d %d %s %d" % args] = view(*args)
for args in [(60, 80, 3, 7, 31, 45, 24), (60, 80, 0, 0, 60, 80, 24), (32, 32, 10, 5, 9, 12, 32), (500, 375, 120, 31, 300, 260, 224), (40, 40, 39, 39, 1, 1, 8)]:
    cases["resized crop %d %d %d %d %d %d %d" % args] = resized_crop(*args)
for args in [(32, 4, -4, -4, 32), (32, 4, 3, -2, 32), (32, 4, 4, 4, 32), (28, 2, 0, 1, 28)]:
    cases["padded crop %d %d %d %d %d" % args] = padded_crop(*args)
for side in [32, 33]:
    for angle in [0, 15, -15, 7.25, -3.5, 90, 180, 45, 0.1, -133.7]:
        cases[f"rotate {side} {angle}"] = planes(F.rotate(image("rotate", side, side), angle))
cases["mirror 7 10"] = planes(F.hflip(image("mirror", 7, 10)))
cases["normalised"] = normalised([0.5071, 0.4865, 0.4409], [0.2673, 0.2564, 0.2762])
write("images", cases)
