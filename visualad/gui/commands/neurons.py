"""Commands between neurons and matrices, and on which sample the data nodes show."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from visualad.graph.matrices import gather
from visualad.graph.model import Graph
from visualad.graph.neurons import LINEAR, NEURON, write_out
from visualad.graph.samples import sample_count, show_sample, shown_sample
from visualad.gui.commands.declaration import Command

if TYPE_CHECKING:
    from visualad.gui.main_window import MainWindow

MENU = "Graph/Neurons and Matrices"


def _meant(window: MainWindow, op: str) -> list[str]:
    """The selected nodes of a type; all of them when none is selected."""
    nodes = window.document.graph.nodes_by_id
    chosen = [id_ for id_ in window.session.selected_nodes if nodes[id_].op == op]
    return chosen or [id_ for id_, node in nodes.items() if node.op == op]


def _has(window: MainWindow, op: str) -> bool:
    return any(node.op == op for node in window.document.graph.nodes_by_id.values())


def _change(window: MainWindow, name: str, edit: Callable[[Graph], Graph]) -> None:
    before = window.document.graph
    if window.document.apply(name, edit) and window.document.graph is not before:
        window.session.select()
        window.canvas.fit()


def _write_out(window: MainWindow) -> None:
    ids = _meant(window, LINEAR)
    _change(window, "Write out as neurons", lambda graph: write_out(graph, ids))


def _gather(window: MainWindow) -> None:
    ids = _meant(window, NEURON)
    _change(window, "Gather into a matrix", lambda graph: gather(graph, ids))


def _show(window: MainWindow, index: int | None) -> None:
    name = "Show whole batch" if index is None else f"Show sample {index + 1}"
    window.document.apply(name, lambda graph: show_sample(graph, index), merge="sample")


def _step(window: MainWindow, by: int) -> None:
    graph = window.document.graph
    shown, count = shown_sample(graph), sample_count(graph)
    first = 0 if by > 0 else count - 1
    _show(window, first if shown is None else (shown + by) % count)


def _choose(window: MainWindow) -> None:
    graph = window.document.graph
    chosen = window.dialogs.sample(shown_sample(graph) or 0, sample_count(graph))
    if chosen is not None:
        _show(window, chosen)


def _has_samples(window: MainWindow) -> bool:
    return sample_count(window.document.graph) > 0


NEURONS = (
    Command(
        "graph.write_out",
        "Write Out as Neurons",
        _write_out,
        MENU,
        ("W",),
        "neurons",
        lambda w: _has(w, LINEAR),
        tip="Turn the selected linear layer, or all of them, into neurons and weights: "
        "o1 = w11·a1 + w12·a2 + b1.",
        section=2,
    ),
    Command(
        "graph.gather",
        "Gather into a Matrix",
        _gather,
        MENU,
        ("Shift+W",),
        "",
        lambda w: _has(w, NEURON),
        tip="Turn the selected neurons, or all of them, back into linear layers X Wᵀ + b.",
        section=2,
    ),
    Command(
        "graph.sample",
        "Show One Sample…",
        _choose,
        MENU,
        (),
        "",
        _has_samples,
        tip="The data nodes show one sample, so that the neurons have single numbers.",
        section=3,
    ),
    Command(
        "graph.sample_next",
        "Next Sample",
        partial(_step, by=1),
        MENU,
        ("Ctrl+]",),
        "",
        _has_samples,
        section=3,
    ),
    Command(
        "graph.sample_previous",
        "Previous Sample",
        partial(_step, by=-1),
        MENU,
        ("Ctrl+[",),
        "",
        _has_samples,
        section=3,
    ),
    Command(
        "graph.whole_batch",
        "Show the Whole Batch",
        partial(_show, index=None),
        MENU,
        (),
        "",
        lambda w: shown_sample(w.document.graph) is not None,
        tip="The data nodes show all their samples again.",
        section=3,
    ),
)
