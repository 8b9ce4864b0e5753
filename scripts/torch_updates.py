"""The first ten updates of PyTorch's optimisers, for tests/data/torch_updates.json.

    python scripts/torch_updates.py > tests/data/torch_updates.json

Needs PyTorch, which nothing else here does. The loss is (p1 - 3)² + p1·p2 + 10·p3⁴.
"""

from __future__ import annotations

import json
import sys
from typing import Any

import torch

START = [1.0, -2.0, 0.5]

# By our class: PyTorch's, and lists of our settings beside PyTorch's.
CASES: dict[str, tuple[str, list[tuple[dict[str, Any], dict[str, Any]]]]] = {
    "SGD": (
        "SGD",
        [
            ({"learning_rate": 0.01}, {"lr": 0.01}),
            ({"learning_rate": 0.01, "momentum": 0.9}, {"lr": 0.01, "momentum": 0.9}),
            (
                {"learning_rate": 0.01, "momentum": 0.9, "nesterov": True},
                {"lr": 0.01, "momentum": 0.9, "nesterov": True},
            ),
        ],
    ),
    "Adagrad": (
        "Adagrad",
        [
            ({}, {}),
            ({"learning_rate": 0.3, "decay": 0.1}, {"lr": 0.3, "lr_decay": 0.1}),
        ],
    ),
    "RMSprop": (
        "RMSprop",
        [
            ({}, {}),
            (
                {"learning_rate": 0.05, "alpha": 0.9, "momentum": 0.5, "centered": True},
                {"lr": 0.05, "alpha": 0.9, "momentum": 0.5, "centered": True},
            ),
        ],
    ),
    "Adam": (
        "Adam",
        [
            ({}, {}),
            (
                {"learning_rate": 0.1, "beta1": 0.5, "beta2": 0.9},
                {"lr": 0.1, "betas": (0.5, 0.9)},
            ),
        ],
    ),
    "AdamW": (
        "AdamW",
        [
            ({}, {}),
            ({"learning_rate": 0.1, "weight_decay": 0.2}, {"lr": 0.1, "weight_decay": 0.2}),
        ],
    ),
    "LBFGS": (
        "LBFGS",
        [
            ({"line_search": False}, {"max_iter": 1}),
            (
                {"line_search": False, "learning_rate": 0.5, "history": 2},
                {"max_iter": 1, "lr": 0.5, "history_size": 2},
            ),
        ],
    ),
}


def ten_updates(name: str, settings: dict[str, Any]) -> list[list[float]]:
    """The parameters after each of the updates."""
    p = torch.tensor(START, dtype=torch.float64, requires_grad=True)
    optimizer = getattr(torch.optim, name)([p], **settings)

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        loss = (p[0] - 3) ** 2 + p[0] * p[1] + 10 * p[2] ** 4
        loss.backward()
        return loss

    path = []
    for _ in range(10):
        optimizer.step(closure)
        path.append(p.detach().tolist())
    return path


def cases() -> list[dict[str, Any]]:
    """All cases with PyTorch's numbers."""
    return [
        {"optimizer": ours, "settings": own, "updates": ten_updates(name, theirs)}
        for ours, (name, pairs) in CASES.items()
        for own, theirs in pairs
    ]


if __name__ == "__main__":
    document = {
        "source": f"torch.optim of PyTorch {torch.__version__}, float64",
        "command": "python scripts/torch_updates.py > tests/data/torch_updates.json",
        "start": START,
        "cases": cases(),
    }
    sys.stdout.write(json.dumps(document, indent=1) + "\n")
