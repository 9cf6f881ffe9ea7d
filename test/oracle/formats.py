"""Makes fixtures/formats.json: files that NumPy, onnx and safetensors write, and what they hold.

A case holds `file` (gzip in base64) or `files` by name, `open` (the name to open), and by tensor `dtypes`, `shapes` and
`values` (float32, row-major). A case that must be refused has `refused`, a part of the message.

Command: python3 test/oracle/formats.py
"""
import base64
import gzip
import io
import json
import tempfile
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from safetensors.torch import save as save_safetensors

FIXTURES = Path(__file__).parent.parent / "fixtures"
DTYPES = {
    "float32": "F32", "float64": "F64", "float16": "F16", "int8": "I8", "int16": "I16", "int32": "I32", "int64": "I64",
    "uint8": "U8", "uint16": "U16", "uint32": "U32", "uint64": "U64", "bool": "BOOL",
}
rng = np.random.default_rng(1)


def packed(data):
    return base64.b64encode(gzip.compress(data, mtime=0)).decode()


def floats(array):
    return [float(str(v)) for v in np.asarray(array).astype(np.float32).reshape(-1)]


def held(arrays, dtypes=None):
    return {
        "dtypes": {k: (dtypes or {}).get(k) or DTYPES[v.dtype.newbyteorder("=").name] for k, v in arrays.items()},
        "shapes": {k: list(v.shape) for k, v in arrays.items()},
        "values": {k: floats(v) for k, v in arrays.items()},
    }


def arrays():
    some = {name: (10 * rng.standard_normal((2, 3))).astype(name) for name in DTYPES if name != "bool"}
    return {
        **some,
        "bool": np.array([True, False, True]),
        "scalar": np.float32(1.5).reshape(()),
        "empty": np.zeros((0, 3), np.float32),
        "columns": np.asfortranarray(rng.standard_normal((3, 4, 2)).astype(np.float32)),
        "big endian": rng.standard_normal(5).astype(">f4"),
        "big columns": np.asfortranarray(rng.standard_normal((3, 2)).astype(">f8")),
        "head/0.weight": rng.standard_normal((4, 2)).astype(np.float32),
    }


def saved(save, *args, **kwargs):
    out = io.BytesIO()
    save(out, *args, **kwargs)
    return out.getvalue()


def with_version(array, version):
    return saved(lambda out: np.lib.format.write_array(out, array, version=version))


def model(tensors):
    graph = helper.make_graph(
        [helper.make_node("Identity", ["x"], ["y"])], "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1])], [helper.make_tensor_value_info("y", TensorProto.FLOAT, [1])],
        initializer=tensors,
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], producer_name="oracle", ir_version=9)
    helper.set_model_props(made, {"task": "a \u00fc test"})
    return made


def onnx_cases():
    values = {name: (10 * rng.standard_normal((2, 3))).astype(name) for name in ("float32", "float64", "float16", "int64", "int32")}
    raw = [numpy_helper.from_array(v, k) for k, v in values.items()]
    bf16 = np.array([1.5, -2.25, 0.0078125], np.float32)
    raw.append(helper.make_tensor("bfloat16", TensorProto.BFLOAT16, [3], (bf16.view(np.uint32) >> 16).astype(np.uint16).tobytes(), raw=True))
    yield "initialisers", {"file": packed(model(raw).SerializeToString()), "open": "model.onnx", **held({**values, "bfloat16": bf16}, {"bfloat16": "BF16"})}
    listed = [
        helper.make_tensor("float32", TensorProto.FLOAT, [2, 3], values["float32"].reshape(-1)),
        helper.make_tensor("float64", TensorProto.DOUBLE, [2, 3], values["float64"].reshape(-1)),
        helper.make_tensor("float16", TensorProto.FLOAT16, [2, 3], values["float16"].reshape(-1)),
        helper.make_tensor("int32", TensorProto.INT32, [2, 3], values["int32"].reshape(-1)),
        helper.make_tensor("int64", TensorProto.INT64, [2, 3], values["int64"].reshape(-1)),
    ]
    yield "initialisers as lists", {"file": packed(model(listed).SerializeToString()), "open": "model.onnx", **held(values), "lists": True}
    with tempfile.TemporaryDirectory() as folder:
        big = {"a": rng.standard_normal((8, 40)).astype(np.float32), "b": rng.standard_normal(300).astype(np.float16)}
        onnx.save_model(
            model([numpy_helper.from_array(v, k) for k, v in big.items()]), f"{folder}/model.onnx",
            save_as_external_data=True, location="model.data", size_threshold=0,
        )
        files = {name: packed((Path(folder) / name).read_bytes()) for name in ("model.onnx", "model.data")}
        yield "initialisers in another file", {"files": files, "open": "model.onnx", **held(big)}


def shard_cases():
    parts = [{"a.weight": torch.randn(2, 3, generator=torch.manual_seed(1))}, {"a.bias": torch.arange(3.0), "b": torch.ones(2).half()}]
    everything = {k: v.float().numpy() for part in parts for k, v in part.items()}
    facts = held(everything, {"b": "F16"})
    for name, save, ending, index in [
        ("safetensors", lambda part: save_safetensors(part), "model-0000{}-of-00002.safetensors", "model.safetensors.index.json"),
        ("torch.save", lambda part: saved(lambda out: torch.save(part, out)), "pytorch_model-0000{}-of-00002.bin", "pytorch_model.bin.index.json"),
    ]:
        files = {ending.format(i + 1): packed(save(part)) for i, part in enumerate(parts)}
        names = list(files)
        map_ = {k: names[i] for i, part in enumerate(parts) for k in part}
        files[index] = packed(json.dumps({"metadata": {"total_size": 1}, "weight_map": map_}).encode())
        yield f"shards of {name}", {"files": files, "open": index, **facts}
        yield f"a folder of shards of {name}", {"files": files, "open": ".", **facts}


def main():
    some = arrays()
    one = rng.standard_normal((3, 4)).astype(np.float32)
    cases = {
        "npz": {"file": packed(saved(np.savez, **some)), "open": "a.npz", **held(some)},
        "compressed npz": {"file": packed(saved(np.savez_compressed, **some)), "open": "a.npz", **held(some)},
        "npy": {"file": packed(saved(np.save, one)), "open": "one.npy", **held({"one": one})},
        "npy, version 2": {"file": packed(with_version(one, (2, 0))), "open": "one.npy", **held({"one": one})},
        "npy, version 3": {"file": packed(with_version(one, (3, 0))), "open": "one.npy", **held({"one": one})},
        "npy of Python objects": {
            "file": packed(saved(np.save, np.array([{"a": 1}], dtype=object), allow_pickle=True)), "open": "one.npy",
            "refused": "its elements are Python objects",
        },
        "npy of records": {
            "file": packed(saved(np.save, np.zeros(2, [("a", "<f4"), ("b", "<i4")]))), "open": "one.npy", "refused": "records of several fields",
        },
        "npy of texts": {"file": packed(saved(np.save, np.array(["ab"]))), "open": "one.npy", "refused": "its elements are of the type"},
        **dict(onnx_cases()),
        **dict(shard_cases()),
    }
    text = json.dumps(cases, separators=(",", ":"), ensure_ascii=False)
    (FIXTURES / "formats.json").write_text(text + "\n")
    print(f"formats.json: {len(text) // 1000} kB, {len(cases)} cases")


if __name__ == "__main__":
    main()
