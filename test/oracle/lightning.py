"""Makes fixtures/lightning.json: checkpoints as training frameworks write them, where pth.py has torch.save alone.

Lightning's, with what its callbacks, optimisers and hyperparameters put beside the state dict; timm's and DeepSpeed's;
those of averaged, compiled, parallel and sharded networks; the element types and layouts that pth.py lacks; archives with
64-bit sizes; pickles that would run programs. All are laid out by hand: none of the frameworks is needed.

A case holds `file` (gzip in base64); `under`, the keys that lead to the state dict; and, of the tensors there by their
names in the file, `dtypes`, `shapes` and `values` (float32; texts where JSON has no number; of complex numbers the real
and imaginary parts in turn). Where the network's own names are others, `names` gives them by the names in the file,
without what is not the network's. `objects` are Python objects that lie beside the state dict, other than tensors and
plain values. A case that must be refused has only `file` and `refused`, the object that says why.

Command: python3 test/oracle/lightning.py
"""
import argparse
import builtins
import collections
import io
import math
import os
import pathlib
import pickletools
import subprocess
import zipfile
from unittest import mock

import numpy as np
import torch
from torch import nn

from oracle import write
from pth import DTYPES, OLD, Malicious, encoded, filled, network, saved, trained

MORE_DTYPES = {
    **DTYPES, torch.complex64: "C64", torch.complex128: "C128", torch.float8_e4m3fn: "F8_E4M3",
    torch.float8_e5m2: "F8_E5M2", torch.float8_e8m0fnu: "F8_E8M0",
}
PLAIN = {
    "collections OrderedDict", "collections Counter", "torch._utils _rebuild_tensor_v2",
    "torch._utils _rebuild_tensor_v3", "torch._utils _rebuild_parameter", "torch Size", "torch device",
    "torch.storage UntypedStorage",
}


def values(tensor):
    if tensor.is_complex():
        tensor = torch.view_as_real(tensor)
    return [number(v) for v in tensor.detach().float().reshape(-1).tolist()]


def number(value):
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return int(value) if value.is_integer() else float(str(np.float32(value)))


