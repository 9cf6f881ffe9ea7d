"""Makes fixtures/diffusion.json: loss, gradients and one step of every autoencoder and denoiser.

The networks are written here from the papers' descriptions; parameters are filled by name within PyTorch's default
bound, inputs and noise by name. Command: python3 test/oracle/diffusion.py
"""
import math

import torch
from torch import nn
from torch.nn import functional as F

from oracle import fill, fill_integers, numbers, write

STEPS = 1000  # T


class ConvAutoencoder(nn.Module):
    """Strided convolutions and one linear layer each way; LeakyReLU after each encoder stage, before each decoder one."""

    def __init__(self, dimension, channels, kernel, stride, latent):
        super().__init__()
        self.dimension, self.channels = dimension, channels
        folds = stride ** len(channels)
        self.short = -(-dimension // folds)
        self.length, narrow, pad = self.short * folds, channels[-1], kernel // 2
        down = [1, *channels]
        up = [*channels[::-1], 1]
        self.encoder = nn.ModuleDict({str(i): nn.Conv1d(a, b, kernel, stride, pad) for i, (a, b) in enumerate(zip(down, down[1:]))})
        self.encoder["latent"] = nn.Linear(narrow * self.short, latent)
        self.decoder = nn.ModuleDict({"latent": nn.Linear(latent, narrow * self.short)})
        for i, (a, b) in enumerate(zip(up, up[1:])):
            self.decoder[str(i)] = nn.ConvTranspose1d(a, b, kernel, stride, pad, stride - 1)

    def encode(self, v):
        x = F.pad(v, (0, self.length - self.dimension))[:, None]
        for i in range(len(self.channels)):
            x = F.leaky_relu(self.encoder[str(i)](x))
        return self.encoder["latent"](x.flatten(1))

    def decode(self, z):
        x = self.decoder["latent"](z).view(len(z), self.channels[-1], self.short)
        for i in range(len(self.channels)):
            x = self.decoder[str(i)](F.leaky_relu(x))
        return x[:, 0, : self.dimension]


def half(x, conv, activate=True):
    """LeakyReLU, InstanceNorm without parameters, convolution: what the first paper's networks are made of."""
    return conv(F.instance_norm(F.leaky_relu(x) if activate else x))


class V1Autoencoder(nn.Module):
    """Four stages of two convolutions, the second of stride `fold`; tanh at the end of the encoder."""

    def __init__(self, dimension, encoder, decoder, fold):
        super().__init__()
        self.dimension, self.encoder_channels = dimension, encoder
        self.length = -(-dimension // fold**4) * fold**4
        self.encoder, self.decoder = nn.ModuleList(), nn.ModuleList()
        for i in range(4):
            self.encoder.append(nn.ModuleDict({
                "conv1": nn.Conv1d(1 if i == 0 else encoder, encoder, fold, 1, 1),
                "conv2": nn.Conv1d(encoder, encoder, fold, fold),
            }))
        into = encoder
        for i, out in enumerate(decoder):
            self.decoder.append(nn.ModuleDict({
                "conv1": nn.ConvTranspose1d(into, into, fold, fold),
                "conv2": nn.Conv1d(into, out, fold, 1, fold - 1 if i < len(decoder) - 1 else fold),
            }))
            into = out

    def encode(self, v):
        x = F.pad(v, (0, self.length - self.dimension))[:, None]
        for i, stage in enumerate(self.encoder):
            x = half(half(x, stage["conv1"], i > 0), stage["conv2"])
        return torch.tanh(x).flatten(1)

    def decode(self, z):
        x = z.view(len(z), self.encoder_channels, -1)
        for stage in self.decoder:
            x = half(half(x, stage["conv1"]), stage["conv2"])
        return x[:, 0, : self.dimension]


class MlpDenoiser(nn.Module):
    """x + W2 SiLU(W1 norm(x) + time) in blocks, between a linear layer in and one out."""

    def __init__(self, latent, width, blocks):
        super().__init__()
        self.time = nn.ModuleList([nn.Linear(256, width)])
        self.input = nn.Linear(latent, width)
        self.blocks = nn.ModuleList()
        for _ in range(blocks):
            block = nn.Module()
            block.norm, block.linear1 = nn.LayerNorm(width), nn.Linear(width, width)
            block.time, block.linear2 = nn.Linear(width, width), nn.Linear(width, width)
            self.blocks.append(block)
        self.norm, self.output = nn.LayerNorm(width), nn.Linear(width, latent)

    def forward(self, x, t):
        angles = t[:, None].double() * torch.exp(-math.log(10000) * torch.arange(128) / 128)
        time = F.silu(self.time[0](torch.cat([angles.cos(), angles.sin()], 1).float()))
        x = self.input(x)
        for block in self.blocks:
            x = x + block.linear2(F.silu(block.linear1(block.norm(x)) + block.time(time)))
        return self.output(self.norm(x))


class V1Denoiser(nn.Module):
    """1-D convolutions of constant length, a learned embedding of t added to every block's input, additive skips."""

    def __init__(self, latent, channels, kernel):
        super().__init__()
        self.time = nn.Embedding(STEPS, latent)
        down, up = [1, *channels], [*channels[::-1], 1]

        def blocks(widths):
            return nn.ModuleList(nn.ModuleDict({
                "conv1": nn.Conv1d(a, b, kernel, 1, kernel // 2),
                "conv2": nn.Conv1d(b, b, kernel, 1, kernel // 2),
            }) for a, b in zip(widths, widths[1:]))

        self.encoder, self.decoder = blocks(down), blocks(up)

    def forward(self, x, t):
        time, x, skips = self.time(t)[:, None], x[:, None], []
        for block in self.encoder:
            x = half(half(x + time, block["conv1"]), block["conv2"])
            skips.append(x)
        skips.pop()
        for i, block in enumerate(self.decoder):
            if i > 0:
                x = x + skips.pop()
            x = half(half(x + time, block["conv1"]), block["conv2"])
        return x[:, 0]


def filled(name, *shape, low=-1.0, high=1.0):
    return torch.from_numpy(fill(name, list(shape), low, high))


def initialise(model):
    with torch.no_grad():
        for name, p in model.named_parameters():
            path, leaf = name.rsplit(".", 1)
            layer = model.get_submodule(path)
            if isinstance(layer, nn.LayerNorm):
                p.copy_(filled(name, *p.shape, low=0.5, high=1.5))
                continue
            fan_in = layer.weight[0].numel() if not isinstance(layer, nn.Embedding) else 1
            p.copy_(filled(name, *p.shape, low=-(fan_in**-0.5), high=fan_in**-0.5))


def case(model, loss):
    parameters = dict(model.named_parameters())
    before = [p.detach().clone() for p in parameters.values()]
    optimiser = torch.optim.SGD(model.parameters(), 0.1, momentum=0.9)
    loss.backward()
    optimiser.step()
    moved = torch.cat([(p.detach() - b).reshape(-1) for p, b in zip(parameters.values(), before)])
    return {
        "shapes": {name: list(p.shape) for name, p in parameters.items()},
        "loss": numbers(loss.reshape(1)),
        **{f"gradient {name}": numbers(p.grad) for name, p in parameters.items()},
        "moved": numbers(moved),
    }


def autoencoder(model, batch, latent, mode, sigma=(0.01, 0.1)):
    initialise(model)
    v = filled("v", batch, model.dimension, low=-2, high=2)
    blend = mode == "blend"

    def noisy(x, name, s):
        return (x * (1 - s) if blend else x) + s * filled(name, *x.shape, low=-2, high=2)

    z = model.encode(noisy(v, "noise.parameters", sigma[0]))
    assert z.shape == (batch, latent), z.shape
    z = noisy(z, "noise.latent", sigma[1])
    z = z.clamp(-1, 1) if blend else z
    return case(model, F.mse_loss(model.decode(z), v))


def denoiser(model, batch, latent):
    initialise(model)
    beta = torch.linspace(1e-4, 0.02, STEPS, dtype=torch.float64)
    bar = (1 - beta).cumprod(0)
    z, eps = filled("z", batch, latent, low=-2, high=2), filled("noise", batch, latent, low=-2, high=2)
    t = torch.from_numpy(fill_integers("t", [batch], STEPS))
    noisy = z * bar.sqrt().float()[t][:, None] + eps * (1 - bar).sqrt().float()[t][:, None]
    with torch.no_grad():
        predicted = model(z, torch.full([batch], 321))
    return case(model, F.mse_loss(model(noisy, t), eps)) | {"predicted": numbers(predicted)}


write("diffusion", {
    "conv autoencoder": autoencoder(ConvAutoencoder(150, [4, 6], 9, 8, 5), 4, 5, "add"),
    "conv autoencoder of three stages": autoencoder(ConvAutoencoder(61, [3, 4, 6], 5, 2, 7), 3, 7, "add", (0.01, 0)),
    "v1 autoencoder": autoencoder(V1Autoencoder(2048, 4, [8, 6, 4, 1], 5), 2, 12, "blend", (0.001, 0.5)),
    "v1 autoencoder, small": autoencoder(V1Autoencoder(155, 2, [8, 8, 8, 1], 3), 3, 4, "blend"),
    "mlp denoiser": denoiser(MlpDenoiser(6, 16, 2), 5, 6),
    "v1 denoiser": denoiser(V1Denoiser(12, [6, 8, 10, 12], 3), 4, 12),
})
