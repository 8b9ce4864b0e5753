"""What the window shows, in the terminal: `make run` on a machine without a display.

Evaluates and differentiates the lecture's function in the three modes, compares their costs, trains
a small network and draws the window into a picture.
"""

from __future__ import annotations

import sys
from pathlib import Path

from visualad.assets import asset
from visualad.autodiff.costs import compare_costs
from visualad.autodiff.derivatives import gradient
from visualad.autodiff.evaluate import evaluate
from visualad.autodiff.steps import MODES
from visualad.autodiff.sweeps import sweep
from visualad.cli.files import write_offscreen
from visualad.cli.inspecting import print_nodes
from visualad.cli.output import print_line, print_table
from visualad.cli.running import safely
from visualad.cli.step_tables import print_steps
from visualad.cli.training import train_in_terminal
from visualad.graph.file import load
from visualad.graph.formula import expression
from visualad.graph.model import Graph
from visualad.ops.writing import name_pretty, number_text, pretty
from visualad.training.perceptron import mlp

PICTURE = Path("visualad-window.png")
EPOCHS = 100


def main() -> int:
    """Do all of it; returns the exit status."""
    return safely(_show)


def _show() -> int:
    file = asset("graphs/lecture.vad")
    graph = load(file)
    _formulas(graph)
    print_nodes(graph, evaluate(graph))
    _gradients(graph)
    print_steps(graph, sweep(graph, mode="backward"))
    _costs(graph)
    _network()
    write_offscreen(file, PICTURE, mode="backward")
    print_line(f"There is no display: the picture of the window is in {PICTURE.resolve()}.")
    return 0


def _formulas(graph: Graph) -> None:
    arguments = ", ".join(map(name_pretty, graph.inputs))
    for output in graph.outputs:
        written = pretty(expression(graph, output, inline=set(graph.order)))
        print_line(f"f({arguments}) = {written}")


def _gradients(graph: Graph) -> None:
    rows = {mode: gradient(graph, None, mode=mode) for mode in MODES}
    print_table(
        "Gradient",
        ("mode", *(f"∂f/∂{name_pretty(name)}" for name in graph.inputs)),
        (
            (mode, *(number_text(found[name], digits=7) for name in graph.inputs))
            for mode, found in rows.items()
        ),
    )


def _costs(graph: Graph) -> None:
    print_table(
        "Cost of the derivatives",
        ("mode and order", "multiplications", "additions", "counted"),
        (
            (label, str(cost.multiplications), str(cost.additions), cost.convention)
            for label, _, cost in compare_costs(graph)
        ),
        right=("multiplications", "additions"),
    )


def _network() -> None:
    print_line("A 2-8-8-1 network learns the spiral")
    network = mlp([2, 8, 8, 1], activation="tanh", output="tanh", data="spiral", seed=1)
    train_in_terminal(network, epochs=EPOCHS)


if __name__ == "__main__":
    sys.exit(main())