def objects(data):
    """Names of the objects that the pickles of a file ask for, other than those that every checkpoint has."""
    if data[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            name = next(name for name in archive.namelist() if name.endswith("/data.pkl"))
            pickles = [archive.read(name)]
    else:
        stream = io.BytesIO(data)
        pickles = []
        for _ in range(5):
            start = stream.tell()
            collections.deque(pickletools.genops(stream), 0)
            pickles.append(data[start : stream.tell()])
    asked = [arg for p in pickles for op, arg, _ in pickletools.genops(p) if op.name == "GLOBAL"]
    other = [name for name in dict.fromkeys(asked) if name not in PLAIN and not is_type(name)]
    return [name.replace(" ", ".") for name in other]


def is_type(name):
    module, _, what = name.partition(" ")
    return module == "torch" and (what.endswith("Storage") or isinstance(getattr(torch, what, None), torch.dtype))


def holds(data, state, under=(), names=None):
    tensors = {name: t for name, t in state.items() if isinstance(t, torch.Tensor)}
    beside = objects(data)
    return {
        "file": encoded(data),
        "under": list(under),
        "dtypes": {name: MORE_DTYPES[t.dtype] for name, t in tensors.items()},
        "shapes": {name: list(t.shape) for name, t in tensors.items()},
        "values": {name: values(t) for name, t in tensors.items()},
        **({"names": names} if names else {}),
        **({"objects": beside} if beside else {}),
    }


def refused(data):
    return {"file": encoded(data), "refused": objects(data)[0]}


def renamed(state, change):
    """A state dict under other names, and the way back to its own."""
    changed = collections.OrderedDict((change(name), tensor) for name, tensor in state.items())
    return changed, {change(name): name for name in state}


def before(prefix):
    return lambda name: prefix + name


def checkpoint(state, **more):
    """What Lightning 2 writes, of a module that calls its network `model` where the names say so."""
    script = trained()
    best = torch.tensor(0.875)
    monitor = "ModelCheckpoint{'monitor': 'val/acc', 'mode': 'max', 'every_n_train_steps': 0, 'every_n_epochs': 1}"
    progress = {key: {"ready": 120, "completed": 120, "started": 120, "processed": 120} for key in ("total", "current")}
    return {
        "epoch": 3,
        "global_step": 120,
        "pytorch-lightning_version": "2.4.0",
        "state_dict": state,
        "loops": {
            "fit_loop": {
                "state_dict": {},
                "epoch_loop.state_dict": {"_batches_that_stepped": 120},
                "epoch_loop.batch_progress": {**progress, "is_last_batch": True},
                "epoch_loop.automatic_optimization.optim_progress": {"optimizer": {"step": progress}},
            },
            "validate_loop": {"state_dict": {}},
        },
        "callbacks": {
            monitor: {
                "monitor": "val/acc",
                "best_model_score": best,
                "best_model_path": "checkpoints/epoch=3-step=120.ckpt",
                "current_score": best,
                "dirpath": "checkpoints",
                "best_k_models": {"checkpoints/epoch=3-step=120.ckpt": best},
                "kth_best_model_path": "",
                "kth_value": torch.tensor(-math.inf),
                "last_model_path": "",
            },
            "EarlyStopping{'monitor': 'val/loss', 'mode': 'min'}": {
                "wait_count": 0, "stopped_epoch": 0, "best_score": torch.tensor(0.25), "patience": 3,
            },
        },
        "optimizer_states": [script["optimizer"]],
        "lr_schedulers": [script["scheduler"]],
        "MixedPrecision": {"scale": 65536.0, "growth_factor": 2.0, "_growth_tracker": 20},
        "hparams_name": "kwargs",
        "hyper_parameters": {"lr": 1e-3, "widths": (16, 32), "augment": None, "name": "cnn", **more},
        "datamodule_hparams_name": "kwargs",
        "datamodule_hyper_parameters": {"batch_size": 64, "shuffle": True},
    }


def types():
    """Types of every kind; of the 8-bit ones all finite values, and what else there is on its own."""
    codes = torch.arange(256, dtype=torch.int32).to(torch.uint8)
    tensors = {
        "float64": filled("float64", 3).double() / 3,
        "float32": filled("float32", 3),
        "float16": filled("float16", 3).half(),
        "bfloat16": filled("bfloat16", 3).bfloat16(),
        "int64": torch.tensor([-(2**40), 2**24]),
        "int32": torch.tensor([-(2**20), 3], dtype=torch.int32),
        "int16": torch.tensor([-300, 300], dtype=torch.int16),
        "int8": torch.tensor([-128, 127], dtype=torch.int8),
        "uint8": torch.tensor([0, 255], dtype=torch.uint8),
        "bool": torch.tensor([True, False, True]),
    }
    for name in ("float8_e4m3fn", "float8_e5m2", "float8_e8m0fnu"):
        every = codes.view(getattr(torch, name))
        finite = every.float().isfinite()
        tensors[name] = codes[finite].view(every.dtype)
        tensors[f"{name}, not finite"] = codes[~finite].view(every.dtype)
    tensors["not finite"] = torch.tensor([math.inf, -math.inf, math.nan])
    return tensors


def laid_out():
    base = filled("base", 6, 4)
    eight = base.to(torch.float8_e4m3fn)
    return {
        "rows": base[2:4],
        "columns": base[:, 1:3],
        "transposed": base.t(),
        "every other": base[::2, ::3],
        "expanded": base[:1].expand(5, 4),
        "one number": base[5, 3],
        "nothing": base[6:],
        "nothing, transposed": torch.zeros(3, 0).t(),
        "halves, transposed": base.bfloat16().t(),
        "eighths, transposed": eight.t(),
        "eighths, rows": eight[4:],
        "numbers, every other": torch.arange(10)[1::2],
        "truths, every other": (torch.arange(9) % 4 == 0)[::4],
    }


def known_of_old(tensors):
    """Without 8-bit floats, which PyTorch writes in the old format and cannot read from there."""
    return {name: t for name, t in tensors.items() if not t.is_floating_point() or t.element_size() > 1}


class Tied(nn.Module):
    """A language model's head that is its embedding."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(5, 3)
        self.head = nn.Linear(3, 5)
        self.head.weight = self.embedding.weight
        with torch.no_grad():
            for name, parameter in self.named_parameters():
                parameter.copy_(filled(name, *parameter.shape))


class Calls:
    """An object whose pickle calls a function."""

    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


class Sets:
    """An object whose pickle calls a function with what it says is its state."""

    def __reduce__(self):
        return collections.OrderedDict, (), {"state": Malicious()}


def archive(data, change=lambda name, content: content, limit=zipfile.ZIP64_LIMIT):
    """The same archive, stored, with other contents; sizes and positions from `limit` on have 64 bits."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w") as new:
        with mock.patch.object(zipfile, "ZIP64_LIMIT", limit):
            for name in old.namelist():
                with new.open(zipfile.ZipInfo(name), "w", force_zip64=limit < 0) as entry:
                    entry.write(change(name, old.read(name)))
            new.close()
    return file.getvalue()


