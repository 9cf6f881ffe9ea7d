"""Makes fixtures/samplers.json: latents that DDPM and DDIM sampling draw, in float64, and the schedule's numbers.

Written from Ho et al. (2020) and Song et al. (2021); a clipped estimate of x_0 also changes the predicted noise. The
random streams are made here once more from their definition (Philox4x32-10, folded keys, normal quantiles), so that this
checks them too. The noise predictor is tanh(0.7 x + 0.02 t). Command: python3 test/oracle/samplers.py
"""
from statistics import NormalDist

import numpy as np

from oracle import WORD, write

COUNT, LATENT, SEED = 3, 5, 11


def philox(counter, key):
    c, k = list(counter), list(key)
    for _ in range(10):
        a, b = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [(b >> 32) ^ c[1] ^ k[0], b & WORD, (a >> 32) ^ c[3] ^ k[1], a & WORD]
        k = [(k[0] + 0x9E3779B9) & WORD, (k[1] + 0xBB67AE85) & WORD]
    return c


def fold(key, *names):
    for name in names:
        words = [(name, 1)] if isinstance(name, int) else [(ord(c), 2) for c in name] + [(len(name), 3)]
        for word, tag in words:
            key = philox([word, tag, 0, 1], key)[:2]
    return key


def normal(key, length):
    words = [w for block in range(-(-length // 4)) for w in philox([block, 0, 0, 0], key)]
    return np.array([NormalDist().inv_cdf((w + 0.5) / 2**32) for w in words[:length]])


def noise(name):
    return np.stack([normal(fold([SEED, 0], i, name), LATENT) for i in range(COUNT)])


def schedule(steps, first, last):
    beta = np.linspace(first, last, steps)
    return beta, np.cumprod(1 - beta)


def predict(x, t):
    return np.tanh(0.7 * x + 0.02 * t)


def ddpm(steps, first, last, variance, clip):
    beta, bar = schedule(steps, first, last)
    x = noise("start")
    limit = np.inf if clip is None else clip
    for t in reversed(range(steps)):
        before = bar[t - 1] if t > 0 else 1.0
        x0 = np.clip((x - np.sqrt(1 - bar[t]) * predict(x, t)) / np.sqrt(bar[t]), -limit, limit)
        mean = np.sqrt(before) * beta[t] / (1 - bar[t]) * x0
        mean += np.sqrt(1 - beta[t]) * (1 - before) / (1 - bar[t]) * x
        sigma2 = beta[t] if variance == "large" else beta[t] * (1 - before) / (1 - bar[t])
        x = np.clip(mean + (np.sqrt(sigma2) * noise(t) if t > 0 else 0), -limit, limit)
    return x


def ddim(steps, first, last, count, eta, clip):
    _, bar = schedule(steps, first, last)
    times = np.floor(np.linspace(0, steps - 1, count) + 0.5).astype(int)[::-1]
    x = noise("start")
    limit = np.inf if clip is None else clip
    for i, t in enumerate(times):
        t = int(t)
        before = bar[times[i + 1]] if i + 1 < count else 1.0
        x0 = np.clip((x - np.sqrt(1 - bar[t]) * predict(x, t)) / np.sqrt(bar[t]), -limit, limit)
        eps = (x - np.sqrt(bar[t]) * x0) / np.sqrt(1 - bar[t])
        sigma = eta * np.sqrt((1 - before) / (1 - bar[t])) * np.sqrt(1 - bar[t] / before)
        x = np.sqrt(before) * x0 + np.sqrt(1 - before - sigma**2) * eps
        x = np.clip(x + (sigma * noise(t) if sigma > 0 else 0), -limit, limit)
    return x


def flat(x):
    return [float(v) for v in np.reshape(x, -1)]


process = (40, 1e-3, 0.2)
beta, bar = schedule(1000, 1e-4, 0.02)
rows = [0, 1, 2, 250, 500, 998, 999]
write("samplers", {
    "schedule": {"t": rows, "beta": flat(beta[rows]), "alphaBar": flat(bar[rows])},
    "ddpm, posterior variance": {"x": flat(ddpm(*process, "posterior", None))},
    "ddpm, large variance, clipped": {"x": flat(ddpm(*process, "large", 1))},
    "ddim of 9 steps": {"x": flat(ddim(*process, 9, 0, None))},
    "ddim of all steps": {"x": flat(ddim(*process, 40, 0, None))},
    "ddim of 12 steps, eta 1, clipped": {"x": flat(ddim(*process, 12, 1, 1.5))},
    "ddim of 13 steps, eta 0.5": {"x": flat(ddim(*process, 13, 0.5, None))},
})
