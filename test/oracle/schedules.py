"""Makes fixtures/schedules.json: learning rates (float64) of 20 steps from PyTorch's schedulers.

A schedule with a warm-up is its scheduler times LinearLR from 1 / (warmup + 1). Command: python3 test/oracle/schedules.py
"""
import torch
from torch.optim import lr_scheduler as s

from oracle import write

STEPS, LR = 20, 0.3


def rates(make):
    optimiser = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], LR)
    scheduler = make(optimiser)
    out = []
    for _ in range(STEPS):
        out.append(optimiser.param_groups[0]["lr"])
        optimiser.step()
        scheduler.step()
    return out


def warm(make, warmup):
    rise = rates(lambda o: s.LinearLR(o, 1 / (warmup + 1), 1, warmup))
    return [r / LR * x for r, x in zip(rise, rates(make))]


constant = lambda o: s.ConstantLR(o, 1, STEPS)
cosine = lambda o: s.CosineAnnealingLR(o, STEPS)
floored = lambda o: s.CosineAnnealingLR(o, STEPS, eta_min=0.1 * LR)
steps = lambda o: s.MultiStepLR(o, [11, 15], 0.1)

write("schedules", {
    "constant": {"rates": rates(constant)},
    "cosine": {"rates": rates(cosine)},
    "cosine to a tenth": {"rates": rates(floored)},
    "two steps": {"rates": rates(steps)},
    "constant, warm-up of 4": {"rates": warm(constant, 4)},
    "cosine to a tenth, warm-up of 3": {"rates": warm(floored, 3)},
    "two steps, warm-up of 1": {"rates": warm(steps, 1)},
    # Five epochs of four steps, the scheduler moved on at the end of each.
    "cosine by epochs of 4 steps": {"rates": [r for r in rates(lambda o: s.CosineAnnealingLR(o, 5))[:5] for _ in range(4)]},
})
