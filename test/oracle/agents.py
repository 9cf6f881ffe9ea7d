"""Makes fixtures/agents.json: agents as Stable-Baselines3 saves them, archives with a policy's state dict inside.

They are laid out by hand, as `save_to_zip_file` does: Stable-Baselines3 is not needed. Cases are those of pth.py.

Command: python3 test/oracle/agents.py
"""
import io
import json
import zipfile

import torch
from torch import nn

from oracle import write
from pth import OLD, filled, holds, saved


def policy():
    """The state dict of an actor and a critic, named as a policy of PPO."""
    shapes = {
        "mlp_extractor.policy_net.0.weight": (3, 4), "mlp_extractor.policy_net.0.bias": (3,),
        "mlp_extractor.value_net.0.weight": (3, 4), "mlp_extractor.value_net.0.bias": (3,),
        "action_net.weight": (2, 3), "action_net.bias": (2,), "value_net.weight": (1, 3), "value_net.bias": (1,),
    }
    return {name: filled(name, *shape) for name, shape in shapes.items()}


def optimiser(state):
    """The state of an optimiser after a step on a policy."""
    parameters = [nn.Parameter(tensor.clone()) for tensor in state.values()]
    adam = torch.optim.Adam(parameters, lr=1e-3)
    sum(p.sum() for p in parameters).backward()
    adam.step()
    return adam.state_dict()


def agent(state, compression=zipfile.ZIP_STORED, policy_file=None):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        def add(name, data, **options):
            # The default date is a fixed one.
            entry = zipfile.ZipInfo(name)
            entry.compress_type = compression
            with archive.open(entry, "w", **options) as target:
                target.write(data)

        add("data", json.dumps({"policy_class": {}, "num_timesteps": 64, "n_envs": 1}).encode())
        add("pytorch_variables.pth", saved({}), force_zip64=True)
        add("policy.pth", policy_file or saved(state), force_zip64=True)
        add("policy.optimizer.pth", saved(optimiser(state)), force_zip64=True)
        add("_stable_baselines3_version", b"2.9.2")
        add("system_info.txt", b"- Python: 3.11.7\n")
    return file.getvalue()


def deflated(data):
    """The same archive, compressed."""
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            entry = zipfile.ZipInfo(name)
            entry.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(entry, old.read(name))
    return file.getvalue()


def case(data, state):
    return {"open": "agent.zip", **holds(data, state)}


def main():
    state = policy()
    write("agents", {
        "an agent": case(agent(state), state),
        "an agent with a policy of the old format": case(agent(state, policy_file=saved(state, **OLD)), state),
        "compressed agent": case(agent(state, zipfile.ZIP_DEFLATED), state),
        "compressed policy of an agent": case(agent(state, policy_file=deflated(saved(state))), state),
    })


if __name__ == "__main__":
    main()
