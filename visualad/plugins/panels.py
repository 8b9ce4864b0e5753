"""Panels that plugins bring: from a graph and its values to words, tables and curves.

A panel is a function from a `View` to blocks of plain data. It runs in the kernel process; the
window draws the blocks, so no plugin ever touches a widget.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from visualad.errors import PluginError, VisualADError
from visualad.graph.model import Graph
from visualad.register import Register

if TYPE_CHECKING:
    from visualad.autodiff.steps import Sweep

MOST_ROWS = 1000
MOST_POINTS = 10_000
MOST_BLOCKS = 20


@dataclass(frozen=True)
class Words:
    """A paragraph of text."""

    text: str


@dataclass(frozen=True)
class Rows:
    """A table.

    Attributes:
        columns: its headings.
        rows: cells as text or numbers, as many in each row as there are columns.
    """

    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]


@dataclass(frozen=True)
class Curves:
    """Curves over one axis.

    Attributes:
        x: numbers, (n,).
        y: numbers, (n,), by the name of the curve.
        x_label, y_label: of the axes.
    """

    x: Sequence[float]
    y: Mapping[str, Sequence[float]]
    x_label: str = ""
    y_label: str = ""


Block = Words | Rows | Curves


class View:
    """What a panel looks at.

    Attributes:
        graph: as it is now.
        mode: "" (values only), "forward", "backward" or "cross", as in the window.
        seed: of the sweep; None for the first input or output.
        values: value of each node by name, as far as there is one.
    """

    def __init__(self, graph: Graph, mode: str = "", seed: Any = None) -> None:
        # Imported here: the window has this table too, and computes nothing.
        from visualad.autodiff.evaluate import evaluate_partly

        self.graph = graph
        self.mode = mode
        self.seed = seed
        names = {node.id: node.name for node in graph}
        found = evaluate_partly(graph, None).values
        self.values: dict[str, Any] = {names[id_]: value for id_, value in found.items()}

    def sweep(self) -> Sweep:
        """The derivative with all its steps, in the window's mode (backward when it shows none).

        Raises:
            VisualADError: if the graph has no derivative at this point.
        """
        from visualad.autodiff.sweeps import sweep

        return sweep(self.graph, mode=self.mode or "backward", seed=self.seed)


Draw = TypeVar("Draw", bound=Callable[[View], Any])


@dataclass(frozen=True)
class Panel:
    """A panel.

    Attributes:
        title: on its tab.
        draw: gives its blocks.
    """

    title: str
    draw: Callable[[View], Any]


PANELS: Register[Panel] = Register("panel")


def panel(*, title: str) -> Callable[[Draw], Draw]:
    """Declare a panel: a decorator for a function (View) -> list of `Words`, `Rows` or `Curves`."""

    def declare(draw: Draw) -> Draw:
        PANELS.add(draw.__name__, Panel(title, draw))
        return draw

    return declare


def panel_blocks(name: str, view: View) -> tuple[Block, ...]:
    """What a panel shows, checked and as plain data.

    Raises:
        PluginError: if there is no such panel, it fails, or gives something else.
    """
    found = PANELS.get(name)
    if found is None:
        raise PluginError(f"There is no panel '{name}'; load the plugin that brings it.")
    try:
        given = found.draw(view)
    except VisualADError:
        raise
    except Exception as error:  # a plugin may raise anything
        raise PluginError(
            f"The panel '{found.title}' failed with {type(error).__name__}: "
            f"{' '.join(str(error).split())}."
        ) from error
    blocks = [given] if isinstance(given, Block) else given
    if not isinstance(blocks, Iterable) or isinstance(blocks, str):
        raise PluginError(_odd(found, blocks))
    return tuple(_plain(found, block) for block in list(blocks)[:MOST_BLOCKS])


def _plain(found: Panel, block: object) -> Block:
    if isinstance(block, Words):
        return Words(str(block.text))
    if isinstance(block, Rows):
        columns = tuple(map(str, block.columns))
        rows = tuple(tuple(map(_cell, row)) for row in list(block.rows)[:MOST_ROWS])
        if any(len(row) != len(columns) for row in rows):
            raise PluginError(
                f"The panel '{found.title}' gave a table with {len(columns)} headings, but a row "
                "of another length."
            )
        return Rows(columns, rows)
    if isinstance(block, Curves):
        x = _numbers(found, block.x)
        y = {str(name): _numbers(found, values) for name, values in block.y.items()}
        if any(len(values) != len(x) for values in y.values()):
            raise PluginError(
                f"The panel '{found.title}' gave a curve that has not as many points as its axis."
            )
        return Curves(x, y, str(block.x_label), str(block.y_label))
    raise PluginError(_odd(found, block))


def _cell(value: object) -> str | float:
    if isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool):
        return float(value)
    return str(value)


def _numbers(found: Panel, values: Sequence[float]) -> tuple[float, ...]:
    try:
        array = np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        array = np.zeros((0, 0))
    if array.ndim != 1:
        raise PluginError(f"The panel '{found.title}' gave curves that are no rows of numbers.")
    return tuple(array[:MOST_POINTS].tolist())


def _odd(found: Panel, given: object) -> str:
    return (
        f"The panel '{found.title}' gave a {type(given).__name__} where Words, Rows or Curves "
        "are expected."
    )
