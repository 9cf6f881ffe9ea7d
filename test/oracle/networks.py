"""Makes fixtures/networks.json: logits and gradients of the task networks, and what three steps of AdamW change.

Parameters are filled by name within PyTorch's default bound, 1 / sqrt(fan-in). Command: python3 test/oracle/networks.py
"""
from collections import OrderedDict

import torch
from torch import nn
from torch.nn import functional as F

from oracle import fill, fill_integers, numbers, write

BATCH, CLASSES = 6, 10


class Cnn(nn.Module):
    """Stages of convolution, max-pooling and LeakyReLU, then linear layers (CNN-medium of Hyper-Representations)."""

    def __init__(self, into, size, channels, kernel, hidden):
        super().__init__()
        self.into, self.stages = into, len(channels)
        for i, out in enumerate(channels):
            setattr(self, f"conv{i + 1}", nn.Conv2d(into, out, kernel))
            into, size = out, (size - kernel + 1) // 2
        widths = [into * size * size, *hidden, CLASSES]
        self.linears = len(widths) - 1
        for i in range(self.linears):
            setattr(self, f"fc{i + 1}", nn.Linear(widths[i], widths[i + 1]))

    def forward(self, x):
        x = x.expand(-1, self.into, -1, -1)
        for i in range(self.stages):
            x = F.leaky_relu(F.max_pool2d(getattr(self, f"conv{i + 1}")(x), 2))
        x = x.flatten(1)
        for i in range(self.linears - 1):
            x = F.leaky_relu(getattr(self, f"fc{i + 1}")(x))
        return getattr(self, f"fc{self.linears}")(x)


def mlp(into, hidden):
    widths, layers = [into, *hidden, CLASSES], [("flatten", nn.Flatten())]
    for i in range(len(widths) - 1):
        layers += [(f"relu{i}", nn.ReLU())] if i > 0 else []
        layers += [(f"fc{i + 1}", nn.Linear(widths[i], widths[i + 1]))]
    return nn.Sequential(OrderedDict(layers))


def batch(image, step):
    x = torch.from_numpy(fill(f"images{step}", [BATCH, *image]))
    # The left half is flat, so that pooling meets equal maxima.
    x[..., : image[-1] // 2] = 0
    return x, torch.from_numpy(fill_integers(f"labels{step}", [BATCH], CLASSES))


def flat(model):
    return torch.cat([p.detach().reshape(-1) for p in model.parameters()])


def run(model, image):
    with torch.no_grad():
        for name, p in model.named_parameters():
            layer = model.get_submodule(name.split(".")[0])
            bound = layer.weight[0].numel() ** -0.5
            p.copy_(torch.from_numpy(fill(name, p.shape, -bound, bound)))
    optimiser = torch.optim.AdamW(model.parameters(), 1e-3, weight_decay=5e-4)
    initial = flat(model)
    case = {"shapes": {name: list(p.shape) for name, p in model.named_parameters()}}
    for step in range(3):
        x, labels = batch(image, step)
        logits = model(x)
        loss = F.cross_entropy(logits, labels)
        optimiser.zero_grad()
        loss.backward()
        case[f"loss {step}"] = numbers(loss.reshape(1))
        if step == 0:
            case["logits"] = numbers(logits)
            case |= {f"gradient {name}": numbers(p.grad) for name, p in model.named_parameters()}
        optimiser.step()
        case[f"moved {step}"] = numbers(flat(model) - initial)
    return case


write("networks", {
    "cnn": run(Cnn(3, 32, [16, 32, 15], 3, [20]), [1, 32, 32]),
    "cnn of colour images": run(Cnn(3, 20, [4, 6], 5, []), [3, 20, 20]),
    "cnn of grey images, as they are": run(Cnn(1, 18, [4, 5], 3, [12, 8]), [1, 18, 18]),
    "mlp": run(mlp(49, [16, 12]), [1, 7, 7]),
})
