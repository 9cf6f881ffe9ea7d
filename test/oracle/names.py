"""Makes fixtures/names.json: the state dicts of timm and torchvision, as fingerprints.

Of each network and library: how many tensors there are, a few of them, and the SHA-256 of all, a line "name shape" each.
timm's are in its order, with the counters of batch normalisation; torchvision's are sorted and without.

Command: python3 test/oracle/names.py (needs timm and torchvision)
"""
import hashlib

import timm
import torch
import torchvision

from oracle import write

NETWORKS = {
    "resnet18": ("resnet18", "resnet18"),
    "resnet50": ("resnet50", "resnet50"),
    "vit_base_patch16_224": ("vit_base_patch16_224", "vit_b_16"),
    "convnext_tiny": ("convnext_tiny", "convnext_tiny"),
    "convnext_base": ("convnext_base", "convnext_base"),
}


def lines(model):
    return [f"{name} {'x'.join(map(str, t.shape))}" for name, t in model.state_dict().items()]


def fingerprint(tensors):
    text = "".join(f"{line}\n" for line in tensors)
    some = [tensors[i * (len(tensors) - 1) // 4] for i in range(5)]
    return {"count": len(tensors), "some": some, "sha256": hashlib.sha256(text.encode()).hexdigest()}


cases = {}
with torch.device("meta"):
    for name, (ours, theirs) in NETWORKS.items():
        tensors = lines(torchvision.models.get_model(theirs))
        cases[name] = {
            "timm": fingerprint(lines(timm.create_model(ours))),
            "torchvision": fingerprint(sorted(t for t in tensors if "num_batches_tracked" not in t)),
        }
write("names", cases)
