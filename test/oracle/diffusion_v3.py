"""Makes fixtures/diffusion-v3.json: the revised paper's networks and the autoencoder on tokens, as diffusion.json holds the others.

Also their running statistics after the step, what they compute in evaluation mode, and the normalisation of running
variances. Command: python3 test/oracle/diffusion_v3.py
"""
import math

import torch
from torch import nn
from torch.nn import functional as F

from oracle import fill, fill_integers, numbers, write

STEPS = 1000  # T


def filled(name, *shape, low=-1.0, high=1.0):
    return torch.from_numpy(fill(name, list(shape), low, high))


class Autoencoder(nn.Module):
    def __init__(self, dimension, channels, kernel, latent, variational=False):
        super().__init__()
        unit = max(64, 2 ** len(channels))
        self.dimension, self.narrow = dimension, channels[-1]
        self.length = -(-dimension // unit) * unit
        self.short = self.length // 2 ** len(channels)
        pad, flat = kernel // 2, self.narrow * self.short
        down, up = [1, *channels], [*channels[::-1], channels[0]]
        self.encoder = nn.ModuleDict({
            str(i): nn.ModuleDict({"conv": nn.Conv1d(a, b, kernel, 2, pad), "norm": nn.BatchNorm1d(b)})
            for i, (a, b) in enumerate(zip(down, down[1:]))
        })
        self.encoder["latent"] = nn.Linear(flat, latent)
        self.encoder["mean"] = nn.Linear(latent, latent)
        if variational:
            self.encoder["logVariance"] = nn.Linear(latent, latent)
        self.decoder = nn.ModuleDict({"latent": nn.Linear(latent, flat)})
        for i, (a, b) in enumerate(zip(up, up[1:])):
            conv = nn.ConvTranspose1d(a, b, kernel, 2, pad, output_padding=1)
            self.decoder[str(i)] = nn.ModuleDict({"conv": conv, "norm": nn.BatchNorm1d(b)})
        self.decoder["output"] = nn.Conv1d(channels[0], 1, kernel, 1, pad)
        self.stages = len(channels)

    def encode(self, v):
        x = F.pad(v, (0, self.length - self.dimension))[:, None]
        for i in range(self.stages):
            x = F.leaky_relu(self.encoder[str(i)]["norm"](self.encoder[str(i)]["conv"](x)))
        hidden = self.encoder["latent"](x.flatten(1))
        return self.encoder["mean"](hidden), self.encoder["logVariance"](hidden) if "logVariance" in self.encoder else None

    def decode(self, z):
        x = self.decoder["latent"](z).view(len(z), self.narrow, self.short)
        for i in range(self.stages):
            x = F.elu(self.decoder[str(i)]["norm"](self.decoder[str(i)]["conv"](x)))
        return self.decoder["output"](x)[:, 0, : self.dimension]


class Maps(nn.Module):
    """Groups of inputs through linear maps of their own, [groups, batch, from] to [groups, batch, to]."""

    def __init__(self, groups, width, out):
        super().__init__()
        self.weight = nn.Parameter(torch.empty(groups, width, out))
        self.bias = nn.Parameter(torch.empty(groups, 1, out))

    def forward(self, x):
        return torch.baddbmm(self.bias, x, self.weight, alpha=32 / x.shape[2])


class TokenAutoencoder(nn.Module):
    def __init__(self, dimension, chunk, rank, latent):
        super().__init__()
        self.dimension, self.chunk, self.rank = dimension, chunk, rank
        self.tokens = -(-dimension // chunk)
        self.encoder = nn.ModuleDict({
            "tokens": Maps(self.tokens, chunk, rank), "latent": Maps(1, self.tokens * rank, latent),
        })
        self.decoder = nn.ModuleDict({
            "latent": Maps(1, latent, self.tokens * rank), "tokens": Maps(self.tokens, rank, chunk),
        })

    def encode(self, v):
        chunks = F.pad(v, (0, self.tokens * self.chunk - self.dimension)).view(len(v), self.tokens, self.chunk)
        small = F.leaky_relu(self.encoder["tokens"](chunks.transpose(0, 1)))
        return self.encoder["latent"](small.transpose(0, 1).reshape(1, len(v), -1))[0], None

    def decode(self, z):
        small = F.leaky_relu(self.decoder["latent"](z[None])[0]).view(len(z), self.tokens, self.rank)
        chunks = self.decoder["tokens"](small.transpose(0, 1)).transpose(0, 1)
        return chunks.reshape(len(z), -1)[:, : self.dimension]


class Denoiser(nn.Module):
    def __init__(self, latent, channels, kernel):
        super().__init__()
        self.time = nn.ModuleList([nn.Linear(256, latent), nn.Linear(latent, latent)])
        widths = [1, *channels, *channels[::-1][1:], 1]
        self.layers = nn.ModuleList()
        for i, (a, b) in enumerate(zip(widths, widths[1:])):
            layer = nn.ModuleDict({"conv": nn.Conv1d(a, b, kernel, 1, kernel // 2)})
            if i < len(widths) - 2:
                layer["norm"] = nn.BatchNorm1d(b)
            self.layers.append(layer)

    def forward(self, x, t):
        angles = t[:, None].double() * torch.exp(-math.log(10000) * torch.arange(128) / 128)
        features = torch.cat([angles.cos(), angles.sin()], 1).float()
        time = self.time[1](F.silu(self.time[0](features)))[:, None]
        outputs, x, count = [], x[:, None], len(self.layers)
        for i, layer in enumerate(self.layers):
            # Convolutions 6, 7, 8 of 8 also take what 3, 2, 1 gave.
            if i > count // 2:
                x = x + outputs[count - 1 - i]
            x = layer["conv"](x + time)
            if "norm" in layer:
                x = F.elu(layer["norm"](x))
            outputs.append(x)
        return x[:, 0]


def initialise(model):
    with torch.no_grad():
        for name, p in model.named_parameters():
            layer = model.get_submodule(name.rsplit(".", 1)[0])
            if isinstance(layer, nn.BatchNorm1d):
                p.copy_(filled(name, *p.shape, low=0.5, high=1.5))
                continue
            bound = layer.weight[0].numel() ** -0.5
            p.copy_(filled(name, *p.shape, low=-bound, high=bound))


def case(model, loss):
    parameters = dict(model.named_parameters())
    before = [p.detach().clone() for p in parameters.values()]
    optimiser = torch.optim.SGD(model.parameters(), 0.1, momentum=0.9)
    loss.backward()
    optimiser.step()
    moved = torch.cat([(p.detach() - b).reshape(-1) for p, b in zip(parameters.values(), before)])
    statistics = [b.reshape(-1) for name, b in model.named_buffers() if "running" in name]
    return {
        "shapes": {name: list(p.shape) for name, p in parameters.items()},
        "loss": numbers(loss.reshape(1)),
        **{f"gradient {name}": numbers(p.grad) for name, p in parameters.items()},
        "moved": numbers(moved),
        **({"statistics": numbers(torch.cat(statistics))} if statistics else {}),
    }


def autoencoder(model, batch, sigma, kl=0.0, noisy_target=False):
    initialise(model)
    v = filled("v", batch, model.dimension, low=-2, high=2)
    seen = v + sigma[0] * filled("noise.parameters", *v.shape, low=-2, high=2) if sigma[0] else v
    mean, log_variance = model.encode(seen)
    drawn = filled("noise.latent", *mean.shape, low=-2, high=2)
    z = mean + drawn * (sigma[1] if log_variance is None else (log_variance / 2).exp())
    loss = F.mse_loss(model.decode(z), seen if noisy_target else v)
    if kl:
        divergence = -0.5 * (1 + log_variance - mean**2 - log_variance.exp()).sum(1).mean()
        loss = loss + kl * divergence
    result = case(model, loss)
    model.eval()
    with torch.no_grad():
        latents = model.encode(v)[0]
        result |= {"encoded": numbers(latents), "decoded": numbers(model.decode(latents))}
        # Never in evaluation mode, as in the published code: statistics of a batch, or of one
        # latent.
        model.train()
        alone = torch.cat([model.decode(z[None]) for z in latents])
        return result | {"encoded in training": numbers(model.encode(v)[0]), "decoded in training": numbers(alone)}


def denoiser(model, batch, latent):
    initialise(model)
    beta = torch.linspace(1e-4, 0.02, STEPS, dtype=torch.float64)
    bar = (1 - beta).cumprod(0)
    z, eps = filled("z", batch, latent, low=-2, high=2), filled("noise", batch, latent, low=-2, high=2)
    t = torch.from_numpy(fill_integers("t", [batch], STEPS))
    noisy = z * bar.sqrt().float()[t][:, None] + eps * (1 - bar).sqrt().float()[t][:, None]
    result = case(model, F.mse_loss(model(noisy, t), eps))
    model.eval()
    with torch.no_grad():
        return result | {"predicted": numbers(model(z, torch.full([batch], 321)))}


def running_variances():
    """Four checkpoints of a tensor of variances: normalised, and what comes back of other normalised values."""
    x = filled("variances", 4, 6, low=0.01, high=3).double()
    reference = 0.95 * x.mean()
    u = (x / reference + 0.05).log()
    mean, std = u.mean(1).mean(), u.std(1).mean()
    back = ((filled("drawn", 4, 6, low=-3, high=3).double() * std + mean).exp() - 0.05).clip(0.001) * reference
    return {"normalised": numbers(((u - mean) / std).float()), "back": numbers(back.float())}


write("diffusion-v3", {
    "v3 autoencoder": autoencoder(Autoencoder(150, [4, 6, 5], 7, 5), 4, (0.01, 0.1)),
    "v3 autoencoder of five stages, noisy target": autoencoder(Autoencoder(64, [3, 4, 6, 4, 2], 5, 7), 3, (0.5, 0.1), 0, True),
    "vae": autoencoder(Autoencoder(100, [4, 6, 5], 7, 5, True), 4, (0, 0), 1.0),
    "token autoencoder": autoencoder(TokenAutoencoder(150, 32, 5, 7), 4, (0.01, 0.1)),
    "v3 denoiser": denoiser(Denoiser(12, [6, 8, 10, 12], 7), 4, 12),
    "running variances": running_variances(),
})
