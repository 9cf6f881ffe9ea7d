"""Makes fixtures/diffusion-units.json: the denoiser of units in one training step on the straight path, as diffusion.json the others.

A transformer without positions whose blocks are shifted, scaled and gated by the time; weights between two hidden layers are edges,
updated from their two units, which hear of them in the mean. Command: python3 test/oracle/diffusion_units.py
"""
import math

import torch
from torch import nn
from torch.nn import functional as F

from oracle import fill, fill_integers, numbers, write

STEPS = 1000  # T


def filled(name, *shape, low=-1.0, high=1.0):
    return torch.from_numpy(fill(name, list(shape), low, high))


class Branch(nn.Module):
    """x + gate f((1 + scale) norm(x) + shift)."""

    def __init__(self, width, time):
        super().__init__()
        self.time = nn.Linear(time, 3 * width)

    def around(self, x, time, f):
        shift, scale, gate = self.time(time)[:, None].chunk(3, -1)
        return x + gate * f(F.layer_norm(x, x.shape[-1:]) * (1 + scale) + shift)


class Attention(Branch):
    def __init__(self, width, heads):
        super().__init__(width, width)
        self.heads = heads
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)

    def forward(self, x, time):
        def mixed(y):
            q, k, v = (part.unflatten(-1, (self.heads, -1)).transpose(1, 2) for part in self.qkv(y).chunk(3, -1))
            return self.out(F.scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(2))

        return self.around(x, time, mixed)


class Mlp(Branch):
    def __init__(self, width):
        super().__init__(width, width)
        self.add_module("1", nn.Linear(width, 4 * width))
        self.add_module("2", nn.Linear(4 * width, width))

    def forward(self, x, time):
        first, second = self.get_submodule("1"), self.get_submodule("2")
        return self.around(x, time, lambda y: second(F.gelu(first(y))))


class Edges(Branch):
    def __init__(self, width, features):
        super().__init__(features, width)
        self.own = nn.Linear(features, 2 * features)
        self.add_module("source", nn.Linear(width, 2 * features, bias=False))
        self.add_module("target", nn.Linear(width, 2 * features, bias=False))
        self.out = nn.Linear(2 * features, features)

    def forward(self, edges, left, right, time):
        def joint(y):
            own = self.own(y).unflatten(1, (right.shape[1], left.shape[1]))
            both = own + self.get_submodule("source")(left)[:, None] + self.get_submodule("target")(right)[:, :, None]
            return self.out(F.gelu(both).flatten(1, 2))

        return self.around(edges, time, joint)


class Between(nn.Module):
    def __init__(self, width, features):
        super().__init__()
        self.edge, self.norm = Edges(width, features), nn.LayerNorm(features)
        self.message = nn.Linear(features, 2 * features)
        self.heard = nn.ModuleDict({name: nn.Linear(2 * features, width) for name in ("source", "target")})

    def forward(self, left, right, edges, time):
        edges = self.edge(edges, left, right, time)
        message = F.gelu(self.message(self.norm(edges))).unflatten(1, (right.shape[1], left.shape[1]))
        return left + self.heard["source"](message.mean(1)), right + self.heard["target"](message.mean(2)), edges


class UnitDenoiser(nn.Module):
    def __init__(self, groups, edges, width, blocks, heads):
        super().__init__()
        self.groups, self.edges = groups, edges
        features = width // 4
        self.time = nn.ModuleList([nn.Linear(256, width), nn.Linear(width, width)])
        self.input = nn.ModuleList(nn.Linear(size, width) for _, size in groups)
        if edges:
            self.edgeInput = nn.ModuleList(nn.Linear(1, features) for _ in edges)
        self.blocks = nn.ModuleList(
            nn.ModuleDict({
                **({"between": nn.ModuleList(Between(width, features) for _ in edges)} if edges else {}),
                "attention": Attention(width, heads),
                "mlp": Mlp(width),
            })
            for _ in range(blocks)
        )
        self.norm = nn.LayerNorm(width)
        self.output = nn.ModuleList(nn.Linear(width, size) for _, size in groups)
        if edges:
            self.edgeNorm = nn.ModuleList(nn.LayerNorm(features) for _ in edges)
            self.edgeOutput = nn.ModuleList(nn.Linear(features, 1) for _ in edges)

    def forward(self, flat, t):
        angles = t[:, None].double() * torch.exp(-math.log(10000) * torch.arange(128) / 128)
        time = F.silu(self.time[0](torch.cat([angles.cos(), angles.sin()], 1).float()))
        time = F.silu(self.time[1](time))
        parts = [*self.groups, *((count, 1) for count in self.edges)]
        given = [part.unflatten(-1, shape) for part, shape in zip(flat.split([a * b for a, b in parts], -1), parts)]
        counts = [count for count, _ in self.groups]
        units = [layer(part) for layer, part in zip(self.input, given)]
        edges = [self.edgeInput[i](part) for i, part in enumerate(given[len(counts):])]
        for block in self.blocks:
            for i in range(len(edges)):
                units[i], units[i + 1], edges[i] = block["between"][i](units[i], units[i + 1], edges[i], time)
            units = [*block["mlp"](block["attention"](torch.cat(units, 1), time), time).split(counts, 1)]
        normal = self.norm(torch.cat(units, 1)).split(counts, 1)
        out = [layer(part).flatten(1) for layer, part in zip(self.output, normal)]
        return torch.cat([*out, *(self.edgeOutput[i](self.edgeNorm[i](e)).flatten(1) for i, e in enumerate(edges))], -1)


def initialise(model):
    with torch.no_grad():
        for name, p in model.named_parameters():
            layer = model.get_submodule(name.rsplit(".", 1)[0])
            if isinstance(layer, nn.LayerNorm):
                p.copy_(filled(name, *p.shape, low=0.5, high=1.5))
                continue
            bound = layer.weight[0].numel() ** -0.5
            p.copy_(filled(name, *p.shape, low=-bound, high=bound))


def case(model, batch):
    initialise(model)
    latent = sum(count * size for count, size in model.groups) + sum(model.edges)
    z, eps = filled("z", batch, latent, low=-2, high=2), filled("noise", batch, latent, low=-2, high=2)
    weight = filled("weight", latent, low=0.1, high=2)
    t = torch.from_numpy(fill_integers("t", [batch], STEPS))
    sigma = (t.double() / (STEPS - 1)).float()[:, None]
    with torch.no_grad():
        predicted = model(z, torch.full([batch], 321))
    parameters = dict(model.named_parameters())
    before = [p.detach().clone() for p in parameters.values()]
    optimiser = torch.optim.SGD(model.parameters(), 0.1, momentum=0.9)
    loss = (weight * (model((1 - sigma) * z + sigma * eps, t) - (eps - z)) ** 2).mean()
    loss.backward()
    optimiser.step()
    moved = torch.cat([(p.detach() - b).reshape(-1) for p, b in zip(parameters.values(), before)])
    return {
        "shapes": {name: list(p.shape) for name, p in parameters.items()},
        "loss": numbers(loss.reshape(1)),
        **{f"gradient {name}": numbers(p.grad) for name, p in parameters.items()},
        "moved": numbers(moved),
        "predicted": numbers(predicted),
    }


write("diffusion-units", {
    "unit denoiser": case(UnitDenoiser([(5, 9), (1, 3)], [], 8, 2, 2), 4),
    "unit denoiser of two layers": case(UnitDenoiser([(4, 6), (3, 8), (1, 3)], [12], 8, 2, 4), 3),
})
