"""Commands that look around in training: the learning rate, the loss around the parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from visualad.gui.commands.declaration import Command, trainable

if TYPE_CHECKING:
    from visualad.gui.main_window import MainWindow


def _find_rate(window: MainWindow) -> None:
    from visualad.gui.rate_finder import open_rate_finder  # it plots

    open_rate_finder(window)


def _map_landscape(window: MainWindow) -> None:
    window.docks.raise_("landscape")
    panel = window.docks.panel("landscape")
    if panel is not None:
        panel.map()  # type: ignore[attr-defined]


LOOKING = (
    Command(
        "train.find_rate",
        "Find Learning Rate…",
        _find_rate,
        "Train",
        (),
        "search",
        trainable,
        tip="Try growing learning rates on a copy and see which of them learn.",
        section=2,
    ),
    Command(
        "train.map_landscape",
        "Map the Loss Landscape",
        _map_landscape,
        "Train",
        enabled=trainable,
        tip="The loss in a plane around the parameters, with the way of the run.",
        section=2,
    ),
)
