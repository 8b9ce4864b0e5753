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
EPOCHS = 200


def draw() -> int:
    """Write every picture; returns an exit status."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    lecture = str(asset("graphs/lecture.vad"))
    shown = ["--mode", "backward", "--step", str(BACKWARD_STEP)]
    status = main(["screenshot", lecture, str(FOLDER / "differentiate.png"), *shown])
    with tempfile.TemporaryDirectory() as folder:
        network = Path(folder) / "spiral.vad"
        layers = [2, 8, 8, 1]
        va.save(va.mlp(layers, activation="tanh", output="tanh", data="spiral", seed=1), network)
        picture = str(FOLDER / "train.png")
        trained = ["--neurons", "--epochs", str(EPOCHS)]
        return status or main(["screenshot", str(network), picture, *trained])


if __name__ == "__main__":
    sys.exit(draw())
