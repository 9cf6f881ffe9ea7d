"""What the oracle scripts share: deterministic tensors and the format of the fixtures.

A fixture is a JSON object of cases, each an object of arrays, scalars or shapes. Numbers are float32 (or float64 where
a script says so), written with the fewest digits that give the same number back. A tensor of more than LARGE elements is
written as its sketch: the elements' signed sums in SKETCH buckets (a count sketch), whose distance to another tensor's
sketch estimates the distance of the tensors. The same functions in TypeScript are in test/support/.
"""
import json
import pathlib

import numpy as np

FIXTURES = pathlib.Path(__file__).resolve().parent.parent / "fixtures"
LARGE = 600
SKETCH = 256
WORD = 0xFFFFFFFF


def words(name, length):
    """Random words by name: element i is a hash of the name and i."""
    seed = 0x811C9DC5
    for c in name:
        seed = ((seed ^ ord(c)) * 0x01000193) & WORD
    with np.errstate(over="ignore"):
        h = np.uint32(seed) + np.arange(length, dtype=np.uint32) * np.uint32(0x9E3779B9)
        h = (h ^ (h >> np.uint32(16))) * np.uint32(0x85EBCA6B)
        h = (h ^ (h >> np.uint32(13))) * np.uint32(0xC2B2AE35)
        return h ^ (h >> np.uint32(16))


def fill(name, shape, low=-1.0, high=1.0):
    """Numbers spread evenly over [low, high), float32."""
    unit = (words(name, int(np.prod(shape))) >> np.uint32(8)).astype(np.float64) / 0x1000000
    return (low + (high - low) * unit).astype(np.float32).reshape(shape)


def fill_integers(name, shape, bound):
    """Whole numbers spread evenly over [0, bound)."""
    return (words(name, int(np.prod(shape))) % np.uint32(bound)).astype(np.int64).reshape(shape)


def sketch(values, buckets=SKETCH, large=LARGE):
    """The values themselves where they are few, else their signed sums in buckets."""
    values = np.asarray(values).reshape(-1)
    if values.size <= large:
        return values
    h = words("sketch", values.size)
    signed = np.where(h & np.uint32(1), 1.0, -1.0) * values.astype(np.float64)
    return np.bincount((h >> np.uint32(1)) % buckets, signed, buckets).astype(values.dtype)


def numbers(tensor, buckets=SKETCH, large=LARGE):
    """A tensor as a fixture holds it."""
    values = sketch(tensor.detach().numpy() if hasattr(tensor, "detach") else tensor, buckets, large)
    return [int(v) if float(v).is_integer() else float(str(v)) for v in values]


def write(topic, cases):
    """Writes fixtures/<topic>.json, a line per array."""
    lines = []
    for name, case in cases.items():
        entries = ",\n".join(f"  {json.dumps(k)}: {json.dumps(v, separators=(',', ':'))}" for k, v in case.items())
        lines.append(f"{json.dumps(name)}: {{\n{entries}\n}}")
    path = FIXTURES / f"{topic}.json"
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n")
    print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB, {len(cases)} cases")
