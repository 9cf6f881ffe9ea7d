"""Makes fixtures/numpy.json: arrays as NumPy saves them that formats.json lacks, and what they hold.

Cases are as in formats.json, but each file is in base64 alone, so that it can be damaged byte by byte.

Command: python3 test/oracle/numpy_files.py
"""
import base64
import io
import json
from pathlib import Path

import ml_dtypes
import numpy as np

FIXTURES = Path(__file__).parent.parent / "fixtures"
TYPES = {"f2": "F16", "f4": "F32", "f8": "F64", "c8": "C64", "c16": "C128", "i2": "I16", "u4": "U32", "i8": "I64", "b1": "BOOL", "u1": "U8"}
rng = np.random.default_rng(2)


def parts(array):
    """The numbers of an array; of complex ones real and imaginary parts in turn, as a last axis."""
    return np.stack([array.real, array.imag], -1) if array.dtype.kind == "c" else array


def saved(save, *args, **kwargs):
    out = io.BytesIO()
    save(out, *args, **kwargs)
    return out.getvalue()


def case(data, name, arrays):
    return {
        "file": base64.b64encode(data).decode(),
        "open": name,
        "dtypes": {k: TYPES[v.dtype.str[1:]] for k, v in arrays.items()},
        "shapes": {k: list(v.shape) for k, v in arrays.items()},
        "values": {k: [float(x) for x in parts(v).astype(np.float32).reshape(-1)] for k, v in arrays.items()},
    }


def one(array, version=None):
    data = saved(lambda out: np.lib.format.write_array(out, array, version=version))
    return case(data, "one.npy", {"one": array})


def refused(array, message):
    return {"file": base64.b64encode(saved(np.save, array)).decode(), "open": "one.npy", "refused": message}


def main():
    cases = {f"version {major}": one(rng.standard_normal((2, 3)).astype("f4"), (major, 0)) for major in (1, 2, 3)}
    for order in "<>":
        for kind, shape in (("f2", (2, 3, 4)), ("f4", (3, 4)), ("f8", (2, 1, 3, 2)), ("i2", (3, 4)), ("u4", (2, 3, 4)), ("i8", (4, 3))):
            array = np.abs(50 * rng.standard_normal(shape)).astype(f"{order}{kind}")
            cases[f"columns of {order}{kind}"] = one(np.asfortranarray(array))
    cases["a transpose"] = one(rng.standard_normal((3, 5)).astype("f4").T)
    cases["truth values"] = one(np.array([[True, False], [False, True], [True, True]], order="F"))
    cases["complex numbers"] = one(np.array([1 + 2j], "c8"))
    for order in "<>":
        cases[f"complex numbers of doubles, {order}"] = one(np.array([1 + 2j, 0.5 - 3j], f"{order}c16"))
    cases["a scalar"] = one(np.array(2.5, "f4"))
    cases["nothing"] = one(np.zeros((3, 0, 2), "f4", order="F"))
    arrays = {"z.weight": rng.standard_normal((4, 3)).astype("f4"), "a.bias": rng.standard_normal(3).astype("f2"), "columns": np.asfortranarray(rng.standard_normal((3, 2)).astype(">f8")), "steps": np.arange(3, dtype="i8")}
    cases["an archive"] = case(saved(np.savez, **arrays), "all.npz", arrays)
    cases["a compressed archive"] = case(saved(np.savez_compressed, **arrays), "all.npz", arrays)
    cases["bfloat16"] = refused(np.array([1.5], ml_dtypes.bfloat16), "as NumPy saves bfloat16")
    cases["objects"] = refused(np.array([{}, None], object), "Python objects")
    cases["records"] = refused(np.zeros(2, [("a", "<f4"), ("b", "<i2", (2,))]), "records of several fields")
    cases["times"] = refused(np.array(["2020-01-01"], "datetime64[s]"), "which is not read")
    cases["complex numbers of long doubles"] = refused(np.array([1j], np.clongdouble), "which is not read")
    cases["an archive with objects"] = {"file": base64.b64encode(saved(np.savez, a=np.zeros(2, "f4"), b=np.array([None]))).decode(), "open": "all.npz", "refused": "in b: its elements are Python objects"}
    text = json.dumps(cases, separators=(",", ":"))
    (FIXTURES / "numpy.json").write_text(text + "\n")
    print(f"numpy.json: {len(text) // 1000} kB, {len(cases)} cases")


if __name__ == "__main__":
    main()
