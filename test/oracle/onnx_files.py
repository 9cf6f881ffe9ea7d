"""Makes fixtures/onnx-initialisers.json: ONNX models as onnx writes them that formats.json lacks, and what they hold.

Cases are as in formats.json, but each file is in base64 alone, so that it can be damaged byte by byte. `lists` names the
tensors whose numbers stand as lists of varints, which are not rewritten; `unread` those that are listed but not read.

Command: python3 test/oracle/onnx_files.py
"""
import base64
import json
import tempfile
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto as T
from onnx import helper, numpy_helper

FIXTURES = Path(__file__).parent.parent / "fixtures"
NAMES = {
    T.FLOAT: "F32", T.UINT8: "U8", T.INT8: "I8", T.UINT16: "U16", T.INT16: "I16", T.INT32: "I32", T.INT64: "I64", T.BOOL: "BOOL",
    T.FLOAT16: "F16", T.DOUBLE: "F64", T.UINT32: "U32", T.UINT64: "U64", T.COMPLEX64: "C64", T.BFLOAT16: "BF16",
    T.FLOAT8E4M3FN: "F8_E4M3", T.FLOAT8E5M2: "F8_E5M2", T.STRING: "STRING", T.INT4: "INT4", T.UINT4: "UINT4", T.COMPLEX128: "COMPLEX128",
    T.FLOAT8E4M3FNUZ: "FLOAT8E4M3FNUZ",
}
UNREAD = (T.COMPLEX64, T.STRING, T.INT4, T.UINT4, T.COMPLEX128, T.FLOAT8E4M3FNUZ)
rng = np.random.default_rng(3)


def model(tensors, **props):
    value = lambda name: helper.make_tensor_value_info(name, T.FLOAT, [1])
    graph = helper.make_graph([helper.make_node("Identity", ["x"], ["y"])], "g", [value("x")], [value("y")], initializer=tensors)
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17), helper.make_opsetid("ai.onnx.ml", 3)], producer_name="oracle", producer_version="1.2", ir_version=9)
    helper.set_model_props(made, props)
    return made


def held(tensors):
    read = [t for t in tensors if t.data_type not in UNREAD]
    return {
        "dtypes": {t.name: NAMES[t.data_type] for t in tensors},
        "shapes": {t.name: list(t.dims) for t in tensors},
        "values": {t.name: [float(v) for v in numpy_helper.to_array(t).astype(np.float32).reshape(-1)] for t in read},
        "lists": [t.name for t in tensors if len(t.int32_data) + len(t.int64_data) + len(t.uint64_data) > 0],
    }


def encoded(data):
    return base64.b64encode(data).decode()


def one(tensors, **props):
    return {"files": {"model.onnx": encoded(model(tensors, **props).SerializeToString())}, **held(tensors)}


def outside(tensors, change=lambda made: None):
    facts = held(tensors)
    with tempfile.TemporaryDirectory() as folder:
        onnx.save_model(model(tensors), f"{folder}/model.onnx", save_as_external_data=True, location="model.data", size_threshold=0)
        made = onnx.load(f"{folder}/model.onnx", load_external_data=False)
        change(made)
        return {"files": {"model.onnx": encoded(made.SerializeToString()), "model.data": encoded((Path(folder) / "model.data").read_bytes())}, **facts}


def tie(made):
    a, b = made.graph.initializer[:2]
    place = {pair.key: pair.value for pair in a.external_data}
    for pair in b.external_data:
        pair.value = place[pair.key]


def floats(name, kind, *shape):
    return helper.make_tensor(name, kind, shape, [float(v) for v in rng.integers(-8, 8, int(np.prod(shape))) / 4])


def raw(name, array):
    return numpy_helper.from_array(array, name)


def main():
    w = raw("w", np.array([[1.5, -2, 0.25]], np.float32))
    cases = {
        "narrow numbers as lists": one([w, *(floats(NAMES[kind], kind, 2, 3) for kind in (T.FLOAT16, T.BFLOAT16, T.FLOAT8E4M3FN, T.FLOAT8E5M2))]),
        "whole numbers as lists": one([
            *(helper.make_tensor(NAMES[kind], kind, [3], [-128 if kind in (T.INT8, T.INT16, T.INT32, T.INT64) else 255, 0, 127]) for kind in (T.UINT8, T.INT8, T.UINT16, T.INT16, T.INT32, T.INT64, T.UINT32, T.UINT64)),
            helper.make_tensor("BOOL", T.BOOL, [3], [True, False, True]), w,
        ]),
        "numbers one after another": one([floats("F32", T.FLOAT, 2, 2), floats("F64", T.DOUBLE, 3), helper.make_tensor("C64", T.COMPLEX64, [2], [1 + 2j, 3j])]),
        "raw numbers": one([raw(kind, (20 * rng.standard_normal((2, 2))).astype(kind)) for kind in ("float16", "float64", "int8", "uint16", "int64")] + [raw("nothing", np.zeros((0, 3), np.float32)), raw("scalar", np.float32(7).reshape(()))]),
        "types that are not read": one([w, helper.make_tensor("words", T.STRING, [2], [b"a", b"bc"]), helper.make_tensor("quantised", T.INT4, [3], [1, -2, 3]), helper.make_tensor("complex", T.COMPLEX128, [1], [1j]), helper.make_tensor("other", T.FLOAT8E4M3FNUZ, [2], [1.0, 2.0])]),
        "a long description": one([w], names=str({i: f"class {i}" for i in range(400)})),
        "numbers in another file": outside([raw("a", rng.standard_normal((2, 3)).astype(np.float32)), raw("b", rng.standard_normal(4).astype(np.float16)), helper.make_tensor("quantised", T.INT4, [4], bytes([0x21, 0x43]), raw=True)]),
        "tied numbers in another file": outside([raw("a", np.array([1, 2], np.float32)), raw("b", np.array([1, 2], np.float32))], tie),
    }
    text = json.dumps(cases, separators=(",", ":"))
    (FIXTURES / "onnx-initialisers.json").write_text(text + "\n")
    print(f"onnx-initialisers.json: {len(text) // 1000} kB, {len(cases)} cases")


if __name__ == "__main__":
    main()
