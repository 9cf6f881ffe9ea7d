"""Makes fixtures/onnx/: networks as PyTorch's two exporters write them, and what PyTorch computes with them.

Of each network a *skeleton*, NAME.onnx.gz: the exported model in which the network's tensors have names, shapes and
types but no values. They are filled by name, within `bounds` here and in test/support/onnx-skeleton.ts; constants of the
exporter's own keep their values. Comments on nodes (stack traces of the exporting script) are left out.

Exporters rename tensors, transpose them, reshape them, and fold batch normalisations into convolutions. So the network
is filled before it is exported, and the tensors of the file are recognised by their values; then the values that belong
to their names go the same way back into the network in PyTorch, which is the reference, in float64 and in evaluation
mode: logits (ONNX Runtime must agree), gradients of the cross-entropy, and three steps of AdamW that leave running
statistics as they are. Images are drawn again while an activation is so near to the kink of a ReLU, or to another in the
window of a maximum, that rounding could decide. Why AdamW has such an eps is said in classifiers.py.

Where a network is exported untrained, tensors that are equal are stored once, and stay one whatever becomes of them. And
where an exporter is given a path, it writes the values to a file of their own: external.onnx and external.onnx.data are
such files, with values and not compressed.

Command: python3 test/oracle/onnx_networks.py (needs timm, torchvision, onnx, onnxscript and onnxruntime)
"""
import collections
import gzip
import io
import logging
import math
import pathlib
import tempfile
import warnings

import onnx
import onnxruntime
import timm
import torch
import torchvision
from onnx import numpy_helper
from torch import nn
from torch.fx.experimental.optimization import fuse
from torch.nn import functional as F
from torchvision.models.convnext import CNBlockConfig

from oracle import FIXTURES, fill, fill_integers, numbers, write

CLASSES = 10
RATE = 1e-3
EPS = 1e-3
MARGIN = 2e-6
BUCKETS = 16
FOLDER = FIXTURES / "onnx"
NAMES = {"input_names": ["images"], "output_names": ["logits"]}


def bounds(name, shape):
    """Within what a tensor of a file is filled: the same rule as in test/support/onnx-skeleton.ts."""
    if len(shape) == 1:
        return (0.5, 1.5) if name.endswith(("weight", "running_var")) else (-0.1, 0.1)
    # The same for a matrix and its transpose.
    spread = {2: lambda: math.sqrt(6 / sum(shape)), 4: lambda: math.sqrt(3 / math.prod(shape[1:]))}
    bound = spread.get(len(shape), lambda: 0.5)()
    return -bound, bound


def filled(name, shape):
    return fill(name, list(shape), *bounds(name, shape))


def cnn():
    return nn.Sequential(collections.OrderedDict(
        conv1=nn.Conv2d(3, 8, 3, padding=1), bn1=nn.BatchNorm2d(8), relu1=nn.ReLU(), pool1=nn.MaxPool2d(2),
        conv2=nn.Conv2d(8, 16, 3, padding=1, bias=False), bn2=nn.BatchNorm2d(16), relu2=nn.ReLU(),
        pool2=nn.MaxPool2d(3, 2, 1), pool3=nn.AdaptiveAvgPool2d(2), flatten=nn.Flatten(), fc=nn.Linear(64, CLASSES),
    ))


def resnet18():
    return torchvision.models.resnet18(num_classes=CLASSES)


def vit():
    return timm.create_model("vit_tiny_patch16_224", img_size=32, patch_size=8, num_classes=CLASSES)


def convnext_atto():
    return timm.create_model("convnext_atto", num_classes=CLASSES)


def convnext_torchvision():
    """It has linear layers where timm's small ones have convolutions of one pixel."""
    blocks = [(32, 64, 1), (64, 96, 1), (96, 128, 2), (128, None, 1)]
    return torchvision.models.ConvNeXt([CNBlockConfig(*block) for block in blocks], num_classes=CLASSES)


def torchscript(model, x, opset, **options):
    """What the exporter that traces writes, the default until PyTorch 2.8."""
    file = io.BytesIO()
    axes = {name: {0: "batch"} for name in ("images", "logits")}
    torch.onnx.export(model, (x,), file, dynamo=False, opset_version=opset, dynamic_axes=axes, **NAMES, **options)
    return onnx.load_from_string(file.getvalue())


def unfolded(model, x, opset):
    """The same as it is for training: with every tensor of the network."""
    training = torch.onnx.TrainingMode.PRESERVE
    return torchscript(model, x, opset, do_constant_folding=False, training=training)


def dynamo(model, x, opset, path=None):
    """What the exporter that is the default since PyTorch 2.9 writes."""
    shapes = ({0: torch.export.Dim("batch")},)
    program = torch.onnx.export(
        model, (x,), path, dynamo=True, opset_version=opset, dynamic_shapes=shapes, verbose=False, **NAMES
    )
    return program.model_proto


EXPORTERS = {"torchscript": torchscript, "torchscript-unfolded": unfolded, "dynamo": dynamo}


