"""Makes fixtures/pth.json: files that torch.save wrote (gzip in base64), and what they hold or why they are refused.

Tensors are filled by name. Command: python3 test/oracle/pth.py
"""
import base64
import gzip
import io
import os
import zipfile
from unittest import mock

import numpy as np
import torch
from torch import nn

from oracle import fill, numbers, write


def filled(name, *shape, low=-1.0, high=1.0):
    return torch.from_numpy(fill(name, list(shape), low, high))


def network():
    model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Flatten(), nn.Linear(8, 3))
    with torch.no_grad():
        for name, tensor in model.state_dict().items():
            tensor.copy_(filled(name, *tensor.shape, low=0.5) if tensor.is_floating_point() else torch.tensor(2**24))
    return model


def trained():
    """A network after one step, with all that a training script would save beside it."""
    model = network()
    optimiser = torch.optim.Adam(model.parameters())
    scheduler = torch.optim.lr_scheduler.MultiStepLR(optimiser, [3, 5])
    model(filled("x", 2, 1, 4, 4)).sum().backward()
    optimiser.step()
    scheduler.step()
    return {
        "epoch": 3,
        "step": -(2**40),
        "seed": 2**70,
        "best": 0.5,
        "done": False,
        "best_model": None,
        "classes": ["é", ("a", 1), (1, 2, 3, 4), ()],
        "input": torch.Size([1, 4, 4]),
        "device": torch.device("cpu"),
        "dtype": torch.float32,
        "rng": torch.arange(5, dtype=torch.uint8),
        "optimizer": optimiser.state_dict(),
        "scheduler": scheduler.state_dict(),
        "model_ema": {"shadow": torch.zeros(2)},
        "model_state_dict": model.state_dict(),
    }


def types():
    whole = torch.tensor([0, 1, 100, -100])
    return {
        "float32": filled("float32", 4),
        "float64": filled("float64", 4).double() / 3,
        "float16": torch.tensor([1.5, -2**-24, 65504, 0]).half(),
        "bfloat16": filled("bfloat16", 4).bfloat16(),
        "int64": torch.tensor([0, 1, 2**24, -(2**40)]),
        "int32": whole.int() * 1000,
        "int16": whole.short(),
        "int8": whole.to(torch.int8),
        "uint8": whole.abs().byte() * 2,
        "bool": whole > 0,
    }


def views():
    base = filled("base", 6, 4)
    return {
        "base": base,
        "tied": base,
        "rows": base[2:4],
        "transposed": base.t(),
        "column": base[:, 1],
        "every other": base[1::2, ::3],
        "permuted": filled("cube", 2, 3, 4).permute(2, 0, 1),
        "expanded": filled("row", 1, 3).expand(4, 3),
        "half of halves": filled("halves", 8).half().view(2, 4)[:, 2:],
        "scalar": base[3, 3],
        "empty": torch.zeros(0, 3),
        "count": torch.tensor(7),
    }


def parameters():
    marked = nn.Parameter(filled("marked", 2, 2))
    marked.decay = False
    return {"plain": nn.Parameter(filled("plain", 3)), "frozen": nn.Parameter(filled("frozen", 2), False), "marked": marked}


class Malicious:
    def __reduce__(self):
        return os.system, ("touch /tmp/pdiff-was-here",)


def saved(value, **options):
    """What torch.save writes; its old format names storages by their address, here they are counted."""
    file, addresses = io.BytesIO(), []

    def in_order(keys):
        addresses.extend(keys)
        return list(addresses)

    with mock.patch.object(torch.serialization, "sorted", in_order, create=True):
        torch.save(value, file, **options)
    data = file.getvalue()
    for i, address in enumerate(addresses):
        data = data.replace(address.encode(), str(i).zfill(len(address)).encode())
    return data


def deflated(data):
    """The same archive, compressed, with 64-bit sizes in every local header."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            with new.open(name, "w", force_zip64=True) as entry:
                entry.write(old.read(name))
    return file.getvalue()


DTYPES = {
    torch.float32: "F32", torch.float64: "F64", torch.float16: "F16", torch.bfloat16: "BF16", torch.int64: "I64",
    torch.int32: "I32", torch.int16: "I16", torch.int8: "I8", torch.uint8: "U8", torch.bool: "BOOL",
    torch.uint16: "U16", torch.uint32: "U32", torch.uint64: "U64",
}


def encoded(data):
    return base64.b64encode(gzip.compress(data, mtime=0)).decode()


def holds(data, state):
    return {
        "file": encoded(data),
        "dtypes": {name: DTYPES[tensor.dtype] for name, tensor in state.items()},
        "shapes": {name: list(tensor.shape) for name, tensor in state.items()},
        "values": {name: numbers(tensor.float()) for name, tensor in state.items()},
    }


def refused(value, name, **options):
    return {"file": encoded(saved(value, **options)), "refused": name}


OLD = {"_use_new_zipfile_serialization": False}


def main():
    state = network().state_dict()
    parallel = nn.DataParallel(network()).state_dict()
    script = trained()
    unsigned = {n: torch.tensor([0, 2, 200], dtype=getattr(torch, n)) for n in ["uint16", "uint32", "uint64"]}
    mixed = {**types(), **views()}
    write("pth", {
        "a state dict": holds(saved(state), state),
        "a state dict, protocol 1": holds(saved(state, pickle_protocol=1), state),
        "a state dict, protocol 5": holds(saved(state, pickle_protocol=5), state),
        "a training script's checkpoint": holds(saved(script), script["model_state_dict"]),
        "a training script's checkpoint, protocol 4": holds(saved(script, pickle_protocol=4), script["model_state_dict"]),
        "a parallel network": holds(saved({"epoch": 1, "state_dict": parallel}), state),
        "types": holds(saved(types()), types()),
        "unsigned types": holds(saved(unsigned), unsigned),
        "views": holds(saved(views()), views()),
        "parameters": holds(saved(parameters()), parameters()),
        "compressed": holds(deflated(saved(mixed)), mixed),
        "the old format": holds(saved(mixed, **OLD), mixed),
        "the old format, a training script's checkpoint": holds(saved(script, **OLD), script["model_state_dict"]),
        "the old format, protocol 4": holds(saved(state, **OLD, pickle_protocol=4), state),
        "a malicious pickle": refused({"weight": torch.zeros(1), "epoch": Malicious()}, "posix.system"),
        "a malicious pickle in the old format": refused({"epoch": Malicious()}, "posix.system", **OLD),
        "a whole network": refused(network(), "torch.nn.modules.container.Sequential"),
        "a NumPy number": holds(saved({"weight": torch.zeros(1), "best": np.float64(0.5)}), {"weight": torch.zeros(1)}),
    })


if __name__ == "__main__":
    main()
