"""Makes fixtures/classifiers.json and fixtures/position-embedding.json: timm's networks, the paper's small ones and the
ConvNet of data-set distillation, at their real widths on small images; and timm's interpolation of position embeddings.

Of each network: names and shapes of its state; logits and gradients, in both modes where batch statistics make them
differ; losses of three steps of AdamW, the movement of all parameters and the running statistics after them. All in float64 from float32 parameters, filled by name, so that the tests see no rounding but
their own.

AdamW's eps is near the gradients' size, not 1e-8: where a gradient is zero but for rounding (key biases of attention,
biases before an instance normalisation) Adam's first steps would have full size in the direction of the rounding error.

A single activation that rounding moves across the kink of a ReLU changes gradients by up to a thousandth. So residual
networks, which have millions of them, get biases that keep most on one side, and images are drawn again while any is
nearer to the kink than MARGIN.

Command: python3 test/oracle/classifiers.py (needs timm)
"""
import math
import re

import timm
import torch
from timm.layers import resample_abs_pos_embed
from torch import nn
from torch.nn import functional as F

from oracle import fill, fill_integers, numbers, write

CLASSES = 10
EPS = 1e-3
MARGIN = 2e-6


class Map(nn.Module):
    """A function as a layer without parameters."""

    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(x)


def convnet(channels, size, width, depth):
    layers = []
    for stage in range(depth):
        padding = 3 if channels == 1 and stage == 0 else 1
        layers += [nn.Conv2d(channels, width, 3, padding=padding), nn.GroupNorm(width, width)]
        layers += [nn.ReLU(), nn.AvgPool2d(2)]
        channels, size = width, (size + 2 * padding - 2) // 2
    return modules(features=nn.Sequential(*layers), flat=nn.Flatten(), classifier=nn.Linear(width * size**2, CLASSES))


def modules(**named):
    model = nn.Sequential()
    for name, module in named.items():
        model.add_module(name, module)
    return model


def head(into):
    return nn.Sequential(nn.Flatten(), nn.Linear(into, 16), nn.LeakyReLU(), nn.Linear(16, CLASSES))


