"""Makes fixtures/layers.json: every layer and loss, forward and backward, as PyTorch computes them.

Parameters, buffers and inputs are filled by name; the loss is the sum of the output times a cotangent filled by name.
Command: python3 test/oracle/layers.py
"""
import torch
from torch import nn

from oracle import fill, fill_integers, numbers, write


class Function(nn.Module):
    """A layer without parameters."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, *inputs):
        return self.function(*inputs)




CASES = {
    "linear": (nn.Linear(5, 4), [[3, 5]]),
    "linear of rank 3, no bias": (nn.Linear(5, 4, bias=False), [[2, 3, 5]]),
    "conv1d": (nn.Conv1d(3, 4, 3, padding=1), [[2, 3, 9]]),
    "conv1d, kernel 7, stride 2": (nn.Conv1d(1, 4, 7, 2, 3), [[2, 1, 16]]),
    "conv1d, kernel 5, stride 5": (nn.Conv1d(4, 3, 5, 5), [[2, 4, 13]]),
    "conv2d": (nn.Conv2d(3, 4, 3), [[2, 3, 6, 7]]),
    "conv2d, stride 2, no bias": (nn.Conv2d(3, 4, 3, 2, 1, bias=False), [[2, 3, 7, 8]]),
    "conv2d, 1 x 1, stride 2": (nn.Conv2d(3, 4, 1, 2), [[2, 3, 5, 6]]),
    "conv2d, two groups": (nn.Conv2d(4, 6, 3, padding=1, groups=2), [[2, 4, 5, 5]]),
    "conv2d, depthwise, kernel 7": (nn.Conv2d(3, 3, 7, padding=3, groups=3), [[2, 3, 6, 6]]),
    "convTranspose1d, kernel 7, stride 2": (nn.ConvTranspose1d(4, 3, 7, 2, 3, 1), [[2, 4, 8]]),
    "convTranspose1d, kernel 5, stride 5": (nn.ConvTranspose1d(4, 3, 5, 5), [[2, 4, 5]]),
    "convTranspose2d, two groups": (nn.ConvTranspose2d(4, 6, 3, 2, 1, 1, groups=2), [[2, 4, 3, 4]]),
    "maxPool1d": (nn.MaxPool1d(2), [[2, 3, 9]]),
    "maxPool2d, overlapping": (nn.MaxPool2d(3, 2, 1), [[2, 3, 6, 7]]),
    "avgPool1d, padded": (nn.AvgPool1d(3, 2, 1), [[2, 3, 9]]),
    "avgPool2d": (nn.AvgPool2d(2), [[2, 3, 6, 7]]),
    "batchNorm of rank 2": (nn.BatchNorm1d(4), [[6, 4]]),
    "batchNorm of rank 3": (nn.BatchNorm1d(4, eps=1e-3, momentum=0.3), [[3, 4, 5]]),
    "batchNorm of rank 4, not affine": (nn.BatchNorm2d(3, affine=False), [[2, 3, 4, 4]]),
    "layerNorm": (nn.LayerNorm(8), [[2, 3, 8]]),
    "layerNorm over two axes": (nn.LayerNorm([3, 8], eps=1e-6), [[2, 3, 8]]),
    "groupNorm": (nn.GroupNorm(2, 6), [[2, 6, 4, 3]]),
    "instanceNorm of rank 3": (nn.InstanceNorm1d(3), [[2, 3, 8]]),
    "instanceNorm of rank 4, affine": (nn.InstanceNorm2d(3, affine=True), [[2, 3, 4, 5]]),
    "relu": (nn.ReLU(), [[4, 8]]),
    "leakyRelu": (nn.LeakyReLU(), [[4, 8]]),
    "elu": (nn.ELU(), [[4, 8]]),
    "silu": (nn.SiLU(), [[4, 8]]),
    "gelu": (nn.GELU(), [[4, 8]]),
    "tanh": (nn.Tanh(), [[4, 8]]),
    "sigmoid": (nn.Sigmoid(), [[4, 8]]),
    "softmax": (nn.Softmax(-1), [[2, 3, 6]]),
    "logSoftmax": (nn.LogSoftmax(-1), [[4, 6]]),
    # Dropout keeps what `kept` > 0 says and is fed the same mask on the other side.
    "dropout": (Function(lambda x, kept: x * (kept > 0) / 0.75), [[4, 8], [4, 8]]),
    "embedding": (nn.Embedding(6, 4), [([9], 6)]),
    "crossEntropy": (nn.CrossEntropyLoss(), [[7, 5], ([7], 5)]),
    "meanSquaredError": (nn.MSELoss(), [[4, 5], [4, 5]]),
}

EVALUATED = {
    "batchNorm of rank 3": CASES["batchNorm of rank 3"],
    "batchNorm of rank 4, not affine": CASES["batchNorm of rank 4, not affine"],
    "instanceNorm of rank 3": CASES["instanceNorm of rank 3"],
}


def run(name, module, shapes):
    with torch.no_grad():
        for path, tensor in module.state_dict().items():
            if tensor.is_floating_point():
                low, high = (0.5, 2) if path == "running_var" else (-1, 1)
                tensor.copy_(torch.from_numpy(fill(f"{name}.{path}", tensor.shape, low, high)))
    module.zero_grad()
    inputs = []
    for i, shape in enumerate(shapes):
        if isinstance(shape, tuple):
            inputs.append(torch.from_numpy(fill_integers(f"{name}/x{i}", *shape)))
        else:
            inputs.append(torch.from_numpy(fill(f"{name}/x{i}", shape, -2, 2)).requires_grad_())
    y = module(*inputs)
    (y * torch.from_numpy(fill(f"{name}/cotangent", y.shape))).sum().backward()
    state = {path: t for path, t in module.state_dict().items() if path != "num_batches_tracked"}
    buffers = [path for path, _ in module.named_buffers() if path != "num_batches_tracked"]
    return {
        "shapes": {path: list(t.shape) for path, t in state.items()},
        "y": numbers(y),
        **{f"gradient x{i}": numbers(x.grad) for i, x in enumerate(inputs) if x.grad is not None},
        **{f"gradient {path}": numbers(p.grad) for path, p in module.named_parameters()},
        **{f"next {path}": numbers(state[path]) for path in buffers},
    }


write("layers", {
    **{name: run(name, module.train(), shapes) for name, (module, shapes) in CASES.items()},
    **{f"{name}, evaluated": run(name, module.eval(), shapes) for name, (module, shapes) in EVALUATED.items()},
})
