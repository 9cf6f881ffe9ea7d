"""What float32 values become in narrower types: PyTorch's rounding, at the edges and halfway between two values.

Writes test/fixtures/dtypes.json: bits of float32 inputs, and for each type the bits they are rounded to.
"""
import json
from pathlib import Path

import torch

FOLDER = Path(__file__).parent.parent / "fixtures"
TYPES = {
    "F16": (torch.float16, torch.int16),
    "BF16": (torch.bfloat16, torch.int16),
    "F8_E4M3": (torch.float8_e4m3fn, torch.uint8),
    "F8_E5M2": (torch.float8_e5m2, torch.uint8),
}


def inputs():
    """All values of the 8-bit types, points halfway between neighbours and beside them, the ends of each type."""
    values = [0.0, -0.0, float("inf"), float("-inf"), float("nan"), 1e-45, -1e-45, 3.4e38, 65504.0, 65519.9, 65520.0, 65536.0]
    for dtype, bits in [TYPES["F8_E4M3"], TYPES["F8_E5M2"]]:
        every = torch.arange(256, dtype=torch.int16).to(torch.uint8).view(dtype).float()
        finite = sorted(set(every[every.isfinite()].tolist()))
        values += finite
        values += [(a + b) / 2 for a, b in zip(finite, finite[1:])]
        values += [finite[-1] * factor for factor in (1.01, 1.03, 1.0624, 1.0625, 1.07, 1.124, 1.125, 1.13, 1.5, 2)]
    for base in (1.0, 1024.0, 2.0**-14, 2.0**-24, 2.0**-25, 6e-8, 3.3895314e38, 1.1754944e-38):
        for step in (2.0**-11, 3 * 2.0**-11, 2.0**-8, 3 * 2.0**-9, 2.0**-12):
            values += [base * (1 + step), base * (1 - step), -base * (1 + step)]
    return torch.tensor(values, dtype=torch.float64).float()


x = inputs()
fixture = {"inputs": x.view(torch.int32).tolist()}
for name, (dtype, bits) in TYPES.items():
    rounded = x.to(dtype)
    mask = 0xFF if bits is torch.uint8 else 0xFFFF
    fixture[name] = [None if v != v else b & mask for v, b in zip(rounded.float().tolist(), rounded.view(bits).tolist())]
(FOLDER / "dtypes.json").write_text(json.dumps(fixture, separators=(",", ":")) + "\n")