def without_comments(message):
    """Takes the comments out of a model: stack traces, names of modules, what the exporter thought of shapes."""
    for field, value in message.ListFields():
        if field.name in ("doc_string", "metadata_props"):
            message.ClearField(field.name)
        elif field.message_type is not None:
            for part in [value] if hasattr(value, "ListFields") else value:
                without_comments(part)
    return message


def ready(build):
    """A new network in evaluation mode, filled by its own names."""
    model = build().eval().requires_grad_(True)
    for name, tensor in floating(model).items():
        tensor.copy_(torch.from_numpy(filled(name, tensor.shape)))
    return model


def floating(model):
    return {name: tensor for name, tensor in model.state_dict().items() if tensor.is_floating_point()}


WAYS = {
    "as is": lambda tensor, shape: tensor if tensor.shape == shape else None,
    "transposed": lambda tensor, shape: tensor.t() if tensor.ndim == 2 and tensor.t().shape == shape else None,
    # Constants of one element are equal too easily.
    "reshaped": lambda tensor, shape: tensor.reshape(shape) if tensor.numel() == math.prod(shape) > 1 else None,
}


def origins(exported, model):
    """The network's tensors that each tensor of the file may be, as pairs of name and way, by its name in the file."""
    found = {}
    for stored in exported.graph.initializer:
        if stored.data_type != onnx.TensorProto.FLOAT:
            continue
        value = torch.from_numpy(numpy_helper.to_array(stored).copy())
        for way, go in WAYS.items():
            same = [
                (name, way) for name, tensor in floating(model).items()
                if (moved := go(tensor, value.shape)) is not None and torch.allclose(moved, value, 1e-4, 1e-6)
            ]
            if same:
                found[stored.name] = same
                break
    return found


def refill(exported, names):
    """Gives tensors of a file the values that belong to their names, and returns these."""
    values = {}
    for stored in exported.graph.initializer:
        if stored.name in names:
            values[stored.name] = filled(stored.name, stored.dims)
            stored.CopyFrom(numpy_helper.from_array(values[stored.name], stored.name))
    return values


def put(model, found, values):
    """Gives the network the values of a file."""
    state = model.state_dict()
    for name, targets in found.items():
        value = torch.from_numpy(values[name])
        for target, way in targets:
            state[target].copy_((value.t() if way == "transposed" else value).reshape(state[target].shape))


def write_skeleton(name, exported, stripped):
    bare = onnx.ModelProto()
    bare.CopyFrom(exported)
    for stored in bare.graph.initializer:
        if stored.name in stripped:
            stored.ClearField("raw_data")
            stored.ClearField("float_data")
    file = f"{name}.onnx.gz"
    (FOLDER / file).write_bytes(gzip.compress(bare.SerializeToString(deterministic=True), mtime=0))
    return file


def onnx_logits(exported, x):
    session = onnxruntime.InferenceSession(exported.SerializeToString(), providers=["CPUExecutionProvider"])
    return torch.from_numpy(session.run(["logits"], {"images": x.float().numpy()})[0])


def agreed(logits, exported, x):
    error = ((onnx_logits(exported, x) - logits).norm() / logits.norm()).item()
    assert error < 1e-5, f"ONNX Runtime computes other logits, by {error}"
    return shorter(logits.reshape(-1).tolist())


def watch_kinks(model):
    """A list that will hold how near inputs of ReLUs come to zero, and the two largest of a window to each other."""
    seen = []

    def relu(_, inputs):
        seen.append(inputs[0].detach().abs().min().item())

    def pool(layer, inputs):
        # What is pooled comes out of a ReLU: where the maximum is zero no gradient gets through.
        x = inputs[0].detach()
        windows = F.unfold(x, layer.kernel_size, 1, layer.padding, layer.stride)
        first, second = windows.reshape(*x.shape[:2], -1, windows.shape[-1]).topk(2, 2).values.unbind(2)
        seen.append((first - second)[first > 0].min().item())

    for layer in model.modules():
        if isinstance(layer, (nn.ReLU, nn.MaxPool2d)):
            layer.register_forward_pre_hook(relu if isinstance(layer, nn.ReLU) else pool)
    return seen


def batch(size, image, draw, step):
    x = torch.from_numpy(fill(f"images {draw}.{step}", [size, *image])).double()
    return x, torch.from_numpy(fill_integers(f"labels {draw}.{step}", [size], CLASSES))


def shorter(values):
    """With six digits, which is ten times more exact than what is asked for."""
    return [float(f"{v:.6g}") for v in values]


