"""Makes fixtures/time-features.json: rows of sinusoidal features as the p-diff code computes them, in float64.

Frequencies exp(-ln(10000) i / half), cosines first. Command: python3 test/oracle/time_features.py
"""
import numpy as np

from oracle import write

WIDTH = 16
half = WIDTH // 2
frequencies = np.exp(-np.log(10000) * np.arange(half) / half)


def row(t):
    angles = t * frequencies
    return [float(v) for v in np.concatenate([np.cos(angles), np.sin(angles)])]


write("time-features", {f"t = {t}": {"features": row(t)} for t in (0, 1, 2, 77, 500, 999)})
