"""The losses of a run, epoch by epoch."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class History:
    """What a run has been through; a point for each epoch, the first before any training.

    Attributes:
        epochs: 0, 1, 2, …
        train, test: loss over the whole training and test part at the end of each epoch; NaN for
            a test part without samples.
        metrics: further numbers by name, as long as `epochs`.
    """

    epochs: list[int] = field(default_factory=list)
    train: list[float] = field(default_factory=list)
    test: list[float] = field(default_factory=list)
    metrics: dict[str, list[float]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.epochs)

    def record(self, epoch: int, train: float, test: float, metrics: dict[str, float]) -> None:
        """Append a point."""
        self.epochs.append(epoch)
        self.train.append(train)
        self.test.append(test)
        for name, value in metrics.items():
            self.metrics.setdefault(name, []).append(value)

    def to_csv(self, path: str | Path) -> None:
        """Write a table with a header: epoch, train, test, metrics."""
        with Path(path).open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["epoch", "train", "test", *self.metrics])
            columns = [self.epochs, self.train, self.test, *self.metrics.values()]
            writer.writerows(zip(*columns, strict=True))
