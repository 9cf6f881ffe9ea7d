#!/usr/bin/env python3
"""The cases of bench/cases.ts in PyTorch, on the CPU or on an NVIDIA GPU: the same arithmetic, batch and precision.

Reads lines of a case's name and a number of runs on standard input, and answers each with one JSON line: {"case", "ms"} for
one of a number of runs, one after another, or {"case", "error"}. The first run of a case is a warm-up and is not reported.
Usage: torch_bench.py THREADS [DEVICE]      DEVICE is cpu (default) or cuda; there, products use TF32 as ONNX Runtime does
"""
import json
import math
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

D, LATENT, V1_LATENT, V3_D, V3_LATENT, T = 10853, 64, 12, 2048, 128, 1000


class Cnn(nn.Module):
    def __init__(self):
        super().__init__()
        self.convs = nn.ModuleList(nn.Conv2d(a, b, 3) for a, b in ((3, 16), (16, 32), (32, 15)))
        self.fc1, self.fc2 = nn.Linear(60, 20), nn.Linear(20, 10)

    def forward(self, x):
        x = x.expand(-1, 3, -1, -1)
        for conv in self.convs:
            x = F.leaky_relu(F.max_pool2d(conv(x), 2))
        return self.fc2(F.leaky_relu(self.fc1(x.flatten(1))))


class SmallAutoencoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.length, self.narrow = math.ceil(D / 64) * 64, 128
        width = self.narrow * self.length // 64
        self.encoder = nn.ModuleList(nn.Conv1d(a, b, 9, 8, 4) for a, b in ((1, 16), (16, 128)))
        self.decoder = nn.ModuleList(nn.ConvTranspose1d(a, b, 9, 8, 4, 7) for a, b in ((128, 16), (16, 1)))
        self.to_latent, self.from_latent = nn.Linear(width, LATENT), nn.Linear(LATENT, width)

    def encode(self, v):
        x = F.pad(v[:, None], (0, self.length - D))
        for conv in self.encoder:
            x = F.leaky_relu(conv(x))
        return self.to_latent(x.flatten(1))

    def decode(self, z):
        x = self.from_latent(z).view(len(z), self.narrow, -1)
        for conv in self.decoder:
            x = conv(F.leaky_relu(x))
        return x[:, 0, :D]

    def forward(self, v):
        z = self.encode(v + 0.001 * torch.randn_like(v))
        return self.decode(z + 0.1 * torch.randn_like(z))


class MlpDenoiser(nn.Module):
    def __init__(self, width=256, blocks=3):
        super().__init__()
        self.time, self.input, self.output = nn.Linear(256, width), nn.Linear(LATENT, width), nn.Linear(width, LATENT)
        self.blocks = nn.ModuleList(
            nn.ModuleList([nn.LayerNorm(width), nn.Linear(width, width), nn.Linear(width, width), nn.Linear(width, width)]) for _ in range(blocks)
        )
        self.norm = nn.LayerNorm(width)
        self.register_buffer("features", torch.randn(T, 256))

    def forward(self, z, t):
        time_ = F.silu(self.time(self.features[t]))
        x = self.input(z)
        for norm, first, timed, second in self.blocks:
            x = x + second(F.silu(first(norm(x)) + timed(time_)))
        return self.output(self.norm(x))


class V3Autoencoder(nn.Module):
    def __init__(self, channels=(64, 128, 256, 256, 32)):
        super().__init__()
        down, up = [1, *channels], [*channels[::-1], channels[0]]
        width = channels[-1] * V3_D // 32
        self.encoder = nn.Sequential(
            *(nn.Sequential(nn.Conv1d(a, b, 7, 2, 3), nn.BatchNorm1d(b), nn.LeakyReLU()) for a, b in zip(down, down[1:])),
            nn.Flatten(),
            nn.Linear(width, V3_LATENT),
            nn.Linear(V3_LATENT, V3_LATENT),
        )
        self.decoder = nn.Sequential(
            nn.Linear(V3_LATENT, width),
            nn.Unflatten(1, (channels[-1], -1)),
            *(nn.Sequential(nn.ConvTranspose1d(a, b, 7, 2, 3, 1), nn.BatchNorm1d(b), nn.ELU()) for a, b in zip(up, up[1:])),
            nn.Conv1d(channels[0], 1, 7, 1, 3),
        )

    def forward(self, v):
        z = self.encoder((v + 0.001 * torch.randn_like(v))[:, None])
        return self.decoder(z + 0.1 * torch.randn_like(z))[:, 0]


