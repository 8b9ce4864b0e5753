"""Draw the pictures of the README anew, from the program as it is: python scripts/pictures.py."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import visualad as va
from visualad.assets import asset
from visualad.cli import main

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "pictures"
BACKWARD_STEP = 6  # x4: the first adjoint that is a sum


def draw() -> int:
    """Write every picture; returns an exit status."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    lecture = str(asset("graphs/lecture.vad"))
    shown = ["--mode", "backward", "--step", str(BACKWARD_STEP)]
    status = main(["screenshot", lecture, str(FOLDER / "differentiate.png"), *shown])
    with tempfile.TemporaryDirectory() as folder:
        network = Path(folder) / "spiral.vad"
        va.save(_trained(), network)
        return status or main(["screenshot", str(network), str(FOLDER / "train.png")])


def _trained() -> va.Graph:
    data = va.datasets.load("spiral", seed=1)
    network = va.mlp([2, 8, 8, 1], activation="tanh", seed=0)
    return va.train(network, data, optimizer=va.Adam(0.01), epochs=150, batch_size=10, seed=0).graph


if __name__ == "__main__":
    sys.exit(draw())
