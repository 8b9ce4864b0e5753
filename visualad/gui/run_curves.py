"""What a training run has been through, as the panels draw it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from visualad.gui.curves import Column

if TYPE_CHECKING:
    from visualad.kernel.messages import Progress
    from visualad.training.observation import Units

MOST_KEPT = 160  # pictures of the weights; then every second one goes
MOST_NUMBERS = 4_000_000  # of all parameters on the path together: 32 MB


class Kept(list[tuple[float, Any]]):
    """Things by place, about evenly spaced, never more than so many."""

    def __init__(self) -> None:
        super().__init__()
        self._apart = 0.0

    def keep(self, place: float, thing: Any, most: int) -> None:
        """Append one, if it is far enough from the last; every second one goes when it is full."""
        if most < 2 or (self and (place <= self[-1][0] or place - self[-1][0] < self._apart)):
            return
        if len(self) >= most:
            del self[1::2]
            self._apart = (self[-1][0] - self[0][0]) / (len(self) - 1)
        self.append((place, thing))


@dataclass
class Curves:
    """Losses and what else was seen since training began or was reset.

    Attributes:
        epochs, train, test: the losses at the end of each epoch; test may hold NaN.
        metrics: further numbers by name, each as long as `epochs`; NaN where there is none.
        places, norms: ‖∂L/∂W‖ by layer, and where it was measured, in epochs.
        spreads: how the weights of each layer were spread, `Weights` by layer, by place.
        path: the parameters by place, one after the other.
        order: ids of the parameters on the path.
        units: of the activations, as last seen.
    """

    epochs: Column = field(default_factory=lambda: Column(int))
    train: Column = field(default_factory=Column)
    test: Column = field(default_factory=Column)
    metrics: dict[str, Column] = field(default_factory=dict)
    places: Column = field(default_factory=Column)
    norms: dict[str, Column] = field(default_factory=dict)
    spreads: Kept = field(default_factory=Kept)
    path: Kept = field(default_factory=Kept)
    order: tuple[str, ...] = ()
    units: tuple[Units, ...] = ()

    def take(self, progress: Progress) -> None:
        """Append what a message brings."""
        before = len(self.epochs)
        self.epochs.extend(progress.epochs)
        self.train.extend(progress.train)
        self.test.extend(progress.test)
        for name, values in progress.measured.items():
            column = self.metrics.setdefault(name, Column())
            column.extend([np.nan] * (before - len(column)))
            column.extend(values[len(values) - len(progress.epochs) :])
        for column in self.metrics.values():
            column.extend([np.nan] * (len(self.epochs) - len(column)))
        place = progress.place
        if progress.gradient_norms is not None:
            self._take_norms(place, progress.gradient_norms)
        if progress.units is not None:
            self.units = progress.units
        if progress.weights is not None:
            self.spreads.keep(place, progress.weights, MOST_KEPT)
        if progress.parameters:
            self._take_parameters(place, progress.parameters)

    def forget_details(self) -> None:
        """Keep what is compared with other runs; the rest takes much memory."""
        self.spreads, self.path, self.order = Kept(), Kept(), ()

    def _take_norms(self, place: float, norms: Mapping[str, float]) -> None:
        if self.norms.keys() != norms.keys():
            self.places, self.norms = Column(), {layer: Column() for layer in norms}
        if len(self.places) and place <= self.places[-1]:
            return  # nothing has happened since
        self.places.append(place)
        for layer, norm in norms.items():
            self.norms[layer].append(norm)

    def _take_parameters(self, place: float, parameters: Mapping[str, Any]) -> None:
        order = tuple(parameters)
        if order != self.order:
            self.order, self.path = order, Kept()
        flat = [np.ravel(np.asarray(value, dtype=float)) for value in parameters.values()]
        numbers = np.concatenate(flat)
        self.path.keep(place, numbers, min(MOST_KEPT, MOST_NUMBERS // max(len(numbers), 1)))