class V3Denoiser(nn.Module):
    def __init__(self, down=(64, 128, 256, 512)):
        super().__init__()
        self.time = nn.Sequential(nn.Linear(256, V3_LATENT), nn.SiLU(), nn.Linear(V3_LATENT, V3_LATENT))
        widths = [1, *down, *down[-2::-1], 1]
        self.convs = nn.ModuleList(nn.Conv1d(a, b, 7, 1, 3) for a, b in zip(widths, widths[1:]))
        self.norms = nn.ModuleList(nn.BatchNorm1d(b) for b in widths[1:-1])
        self.register_buffer("features", torch.randn(T, 256))

    def forward(self, z, t):
        time_, x, skips = self.time(self.features[t])[:, None], z[:, None], []
        for i, conv in enumerate(self.convs):
            if i > 4:
                x = x + skips.pop()
            x = conv(x + time_)
            if i < len(self.norms):
                x = F.elu(self.norms[i](x))
            if i < 3:
                skips.append(x)
        return x[:, 0]


class V1Denoiser(nn.Module):
    def __init__(self, down=(64, 128, 256, 512)):
        super().__init__()
        self.time = nn.Embedding(T, V1_LATENT)
        widths = [1, *down, *down[-2::-1], 1]
        self.blocks = nn.ModuleList(
            nn.ModuleList([nn.Conv1d(a, b, 3, padding=1), nn.Conv1d(b, b, 3, padding=1)]) for a, b in zip(widths, widths[1:])
        )

    def forward(self, z, t):
        time_, x, skips = self.time(t)[:, None], z[:, None], []
        for i, (first, second) in enumerate(self.blocks):
            if i > 4:
                x = x + skips.pop()
            x = x + time_
            for conv in (first, second):
                x = conv(F.instance_norm(F.leaky_relu(x)))
            if i < 3:
                skips.append(x)
        return x[:, 0]


def training(model, loss, optimiser=None):
    optimiser = optimiser or torch.optim.AdamW(model.parameters(), 1e-3)

    def step():
        optimiser.zero_grad()
        loss().backward()
        optimiser.step()

    return step


def denoising(model, latent, batch, ema):
    z, t, bar = torch.randn(batch, latent), torch.randint(T, (batch,)), torch.rand(T)
    average = [p.detach().clone() for p in model.parameters()] if ema else []

    def loss():
        eps, a = torch.randn_like(z), bar[t][:, None]
        return F.mse_loss(model(a.sqrt() * z + (1 - a).sqrt() * eps, t), eps)

    step = training(model, loss)

    def both():
        step()
        with torch.no_grad():
            for mean, p in zip(average, model.parameters()):
                mean.mul_(0.9999).add_(p, alpha=0.0001)

    return both


def cnn_medium_step():
    model, x, y = Cnn(), torch.randn(128, 1, 32, 32), torch.randint(10, (128,))
    return training(model, lambda: F.cross_entropy(model(x), y))


def network_step(name, batch, size, make_optimiser=None, cifar_stem=False, tuned=None):
    """A training step of a network of timm, which must be installed for these cases, on 100 classes."""
    import timm

    model = timm.create_model(name, num_classes=100)
    if cifar_stem:
        model.conv1, model.maxpool = nn.Conv2d(3, 64, 3, padding=1, bias=False), nn.Identity()
    if tuned is not None:
        for name, p in model.named_parameters():
            p.requires_grad = name.startswith(tuned)
    x, y = torch.randn(batch, 3, size, size), torch.randint(100, (batch,))
    trained = [p for p in model.parameters() if p.requires_grad]
    optimiser = make_optimiser(trained) if make_optimiser else torch.optim.AdamW(trained, 1e-3, weight_decay=5e-4)
    return training(model, lambda: F.cross_entropy(model(x), y), optimiser)


def sgd(parameters):
    return torch.optim.SGD(parameters, 1e-3, 0.9, weight_decay=5e-4)


