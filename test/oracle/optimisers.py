"""Makes fixtures/optimisers.json: parameters after each of five steps of every optimiser, and of a moving average.

The model is linear, tanh, linear; batch i of inputs and targets and the parameters are filled by name; the learning rate
falls from step to step. Command: python3 test/oracle/optimisers.py
"""
import torch
from torch import nn

from oracle import fill, numbers, write

STEPS = 5
CASES = {
    "sgd": lambda p: torch.optim.SGD(p, 0.1),
    "sgd, weight decay": lambda p: torch.optim.SGD(p, 0.1, weight_decay=0.05),
    "sgd, momentum": lambda p: torch.optim.SGD(p, 0.1, momentum=0.9, weight_decay=5e-4),
    "sgd, nesterov": lambda p: torch.optim.SGD(p, 0.1, momentum=0.9, nesterov=True, weight_decay=5e-4),
    "adam": lambda p: torch.optim.Adam(p, 0.01),
    "adam, weight decay": lambda p: torch.optim.Adam(p, 0.01, betas=(0.8, 0.95), weight_decay=0.1),
    "adamw": lambda p: torch.optim.AdamW(p, 0.01),
    "adamw, no decay": lambda p: torch.optim.AdamW(p, 0.01, weight_decay=0),
    "adamw, other betas": lambda p: torch.optim.AdamW(p, 0.01, betas=(0.5, 0.9), weight_decay=2),
}


def flat(model):
    return torch.cat([p.detach().reshape(-1) for p in model.parameters()])


def run(make):
    model = nn.Sequential()
    model.add_module("fc1", nn.Linear(4, 5))
    model.add_module("act", nn.Tanh())
    model.add_module("fc2", nn.Linear(5, 3))
    with torch.no_grad():
        for name, p in model.named_parameters():
            p.copy_(torch.from_numpy(fill(name, p.shape)))
    optimiser = make(model.parameters())
    base = optimiser.param_groups[0]["lr"]
    average = flat(model)
    case = {}
    for step in range(STEPS):
        optimiser.param_groups[0]["lr"] = base * (1 - step / STEPS)
        x = torch.from_numpy(fill(f"x{step}", [6, 4], -2, 2))
        target = torch.from_numpy(fill(f"target{step}", [6, 3], -2, 2))
        loss = nn.functional.mse_loss(model(x), target)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        average = 0.9 * average + 0.1 * flat(model)
        case[f"loss {step}"] = numbers(loss.reshape(1))
        case[f"theta {step}"] = numbers(flat(model))
    case["ema"] = numbers(average)
    return case


write("optimisers", {name: run(make) for name, make in CASES.items()})
