#!/usr/bin/env python3
"""recipes/mnist-cnn.yaml written plainly in PyTorch: collect, fit, sample, evaluate, on the CPU.

Prints one JSON line: the seconds of each stage, and the mean test accuracies of originals and samples, to show that it is
the same work. Usage: torch_way.py THREADS DATA, where DATA/mnist holds the four IDX files, compressed or not.
"""
import gzip
import json
import math
import sys
import time
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F
from torch.nn.utils import parameters_to_vector, vector_to_parameters

from torch_bench import D, LATENT, Cnn, MlpDenoiser, SmallAutoencoder, T

SELECTION, HELD_OUT, REFERENCES, ZOO, SAMPLES, RECONSTRUCTIONS = 5000, 50, 3, 200, 200, 50
EPOCHS, BATCH, LR = 5, 128, 3e-3


def idx(folder, name, skip):
    plain = folder / name
    data = plain.read_bytes() if plain.exists() else gzip.decompress((folder / f"{name}.gz").read_bytes())
    return np.frombuffer(data, np.uint8, offset=skip)


def load(folder):
    def split(prefix):
        images = torch.from_numpy(idx(folder, f"{prefix}-images-idx3-ubyte", 16).copy()).view(-1, 1, 28, 28)
        return F.pad(images, (2, 2, 2, 2)).float() / 255, torch.from_numpy(idx(folder, f"{prefix}-labels-idx1-ubyte", 8).astype(np.int64))

    (train, labels), (test, truth) = split("train"), split("t10k")
    mean, deviation = train[SELECTION:].mean(), train[SELECTION:].std()
    scaled = lambda x: (x - mean) / deviation
    return {"train": (scaled(train[SELECTION:]), labels[SELECTION:]), "selection": (scaled(train[:SELECTION]), labels[:SELECTION]), "test": (scaled(test), truth)}


def cosine(optimiser, steps):
    return torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: 0.5 * (1 + math.cos(math.pi * step / steps)))


def batches(count):
    while True:
        order = torch.randperm(count)
        for start in range(0, count - BATCH + 1, BATCH):
            yield order[start : start + BATCH]


def train(model, data, steps, scheduled, each=None):
    images, labels = data["train"]
    optimiser = torch.optim.Adam(model.parameters(), LR)
    schedule = cosine(optimiser, steps) if scheduled else None
    for _, chosen in zip(range(steps), batches(len(images))):
        optimiser.zero_grad()
        F.cross_entropy(model(images[chosen]), labels[chosen]).backward()
        optimiser.step()
        if schedule:
            schedule.step()
        if each:
            each(parameters_to_vector(model.parameters()).detach().clone())
    return model


def collect(data):
    steps = EPOCHS * (len(data["train"][0]) // BATCH)
    base = train(Cnn(), data, steps, True)
    start = parameters_to_vector(base.parameters()).detach().clone()
    zoo, held_out = [], []
    for kept in (zoo, held_out):
        vector_to_parameters(start, base.parameters())
        train(base, data, ZOO, False, kept.append)
    for _ in range(REFERENCES):
        train(Cnn(), data, steps, True)
    return torch.stack(zoo)


def fit(zoo):
    mean, deviation = zoo.mean(0), zoo.std(0, unbiased=False).clamp_min(1e-12)
    rows = (zoo - mean) / deviation
    coder = SmallAutoencoder()
    optimiser = torch.optim.AdamW(coder.parameters(), 2e-3, weight_decay=0)
    schedule = cosine(optimiser, 400)
    for _ in range(400):
        v = rows[torch.randint(len(rows), (32,))]
        optimiser.zero_grad()
        F.mse_loss(coder(v), v).backward()
        optimiser.step()
        schedule.step()
    with torch.no_grad():
        z = coder.encode(rows)
    centre, scale = z.mean(0), z.std(0)
    z = (z - centre) / scale
    bar = torch.cumprod(1 - torch.linspace(1e-4, 0.02, T), 0)
    denoiser = MlpDenoiser()
    optimiser = torch.optim.AdamW(denoiser.parameters(), 1e-3, weight_decay=0)
    schedule = cosine(optimiser, 3000)
    for _ in range(3000):
        x, t = z[torch.randint(len(z), (128,))], torch.randint(T, (128,))
        eps, a = torch.randn_like(x), bar[t][:, None]
        optimiser.zero_grad()
        F.mse_loss(denoiser(a.sqrt() * x + (1 - a).sqrt() * eps, t), eps).backward()
        optimiser.step()
        schedule.step()
    return lambda latents: coder.decode(latents * scale + centre) * deviation + mean, denoiser, bar, lambda: coder.decode(coder.encode(rows[:RECONSTRUCTIONS])) * deviation + mean


@torch.no_grad()
def sample(denoiser, bar):
    beta, x = torch.linspace(1e-4, 0.02, T), torch.randn(SAMPLES, LATENT)
    for t in reversed(range(T)):
        before = bar[t - 1] if t > 0 else torch.tensor(1.0)
        eps = denoiser(x, torch.full((SAMPLES,), t))
        clean = ((x - (1 - bar[t]).sqrt() * eps) / bar[t].sqrt()).clamp(-5, 5)
        x = before.sqrt() * beta[t] / (1 - bar[t]) * clean + (1 - beta[t]).sqrt() * (1 - before) / (1 - bar[t]) * x
        if t > 0:
            x = x + (beta[t] * (1 - before) / (1 - bar[t])).sqrt() * torch.randn_like(x)
    return x


@torch.no_grad()
def accuracies(networks, data):
    model, found = Cnn().eval(), []
    for flat in networks:
        vector_to_parameters(flat, model.parameters())
        found.append([sum((model(x).argmax(1) == y).sum().item() for x, y in zip(images.split(250), labels.split(250))) / len(labels) for images, labels in (data["selection"], data["test"])])
    return torch.tensor(found)[:, 1].mean().item()


def main():
    torch.set_num_threads(int(sys.argv[1]))
    torch.manual_seed(0)
    data, seconds = load(Path(sys.argv[2]) / "mnist"), {}

    def timed(stage, work):
        start = time.perf_counter()
        result = work()
        seconds[stage] = time.perf_counter() - start
        return result

    zoo = timed("collect", lambda: collect(data))
    decode, denoiser, bar, reconstructed = timed("fit", lambda: fit(zoo))

    def samples():
        with torch.no_grad():
            return decode(sample(denoiser, bar))

    drawn = timed("sample", samples)

    def evaluated():
        with torch.no_grad():
            rebuilt = reconstructed()
        found = [accuracies(networks, data) for networks in (zoo, drawn, rebuilt, zoo.mean(0, keepdim=True))]
        return found[:2]

    originals, made = timed("evaluate", evaluated)
    print(json.dumps({"torch": torch.__version__, "seconds": seconds, "originals": originals, "samples": made}))


if __name__ == "__main__":
    main()