def ae_small_step():
    model, v = SmallAutoencoder(), torch.randn(32, D)
    return training(model, lambda: F.mse_loss(model(v), v))


def ae_v3_step():
    model, v = V3Autoencoder(), torch.randn(50, V3_D)
    return training(model, lambda: F.mse_loss(model(v), v))


def sample_small_step():
    model, x, t = MlpDenoiser().eval(), torch.randn(200, LATENT), torch.full((200,), 500)

    def step():
        with torch.no_grad():
            model(x, t)

    return step


def sample_v3_200():
    model, x, t = V3Denoiser().eval(), torch.randn(200, V3_LATENT), torch.full((200,), 500)

    def step():
        with torch.no_grad():
            return 1.01 * x - 0.1 * model(x, t) + 0.05 * torch.randn_like(x)

    return step


def resnet18_224_eval():
    import timm

    model, x = timm.create_model("resnet18", num_classes=100).eval(), torch.randn(64, 3, 224, 224)
    chosen = [p for name, p in model.named_parameters() if name.startswith("layer4.1.bn")]

    def run():
        with torch.no_grad():
            for _ in range(8):
                for p in chosen:
                    p.copy_(p * 1.001)
                model(x).argmax(1)

    return run


def evaluate_200():
    model, batches = Cnn().eval(), torch.randn(4, 250, 1, 32, 32)
    checkpoints = [0.1 * torch.randn(D) for _ in range(200)]

    def run():
        with torch.no_grad():
            for flat in checkpoints:
                nn.utils.vector_to_parameters(flat, model.parameters())
                for x in batches:
                    model(x).argmax(1)

    return run


CASES = {
    "cnn_medium_step": cnn_medium_step,
    "resnet18_32_step": lambda: network_step("resnet18", 64, 32, sgd, cifar_stem=True),
    "resnet18_224_tune": lambda: network_step("resnet18", 32, 224, tuned="layer4.1.bn"),
    "vit_tiny_step": lambda: network_step("vit_tiny_patch16_224", 8, 224),
    "convnext_tiny_step": lambda: network_step("convnext_tiny", 4, 224),
    "ae_small_step": ae_small_step,
    "denoiser_small_step": lambda: denoising(MlpDenoiser(), LATENT, 128, False),
    "denoiser_v1_step": lambda: denoising(V1Denoiser(), V1_LATENT, 200, True),
    "ae_v3_step": ae_v3_step,
    "denoiser_v3_step": lambda: denoising(V3Denoiser(), V3_LATENT, 50, False),
    "sample_small_step": sample_small_step,
    "sample_v3_200": sample_v3_200,
    "resnet18_224_eval": resnet18_224_eval,
    "resnet18_224_eval_200": resnet18_224_eval,
    "evaluate_200": evaluate_200,
}

# Each checkpoint takes PyTorch as long as the first: 200 of them are not worth eight minutes for
# each round.
TIMES = {"resnet18_224_eval_200": 25}


def main():
    torch.set_num_threads(int(sys.argv[1]))
    torch.manual_seed(0)
    device = sys.argv[2] if len(sys.argv) > 2 else "cpu"
    torch.set_default_device(device)
    torch.set_float32_matmul_precision("high")
    torch.backends.cudnn.benchmark = True  # as ONNX Runtime, which tries every algorithm of a convolution
    wait = torch.cuda.synchronize if device == "cuda" else lambda: None
    ready = {}
    print(json.dumps({"torch": torch.__version__}), flush=True)
    for line in sys.stdin:
        name, runs = line.split()
        if name not in CASES:
            print(json.dumps({"case": name, "error": "unknown case"}), flush=True)
            continue
        if name not in ready:
            ready.clear()
            try:
                ready[name] = CASES[name]()
            except ImportError as error:
                print(json.dumps({"case": name, "error": str(error)}), flush=True)
                continue
            ready[name]()
        wait()
        start = time.perf_counter()
        for _ in range(int(runs)):
            ready[name]()
        wait()
        seconds = (time.perf_counter() - start) / int(runs)
        print(json.dumps({"case": name, "ms": 1e3 * TIMES.get(name, 1) * seconds}), flush=True)


if __name__ == "__main__":
    main()
