"""Commands on what is computed: Graph, Differentiate, the film and Train."""

from __future__ import annotations

from visualad.gui.commands.declaration import (
    Command,
    after_start,
    before_end,
    has_nodes,
    has_sweep,
    is_on,
    toggle,
    trainable,
)
from visualad.gui.playback import SPEEDS

GRAPH = (
    Command(
        "graph.add_node",
        "Add Node…",
        lambda w: w.open_node_palette(),
        "Graph",
        ("Tab", "Ctrl+Space"),
        "plus",
    ),
    Command(
        "graph.layout",
        "Lay Out",
        lambda w: w.canvas.layout_selection(),
        "Graph",
        ("L",),
        "layout",
        has_nodes,
        tip="Arrange the selected nodes, or all when none is selected, from left to right.",
    ),
    Command(
        "graph.float64",
        "Double Precision (float64)",
        lambda w: w.set_dtype("float64"),
        "Graph",
        checked=lambda w: w.document.graph.dtype == "float64",
        section=1,
    ),
    Command(
        "graph.float32",
        "Single Precision (float32)",
        lambda w: w.set_dtype("float32"),
        "Graph",
        checked=lambda w: w.document.graph.dtype == "float32",
        section=1,
    ),
    Command(
        "graph.stop_computing",
        "Stop Computing",
        lambda w: w.stop_computing(),
        "Graph",
        ("Ctrl+.",),
        "stop",
        lambda w: w.session.is_busy or w.session.is_training,
        tip="Stop an evaluation that takes too long, for example an endless loop in a plugin.",
        section=2,
    ),
)

DIFFERENTIATE = (
    Command(
        "differentiate.forward",
        "Forward",
        toggle("forward"),
        "Differentiate",
        ("Ctrl+1",),
        "forward-mode",
        has_nodes,
        is_on("forward"),
        tip="Tangents travel with the edges, from the inputs to the output.",
    ),
    Command(
        "differentiate.backward",
        "Backward",
        toggle("backward"),
        "Differentiate",
        ("Ctrl+2",),
        "backward-mode",
        has_nodes,
        is_on("backward"),
        tip="Adjoints travel against the edges, from the output to the inputs.",
    ),
    Command(
        "differentiate.cross",
        "Cross",
        toggle("cross"),
        "Differentiate",
        ("Ctrl+3",),
        "cross-mode",
        has_nodes,
        is_on("cross"),
        tip="Inner nodes are eliminated one after the other until only partials remain.",
    ),
    Command(
        "differentiate.off",
        "Values Only",
        lambda w: w.session.set_mode(""),
        "Differentiate",
        ("Ctrl+4",),
        "",
        lambda w: bool(w.session.mode),
    ),
    *(
        Command(
            f"differentiate.order_{order}",
            title,
            lambda w, order=order: w.session.set_order(order),  # type: ignore[misc]
            "Differentiate/Elimination Order",
            checked=lambda w, order=order: w.session.order == order,  # type: ignore[misc]
            tip="The order in which cross mode eliminates nodes.",
            section=1,
        )
        for order, title in (
            ("forward", "Forward Order"),
            ("backward", "Backward Order"),
            ("markowitz", "Smallest Markowitz Degree First"),
        )
    ),
)

TRANSPORT = (
    Command(
        "transport.play",
        "Play",
        lambda w: w.session.pause() if w.session.is_playing else w.session.play(),
        "Differentiate",
        ("Space",),
        "play",
        has_sweep,
        named=lambda w: "Pause" if w.session.is_playing else "Play",
        section=2,
    ),
    Command(
        "transport.step",
        "Next Step",
        lambda w: w.session.step(1),
        "Differentiate",
        ("Right",),
        "step-forward",
        before_end,
        section=2,
    ),
    Command(
        "transport.back",
        "Previous Step",
        lambda w: w.session.step(-1),
        "Differentiate",
        ("Left",),
        "step-back",
        after_start,
        section=2,
    ),
    Command(
        "transport.first",
        "To the Start",
        lambda w: w.session.go_to(-1),
        "Differentiate",
        ("Home",),
        "first",
        has_sweep,
        section=2,
    ),
    Command(
        "transport.last",
        "To the End",
        lambda w: w.go_to_end(),
        "Differentiate",
        ("End",),
        "last",
        has_sweep,
        section=2,
    ),
    *(
        Command(
            f"transport.speed_{str(speed).rstrip('0').rstrip('.').replace('.', '_')}",
            f"{speed:g}×",
            lambda w, speed=speed: w.session.playback.set_speed(speed),  # type: ignore[misc]
            "Differentiate/Speed",
            checked=lambda w, speed=speed: w.session.speed == speed,  # type: ignore[misc]
            tip="Speed of the film.",
            section=3,
        )
        for speed in SPEEDS
    ),
)

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
)