def convnet_mini():
    def layer(into, out, kernel, stride, size):
        convolution = nn.Conv2d(into, out, kernel, stride, kernel // 2)
        return nn.Sequential(convolution, nn.LayerNorm([out, size, size]), nn.LeakyReLU(), nn.MaxPool2d(2))

    layers = {"layer1": layer(3, 8, 7, 2, 32), "layer2": layer(8, 8, 3, 1, 16), "layer3": layer(8, 4, 3, 1, 8)}
    return modules(**layers, head=head(64))


def mlp_mini():
    def layer(into, out):
        return nn.Sequential(nn.Linear(into, out), nn.LayerNorm(out), nn.LeakyReLU())

    grey = Map(lambda x: F.avg_pool2d(x, 2).mean(1).flatten(1))
    return modules(grey=grey, layer1=layer(1024, 64), layer2=layer(64, 16), head=nn.Sequential(nn.Linear(16, CLASSES)))


class Bottleneck(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear1, self.linear2 = nn.Conv2d(8, 4, 3, padding=1), nn.Conv2d(4, 8, 3, padding=1)

        self.relu1, self.relu2 = nn.LeakyReLU(), nn.LeakyReLU()

    def forward(self, x):
        return x + self.relu2(self.linear2(self.relu1(self.linear1(x))))


def resnet_mini():
    def layer(size):
        return nn.Sequential(Bottleneck(), nn.LayerNorm([8, size, size]), nn.MaxPool2d(2))

    stem = nn.Sequential(nn.Conv2d(3, 8, 3, 2, 1), nn.LeakyReLU(), nn.LayerNorm([8, 32, 32]), nn.MaxPool2d(2))
    return modules(input=stem, layer1=layer(16), layer2=layer(8), head=head(128))


class SimpleVit(nn.Module):
    def __init__(self, size, patch, width, depth, heads, head_width, hidden):
        super().__init__()
        self.patch, self.heads, self.grid = patch, heads, size // patch
        pixels = 3 * patch**2
        self.to_patch_embedding = nn.Sequential(
            nn.Identity(), nn.LayerNorm(pixels), nn.Linear(pixels, width), nn.LayerNorm(width)
        )
        self.transformer = nn.Module()
        self.transformer.norm = nn.LayerNorm(width)
        self.transformer.layers = nn.ModuleList()
        for _ in range(depth):
            attention = nn.Module()
            attention.norm = nn.LayerNorm(width)
            attention.to_qkv = nn.Linear(width, 3 * heads * head_width, bias=False)
            attention.to_out = nn.Linear(heads * head_width, width, bias=False)
            mlp = nn.Module()
            mlp.net = nn.Sequential(
                nn.LayerNorm(width), nn.Linear(width, hidden), nn.GELU(), nn.Linear(hidden, width)
            )
            self.transformer.layers.append(nn.ModuleList([attention, mlp]))
        self.linear_head = nn.Linear(width, CLASSES)

    def positions(self, width):
        omega = 10_000.0 ** -(torch.arange(width // 4, dtype=torch.float64) / (width // 4 - 1))
        row, column = torch.meshgrid(torch.arange(self.grid), torch.arange(self.grid), indexing="ij")
        angles = [place.reshape(-1, 1) * omega for place in (column, row)]
        return torch.cat([wave(angle) for angle in angles for wave in (torch.sin, torch.cos)], 1)

    def forward(self, x):
        batch, grid, patch = x.shape[0], self.grid, self.patch
        x = x.reshape(batch, 3, grid, patch, grid, patch).permute(0, 2, 4, 3, 5, 1).reshape(batch, grid**2, -1)
        x = self.to_patch_embedding(x)
        x = x + self.positions(x.shape[-1])
        for attention, mlp in self.transformer.layers:
            qkv = attention.to_qkv(attention.norm(x)).reshape(batch, grid**2, 3, self.heads, -1)
            mixed = F.scaled_dot_product_attention(*qkv.permute(2, 0, 3, 1, 4))
            x = x + attention.to_out(mixed.transpose(1, 2).flatten(2))
            x = x + mlp.net(x)
        return self.linear_head(self.transformer.norm(x).mean(1))


def cifar_resnet18():
    model = timm.create_model("resnet18", num_classes=CLASSES)
    model.conv1, model.maxpool = nn.Conv2d(3, 64, 3, padding=1, bias=False), nn.Identity()
    return model


def bounds(name, shape):
    """Within what a tensor is filled, so that activations keep their size."""
    what = name.split(".")[-1]
    if what == "weight" and len(shape) in (2, 4):
        spread = math.sqrt(3 / math.prod(shape[1:]))
        return -spread, spread
    if re.search(r"bn\d\.(weight|bias)$", name):
        return (0.25, 0.75) if what == "weight" else (1, 2)
    if what in ("weight", "running_var"):
        return 0.5, 1.5
    spread = 0.5 if what in ("gamma", "cls_token", "pos_embed") else 0.1
    return -spread, spread


def batch(size, image, draw, step):
    x = torch.from_numpy(fill(f"images {draw}.{step}", [size, *image])).double()
    return x, torch.from_numpy(fill_integers(f"labels {draw}.{step}", [size], CLASSES))


def flat(tensors):
    return torch.cat([t.detach().reshape(-1) for t in tensors])


def shorter(values):
    """With six digits, which is ten times more exact than what is asked for."""
    return [float(f"{v:.6g}") for v in values]


def watch_kinks(model):
    """A list that will hold how near to zero the inputs of ReLUs come."""
    seen = []
    for layer in model.modules():
        if isinstance(layer, (nn.ReLU, nn.LeakyReLU)):
            layer.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0].detach().abs().min().item()))
    return seen


def run(model, size, *image, draw=0):
    model = model.double()
    kinks = watch_kinks(model)
    state = [(n, t) for n, t in model.state_dict().items() if not n.endswith("num_batches_tracked")]
    for name, tensor in state:
        tensor.copy_(torch.from_numpy(fill(name, tensor.shape, *bounds(name, tensor.shape))))
    statistics = [t for n, t in state if ".running_" in n]
    initial, initial_statistics = flat(model.parameters()), [t.clone() for t in statistics]
    case = {"state": [f"{name} {'x'.join(map(str, t.shape))}" for name, t in state], "draw": [draw]}

    x, labels = batch(size, image, draw, 0)
    for mode in ["evaluation", "training"] if statistics else ["evaluation"]:
        model.train(mode == "training")
        model.zero_grad()
        logits = model(x)
        F.cross_entropy(logits, labels).backward()
        case[f"{mode}: logits"] = shorter(logits.reshape(-1).tolist())
        case |= {f"{mode}: {name}": shorter(numbers(p.grad, 16, 16)) for name, p in model.named_parameters()}

    for tensor, value in zip(statistics, initial_statistics):
        tensor.copy_(value)
    model.train()
    optimiser = torch.optim.AdamW(model.parameters(), 1e-3, weight_decay=5e-4, eps=EPS)
    for step in range(3):
        x, labels = batch(size, image, draw, step)
        loss = F.cross_entropy(model(x), labels)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        case[f"loss {step}"] = shorter([loss.item()])
    case["moved"] = shorter(numbers(flat(model.parameters()) - initial, 64, 64))
    if statistics:
        case["statistics"] = shorter(numbers(flat(statistics), 64, 64))
    if min(kinks, default=1) < MARGIN:
        return run(model, size, *image, draw=draw + 1)
    return case


def network(name, **options):
    return timm.create_model(name, num_classes=CLASSES, **options)


write("classifiers", {
    "resnet18": run(network("resnet18"), 4, 3, 64, 64),
    "resnet50": run(network("resnet50"), 4, 3, 48, 48),
    "resnet18 with the stem for CIFAR": run(cifar_resnet18(), 4, 3, 16, 16),
    "vit_tiny": run(network("vit_tiny_patch16_224", img_size=(48, 32)), 2, 3, 48, 32),
    "vit_base": run(network("vit_base_patch16_224", img_size=32), 2, 3, 32, 32),
    "convnext_tiny": run(network("convnext_tiny"), 2, 3, 64, 64),
    "convnext_base": run(network("convnext_base"), 2, 3, 64, 64),
    "convnet-3": run(convnet(3, 16, 128, 3), 2, 3, 16, 16),
    "convnet of grey images": run(convnet(1, 28, 8, 2), 2, 1, 28, 28),
    "convnet-mini": run(convnet_mini(), 3, 3, 64, 64),
    "mlp-mini": run(mlp_mini(), 3, 3, 64, 64),
    "resnet-mini": run(resnet_mini(), 3, 3, 64, 64),
    "vit-mini": run(SimpleVit(64, 8, 64, 4, 4, 8, 64), 3, 3, 64, 64),
    "convnext-mini": run(
        timm.models.ConvNeXt(num_classes=CLASSES, depths=(1, 2, 2, 2), dims=(16, 32, 32, 32)), 3, 3, 64, 64
    ),
})


def resized(old, new):
    embedding = torch.from_numpy(fill("positions", [1, 1 + old[0] * old[1], 3]))
    return {"old": old, "new": new, "resized": numbers(resample_abs_pos_embed(embedding, new, old))}


write("position-embedding", {
    "larger": resized([4, 4], [7, 7]),
    "smaller": resized([14, 14], [4, 4]),
    "wider and lower": resized([6, 5], [4, 9]),
    "the same number of patches, turned": resized([3, 6], [6, 3]),
    "one patch": resized([5, 5], [1, 1]),
})