def numpy_1(data):
    """As NumPy before 2.0 called its own module."""
    return archive(data, lambda _, content: content.replace(b"numpy._core.", b"numpy.core."))


def main():
    state = network().state_dict()
    model, model_names = renamed(state, before("model."))
    net, net_names = renamed(state, before("net."))
    lightning = checkpoint(model)
    # A LightningModule whose loss has weights and whose metric counts; neither belongs to the
    # network.
    counted = collections.OrderedDict(
        {**model, "criterion.weight": filled("criterion", 3), "val_acc.tp": torch.tensor([1, 2, 3])}
    )
    compiled, compiled_names = renamed(state, before("model._orig_mod."))
    averaged = torch.optim.swa_utils.AveragedModel(network()).state_dict()
    sharded, sharded_names = renamed(state, lambda name: f"_fsdp_wrapped_module.{name}")
    rematerialised, rematerialised_names = renamed(
        state, lambda name: name.replace(".", "._checkpoint_wrapped_module.", 1)
    )
    arguments = argparse.Namespace(model="cnn", lr=0.1, mean=None)
    path = pathlib.PurePosixPath("checkpoints")
    numbered = {"state_dict": state, "best": np.float64(91.5), "epoch": np.int64(3), "seen": np.arange(3)}
    extra = collections.OrderedDict({**state, "3._extra_state": {"calls": 3}, "4._extra_state": None})
    rotary = {"weight": filled("rotary", 2, 2), "frequencies": torch.tensor([1 + 2j, 0.5 - 1j])}
    kernel = torch.tensor([[1 + 2j, 0.5 - 1j, 3j], [-2, 0.25j, 1 - 0.75j]], dtype=torch.complex128)
    spectral = {"weight": filled("spectral", 2, 2), "kernel": kernel, "turned": kernel.t()}
    tied = Tied().state_dict()
    plain = {"weight": filled("w", 2)}

    prefixed = {}
    for title, prefix in [
        ("a parallel network", "module."),
        ("a compiled network", "_orig_mod."),
        ("a compiled network, parallel", "module._orig_mod."),
        ("a parallel network, compiled", "_orig_mod.module."),
    ]:
        other, names = renamed(state, before(prefix))
        prefixed[title] = holds(saved(other), other, names=names)

    write("lightning", {
        "Lightning": holds(saved(lightning), model, ["state_dict"], model_names),
        "Lightning, the old format": holds(saved(lightning, **OLD), model, ["state_dict"], model_names),
        "Lightning, the network called net": holds(saved(checkpoint(net)), net, ["state_dict"], net_names),
        "Lightning, with a criterion and a metric": holds(
            saved(checkpoint(counted)), counted, ["state_dict"], model_names
        ),
        "Lightning, the network compiled": holds(
            saved(checkpoint(compiled)), compiled, ["state_dict"], compiled_names
        ),
        "Lightning, the module its own network": holds(saved(checkpoint(state)), state, ["state_dict"]),
        "Lightning, with a path": holds(
            saved(checkpoint(model, folder=path)), model, ["state_dict"], model_names
        ),
        "timm": holds(
            saved({
                "epoch": 9, "arch": "cnn", "state_dict": state, "optimizer": trained()["optimizer"], "version": 2,
                "args": arguments, "state_dict_ema": {name: t * 0 for name, t in state.items()}, "metric": 91.5,
            }), state, ["state_dict"],
        ),
        "DeepSpeed": holds(
            saved({
                "module": state, "buffer_names": ["1.running_mean", "1.running_var"], "optimizer": None,
                "param_shapes": [collections.OrderedDict((n, t.shape) for n, t in state.items())],
                "skipped_steps": 0, "global_steps": 120, "dp_world_size": 1, "ds_version": "0.15.0",
            }), state, ["module"],
        ),
        "nested deeper": holds(
            saved({"checkpoint": {"epoch": 1, "network": {"state_dict": state}}}), state,
            ["checkpoint", "network", "state_dict"],
        ),
        "two networks": holds(
            saved({"generator": state, "discriminator": plain, "epoch": 1}), state, ["generator"]
        ),
        **prefixed,
        "an averaged network": holds(
            saved(averaged), averaged, names={name: name[len("module."):] for name in averaged if "." in name}
        ),
        "a sharded network": holds(saved(sharded), sharded, names=sharded_names),
        "a network with checkpointed activations": holds(
            saved(rematerialised), rematerialised, names=rematerialised_names
        ),
        "a state dict with more than tensors": holds(saved({"state_dict": extra}), extra, ["state_dict"]),
        "tied weights": holds(saved(tied), tied),
        "tied weights, the old format": holds(saved(tied, **OLD), tied),
        "tied parameters": holds(saved(dict(Tied().named_parameters(remove_duplicate=False))), tied),
        "types": holds(saved(types()), types()),
        "types, the old format": holds(saved(known_of_old(types()), **OLD), known_of_old(types())),
        "complex numbers beside others": holds(saved(rotary), rotary),
        "complex numbers beside others, the old format": holds(saved(rotary, **OLD), rotary),
        "complex numbers of float64 beside others": holds(saved(spectral), spectral),
        "complex numbers of float64 beside others, the old format": holds(saved(spectral, **OLD), spectral),
        "views": holds(saved(laid_out()), laid_out()),
        "views, the old format": holds(saved(known_of_old(laid_out()), **OLD), known_of_old(laid_out())),
        "an archive with 64-bit sizes": holds(archive(saved(state), limit=-1), state),
        "NumPy numbers": holds(saved(numbered), state, ["state_dict"]),
        "NumPy numbers, of NumPy 1": holds(numpy_1(saved(numbered)), state, ["state_dict"]),
        "NumPy numbers, the old format": holds(saved(numbered, **OLD), state, ["state_dict"]),
        **{
            f"malicious: {title}{old}": refused(saved(value, **options))
            for title, value in {
                "a call beside the state dict": {"state_dict": plain, "epoch": Malicious()},
                "a call among the tensors": {"state_dict": {**plain, "bias": Malicious()}},
                "a call before the state dict": {"a": Malicious(), "state_dict": plain},
                "a call in an object's state": {**plain, "more": Sets()},
                "a program": {**plain, "more": Calls(subprocess.Popen, ["touch", "/tmp/pdiff-was-here"])},
                "a text to run": {**plain, "more": Calls(builtins.eval, "open('/tmp/pdiff-was-here', 'w')")},
                "a name to look up": {**plain, "more": Calls(builtins.getattr, Calls(__import__, "os"), "system")},
                "a pickle in a pickle": {**plain, "more": Calls(torch.storage._load_from_bytes, saved(plain))},
                "a file to delete": {**plain, "more": Calls(os.remove, "/tmp/pdiff-was-here")},
            }.items()
            for old, options in {"": {}, ", the old format": OLD}.items()
        },
    })


if __name__ == "__main__":
    main()
