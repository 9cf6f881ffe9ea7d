"""Makes fixtures/quantiles.json: standard normal quantiles in float64, from Python's own statistics module.

Command: python3 test/oracle/quantiles.py
"""
import json
from statistics import NormalDist

from oracle import FIXTURES, words

chosen = [0, 1, 2, 3, 10, 100, 10**4, 10**6, 10**8, 322122547, 322122548, 2**31 - 1, 2**31]
chosen += [2**32 - 1 - w for w in chosen] + [int(w) for w in words("quantiles", 60)]
rows = [[w, NormalDist().inv_cdf((w + 0.5) / 2**32)] for w in sorted(set(chosen))]
(FIXTURES / "quantiles.json").write_text("[\n" + ",\n".join(json.dumps(row) for row in rows) + "\n]\n")
print(f"quantiles.json: {len(rows)} quantiles")
