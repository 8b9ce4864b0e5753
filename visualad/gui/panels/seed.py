"""The seed of a sweep: which direction over the inputs, or which weights over the outputs."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any

import numpy as np
from PySide6.QtWidgets import QFormLayout, QHBoxLayout, QVBoxLayout, QWidget

from visualad.autodiff.notation import goal_name
from visualad.autodiff.steps import BACKWARD, CROSS, FORWARD
from visualad.errors import VisualADError
from visualad.graph.model import Graph
from visualad.gui.document import Document
from visualad.gui.elimination_game import elimination_game
from visualad.gui.entry import read_number, read_value, written
from visualad.gui.panels.fields import Choice, Faulty, Field, number_field
from visualad.gui.panels.parts import Prose, Text, heading
from visualad.gui.session import Session
from visualad.ops.writing import name_pretty

OWN = "own"  # data of the choice "direction…" or "weights…"
ALL = "all"  # every input at once, in `RunSweep`
BEST, BY_HAND = "best", "by hand"  # data of choices of the elimination order
_ORDERS = (
    ("backward order", "backward"),
    ("forward order", "forward"),
    ("smallest Markowitz degree first", "markowitz"),
)
_EVERY = "J, column by column: a Jacobian-vector product J·v for each input, all in one sweep."
_DOT = "\N{COMBINING DOT ABOVE}"


class SeedSection(QWidget):
    """Seed of forward and backward mode, order of elimination in cross mode."""

    def __init__(self, document: Document, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("seed_section")
        self._document = document
        self._session = session
        self.title = heading("Seed")
        self.choice = Choice("seed_choice", "Seed", (), self._choose)
        self.note = Prose(token="text_muted", size=12.0)
        self.note.setObjectName("seed_note")
        self._grid = QWidget()
        self._form = QFormLayout(self._grid)
        self._form.setContentsMargins(0, 0, 0, 0)
        self._form.setSpacing(5)
        self._fields: dict[str, Field] = {}
        top = QHBoxLayout()
        top.addWidget(self.title)
        top.addWidget(self.choice, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(top)
        column.addWidget(self._grid)
        column.addWidget(self.note)
        document.graph_changed.connect(self.refresh)
        session.mode_changed.connect(self.refresh)
        session.sweep_changed.connect(self.refresh)
        elimination_game(session).changed.connect(self.refresh)
        self.refresh()

    def field(self, name: str) -> Field:
        """The field for the weight of an input or output."""
        return self._fields[name]

    def refresh(self, *_: object) -> None:
        """Show the choices of the mode."""
        mode = self._session.mode
        self.setVisible(bool(mode) and len(self._document.graph) > 0)
        if mode == CROSS:
            self._show_orders()
        elif mode in (FORWARD, BACKWARD):
            self._show_seeds(mode)

    def _show_orders(self) -> None:
        self.title.setText("Order")
        self._grid.hide()
        order = self._session.order
        game = elimination_game(self._session)
        items: list[tuple[str, Any]] = [*_ORDERS, ("best order known", BEST), ("by hand", BY_HAND)]
        shown: Any = BY_HAND if game.is_on else BEST if game.shows_best else order
        if not isinstance(shown, str):
            items.append((" ".join(name_pretty(name) for name in shown), shown))
        self.choice.set_items(items)
        self.choice.show_data(shown)
        self.choice.setEnabled(True)
        self.note.setText(
            "Click the inner nodes in your order; all orders give the same Jacobian."
            if game.is_on
            else "Eliminates the inner vertices in this order; all give the same Jacobian."
        )

    def _show_seeds(self, mode: str) -> None:
        self.title.setText("Seed")
        graph, names = self._document.graph, self._names(mode)
        seed = self._session.seed
        items: list[tuple[str, Any]] = [
            (_unit(mode, graph, name, is_array=bool(self._shape(name))), name) for name in names
        ]
        if len(names) > 1:
            if mode == FORWARD and ALL not in graph:
                items.append(("all inputs at once", ALL))
            items.append(("direction…" if mode == FORWARD else "weights…", OWN))
        self.choice.set_items(items)
        own = isinstance(seed, Mapping)
        chosen = OWN if own else seed if seed is not None else names[0] if names else None
        if isinstance(chosen, str) and chosen not in names and chosen in graph:
            chosen = graph[chosen].name
        self.choice.show_data(chosen)
        self.choice.setEnabled(len(items) > 1)
        if isinstance(seed, Mapping):
            self._show_fields(mode, names, seed)
        self._grid.setVisible(own)
        array = not own and isinstance(chosen, str) and bool(self._shape(chosen))
        self.note.setText(_EVERY if chosen == ALL else _explanation(mode, own, is_array=array))

    def _shape(self, name: str) -> tuple[int, ...]:
        """The shape of an input or output, () for a number or as long as it is not known."""
        graph = self._document.graph
        if name not in graph:
            return ()
        node = graph[name]
        value = self._session.values.get(node.id, node.value)
        return np.shape(value) if value is not None else ()

    def _names(self, mode: str) -> list[str]:
        graph = self._document.graph
        return list(graph.independents if mode == FORWARD else graph.outputs)

    def _show_fields(self, mode: str, names: list[str], seed: Mapping[str, Any]) -> None:
        if list(self._fields) != names:
            while self._form.rowCount():
                self._form.removeRow(0)
            self._fields = {}
            for name in names:
                field = number_field(
                    f"seed_{name}",
                    f"Seed of {name}",
                    lambda value, name=name: self._set(name, value),  # type: ignore[misc]
                    lambda text, name=name: self._read(name, text),  # type: ignore[misc]
                )
                if self._shape(name):
                    field.setToolTip("One number for all entries, or an array: [[1, 0], [0, 2]]")
                self._fields[name] = field
                self._form.addRow(Text(_symbol(mode, name)), Faulty(field))
        for name, field in self._fields.items():
            field.show_text(_typed(seed.get(name, 0.0)))

    def _choose(self, data: Any) -> None:
        session = self._session
        if session.mode == CROSS:
            self._choose_order(data)
        elif data == OWN:
            names = self._names(session.mode)
            known = session.seed if session.seed in names else (names or [""])[0]
            session.set_seed({name: 1.0 if name == known else 0.0 for name in names})
        else:
            session.set_seed(data)
        self.refresh()

    def _choose_order(self, data: Any) -> None:
        game = elimination_game(self._session)
        if data == BY_HAND:
            game.start()
        elif data == BEST:
            game.show_best()
        else:
            self._session.set_order(data)

    def _read(self, name: str, text: str) -> Any:
        """A number, or for an array one number for each of its entries."""
        shape = self._shape(name)
        value = read_value(text) if shape else read_number(text)
        if np.ndim(value) and np.shape(value) != shape:
            raise VisualADError(
                f"The seed of {name} has shape {np.shape(value)}, but {name} has {shape}; give one "
                "number or an array of that shape."
            )
        return value.tolist() if isinstance(value, np.ndarray) else value

    def _set(self, name: str, value: Any) -> None:
        seed = self._session.seed
        if isinstance(seed, Mapping):
            self._session.set_seed({**seed, name: value})


def _symbol(mode: str, name: str) -> str:
    pretty = name_pretty(name)
    if mode == FORWARD:
        return unicodedata.normalize("NFC", pretty[0] + _DOT) + pretty[1:]
    return f"w({pretty})"


def _typed(value: Any) -> str:
    """A seed as it can be typed."""
    return str(value) if isinstance(value, list | tuple) else written(value)


def _unit(mode: str, graph: Graph, name: str, *, is_array: bool) -> str:
    if mode == FORWARD:
        return f"{_symbol(mode, name)} = 1{' in every entry' if is_array else ''}"
    if is_array:  # as the sweep calls it
        return f"F = Σ {name_pretty(name)}"
    output = name_pretty(goal_name(graph, graph[name]))
    return f"∂{output}/∂{output} = 1"


def _explanation(mode: str, own: bool, *, is_array: bool) -> str:
    if mode == FORWARD:
        direction = own or is_array
        what = "along this direction" if direction else "with respect to this input"
        return f"J·v, a Jacobian-vector product: the derivative of every node {what}."
    what = "the weighted sum of the outputs" if own else "this output"
    what = "the sum of its entries" if is_array else what
    return f"wᵀ·J, a vector-Jacobian product: the derivative of {what} with respect to every node."
