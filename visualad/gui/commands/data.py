"""Commands on data sets: in the menu Train."""

from __future__ import annotations

from visualad.gui.commands.declaration import Command
from visualad.training.shipped import SHIPPED

DATA = (
    Command(
        "data.open",
        "Open Data…",
        lambda w: w.data.open(),
        "Train",
        ("Ctrl+Shift+O",),
        "data",
        tip="Choose columns of a CSV, TSV, NPZ, NPY or IDX file for training; also by dropping it.",
        section=4,
    ),
    *(
        Command(
            f"data.{name}",
            shipped.title,
            lambda w, name=name: w.data.take(name),  # type: ignore[misc]
            "Train/Data Sets",
            tip=shipped.about,
            section=4,
        )
        for name, shipped in SHIPPED.items()
    ),
)
