"""Keeping a trained network with its run: at the end of `train` and every so many seconds."""

from __future__ import annotations

import time
from pathlib import Path

from visualad.graph.file import save
from visualad.training.progress import KEY, written_state
from visualad.training.trainer import Trainer


class Keeping:
    """Saves the network with all that a later --resume needs.

    A file is replaced as a whole: whatever happens, there is always one complete checkpoint.

    Args:
        path: of the .vad file.
        every: seconds between two checkpoints; None for none but the last.
    """

    def __init__(self, path: Path, every: float | None = None) -> None:
        self._path = path
        self._every = every
        self._saved_at = time.monotonic()

    def save(self, trainer: Trainer) -> None:
        """Write the file."""
        graph = trainer.trained_graph()
        run = {KEY: written_state(trainer.state())}
        save(graph.with_(training={**graph.training, **run}), self._path)
        self._saved_at = time.monotonic()

    def save_if_due(self, trainer: Trainer) -> None:
        """Write the file when the time has come."""
        if self._every is not None and time.monotonic() - self._saved_at >= self._every:
            self.save(trainer)
