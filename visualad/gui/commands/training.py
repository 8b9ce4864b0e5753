"""Commands on training: the run, its speed, the data, the start, what a lesson hides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from visualad.gui.commands.declaration import Command, trainable
from visualad.gui.training_run import FULL_SPEED, SPEEDS

if TYPE_CHECKING:
    from visualad.gui.main_window import MainWindow


def _has_layers(window: MainWindow) -> bool:
    if not trainable(window):
        return False
    from visualad.gui.panels.training_edits import layers_of  # late: few windows train

    return layers_of(window.document.graph) is not None


def _hides(window: MainWindow) -> bool:
    return bool(window.document.graph.training.get("hidden_controls"))


TRAIN = (
    Command(
        "train.start",
        "Train",
        lambda w: w.session.train_start(),
        "Train",
        ("Ctrl+R",),
        "play",
        lambda w: trainable(w) and not w.session.is_training,
        named=lambda w: "Resume" if w.session.training.state == "paused" else "Train",
    ),
    Command(
        "train.pause",
        "Pause",
        lambda w: w.session.train_pause(),
        "Train",
        ("Ctrl+Shift+R",),
        "pause",
        lambda w: w.session.is_training,
    ),
    Command(
        "train.step",
        "One Epoch",
        lambda w: w.session.train_step(),
        "Train",
        ("Ctrl+Right",),
        "step-forward",
        trainable,
    ),
    Command(
        "train.stop",
        "Stop",
        lambda w: w.session.train_stop(),
        "Train",
        (),
        "stop",
        lambda w: bool(w.session.training.state),
    ),
    Command(
        "train.reset",
        "Reset",
        lambda w: w.session.train_reset(),
        "Train",
        (),
        "reset",
        lambda w: bool(w.session.training.state or w.session.curves.epochs),
        tip="Back to the parameters from before training.",
        section=1,
    ),
    Command(
        "train.regenerate",
        "Regenerate Data",
        lambda w: w.training_editor.regenerate(),
        "Train",
        (),
        "regenerate",
        lambda w: trainable(w) and w.training_editor.can_regenerate,
        tip="Draw other points of the same kind.",
        section=1,
    ),
    Command(
        "train.begin_anew",
        "Begin Anew",
        lambda w: w.training_editor.begin_anew(),
        "Train",
        (),
        "",
        _has_layers,
        tip="The weights that the seed and the initialiser begin with, also of a trained network.",
        section=1,
    ),
    *(
        Command(
            f"train.speed_{str(pace).rstrip('0').rstrip('.').replace('.', '_')}",
            title[0].upper() + title[1:],
            lambda w, pace=pace: w.session.training.set_pace(pace),  # type: ignore[misc]
            "Train/Speed",
            enabled=trainable,
            checked=lambda w, pace=pace: w.session.training.pace == pace,  # type: ignore[misc]
            tip="Speed of training.",
            section=2,
        )
        for pace, title in (*SPEEDS, (0.0, FULL_SPEED))
    ),
    Command(
        "train.playground",
        "Learn as TensorFlow Playground",
        lambda w: w.training_editor.use_playground(),
        "Train",
        enabled=trainable,
        tip="The same network and data with Playground's loss, updates, rate and start.",
        section=3,
    ),
    Command(
        "train.lesson_controls",
        "Controls for a Lesson…",
        lambda w: w.choose_lesson_controls(),
        "Train",
        enabled=trainable,
        tip="Choose which controls students see; the choice is saved with the graph.",
        section=4,
    ),
    Command(
        "train.show_hidden",
        "Show Hidden Controls",
        lambda w: w.training_editor.show_hidden(not w.training_editor.shows_hidden),
        "Train",
        enabled=_hides,
        checked=lambda w: _hides(w) and w.training_editor.shows_hidden,
        tip="For the teacher: show for now what this lesson hides.",
        section=4,
    ),
)
