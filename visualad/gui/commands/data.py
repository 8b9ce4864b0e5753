"""Commands on data sets: in the menu Train."""

from __future__ import annotations

from visualad.gui.commands.declaration import Command, trainable
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
    Command(
        "data.edit",
        "Choose Columns…",
        lambda w: w.data.edit(),
        "Train",
        (),
        "",
        lambda w: w.data.can_edit,
        tip="Other inputs, outputs or another split of the data that the graph has.",
        section=4,
    ),
    Command(
        "data.draw_points",
        "Draw Points",
        lambda w: w.data.toggle_drawing(),
        "Train",
        ("Ctrl+Shift+D",),
        "",
        trainable,
        lambda w: w.data.is_drawing,
        tip="Draw a data set of your own into the decision map, with the mouse.",
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