def reference(model, exported, found, values, size, image, draw=0):
    """What PyTorch computes with the values of the file."""
    put(model, found, values)
    kinks = watch_kinks(model)
    parameters = dict(model.named_parameters())
    places = {n: (parameters[to], way) for n, [(to, way)] in found.items() if to in parameters}
    assert len(places) == len(parameters), "the file lacks a parameter of the network"
    initial = {name: p.detach().clone() for name, (p, _) in places.items()}

    def sketches(of):
        """Of a tensor for each parameter, laid out as in the file."""
        laid = {n: of(n, p).t().contiguous() if way == "transposed" else of(n, p) for n, (p, way) in places.items()}
        return {name: shorter(numbers(tensor, BUCKETS, BUCKETS)) for name, tensor in laid.items()}

    case = {"batch": size, "image": image, "draw": draw}
    optimiser = torch.optim.AdamW(model.parameters(), RATE, weight_decay=5e-4, eps=EPS)
    losses = []
    for step in range(3):
        x, labels = batch(size, image, draw, step)
        logits = model(x)
        loss = F.cross_entropy(logits, labels)
        optimiser.zero_grad()
        loss.backward()
        losses.append(loss.item())
        if step == 0:
            case |= {"labels": labels.tolist(), "logits": agreed(logits.detach(), exported, x)}
            case["gradients"] = sketches(lambda _, p: p.grad)
        optimiser.step()
    case |= {"losses": shorter(losses), "moved": sketches(lambda name, p: p.detach() - initial[name])}
    return None if min(kinks, default=1) < MARGIN else case


def recognised(exported, build):
    """Where the file's tensors come from, and the network that has them: as it is, or with folded normalisations."""
    found = origins(exported, ready(build))
    if {to for [(to, _)] in found.values()} == set(floating(build())):
        return found, build
    fused = lambda: fuse(build().eval()).requires_grad_(True)
    return origins(exported, fuse(ready(build))), fused


def cases_of(name, build, exported, size, image):
    """What the skeleton of a network holds and what PyTorch computes with it; values are filled into `exported`."""
    found, model = recognised(exported, build)
    assert all(len(targets) == 1 for targets in found.values()), "tensors of the network are alike"
    values = refill(exported, found)
    tensors = {n: list(target) for n, [target] in found.items()}
    case, draw = None, 0
    while case is None:
        case = reference(model().eval().double(), exported, found, values, size, image, draw)
        draw += 1
    print(f"{name}: drawn {draw} times, losses {case['losses']}")
    return {"folded": model is not build, "tensors": tensors, **case}


def run(network, build, size, image, **opsets):
    cases = {}
    for exporter, opset in opsets.items():
        exporter = exporter.replace("_", "-")
        name = f"{network}-{exporter}"
        exported = without_comments(EXPORTERS[exporter](ready(build), torch.zeros(size, *image), opset))
        case = cases_of(name, build, exported, size, image)
        file = write_skeleton(name, exported, case["tensors"])
        cases[name] = {"file": file, "exporter": exporter, "opset": opset, **case}
    return cases


def untrained():
    """The CNN exported with the initial values of its normalisations, of which equal ones become one."""
    model = ready(cnn)
    for layer in (model.bn1, model.bn2):
        layer.reset_parameters()
    size, image, opset = 4, [3, 32, 32], 17
    exported = without_comments(unfolded(model, torch.zeros(size, *image), opset))
    found = origins(exported, model)
    file = write_skeleton("cnn-untrained", exported, found)
    values = refill(exported, found)
    model = model.double()
    put(model, found, values)
    x, _ = batch(size, image, 0, 0)
    return {
        "file": file, "exporter": "torchscript-unfolded", "opset": opset, "batch": size, "image": image, "draw": 0,
        "shared": {name: [target for target, _ in targets] for name, targets in found.items()},
        "logits": agreed(model(x).detach(), exported, x),
    }


def external():
    """The CNN as the exporter writes it to a path, with the values in another file; they are replaced in place."""
    size, image, opset = 4, [3, 32, 32], 18
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "external.onnx"
        dynamo(ready(cnn), torch.zeros(size, *image), opset, str(path))
        file = without_comments(onnx.load(path, load_external_data=False))
        exported = onnx.load(path)
        data = bytearray(path.with_name("external.onnx.data").read_bytes())
    case = cases_of("external", cnn, exported, size, image)
    for stored in file.graph.initializer:
        where = {entry.key: entry.value for entry in stored.external_data}
        if stored.name in case["tensors"]:
            value = filled(stored.name, stored.dims).tobytes()
            if where:
                offset = int(where["offset"])
                assert int(where["length"]) == len(value)
                data[offset : offset + len(value)] = value
            else:
                stored.raw_data = value
    (FOLDER / "external.onnx").write_bytes(file.SerializeToString(deterministic=True))
    (FOLDER / "external.onnx.data").write_bytes(data)
    return {"file": "external.onnx", "exporter": "dynamo", "opset": opset, **case}


def main():
    warnings.filterwarnings("ignore")
    logging.disable(logging.WARNING)
    FOLDER.mkdir(exist_ok=True)
    small, large = [3, 32, 32], [3, 64, 64]
    write("onnx/onnx-networks", {
        **run("cnn", cnn, 4, small, torchscript=17, torchscript_unfolded=13, dynamo=18),
        **run("resnet18", resnet18, 2, small, torchscript=17, torchscript_unfolded=13, dynamo=18),
        **run("vit", vit, 2, small, torchscript=17, torchscript_unfolded=14, dynamo=20),
        **run("convnext", convnext_atto, 2, large, torchscript=17, torchscript_unfolded=13, dynamo=20),
        **run("convnext-torchvision", convnext_torchvision, 2, large, torchscript=17, dynamo=18),
        "cnn-untrained": untrained(),
        "external": external(),
    })


if __name__ == "__main__":
    main()
