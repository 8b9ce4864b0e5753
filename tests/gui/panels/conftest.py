"""A document and a session whose questions are answered in this process when the test says so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication, QWidget

from tests.gui.doubles import HandKernel
from visualad.autodiff.steps import Cost
from visualad.errors import VisualADError
from visualad.graph.edits import set_settings
from visualad.graph.model import Graph
from visualad.graph.parser import parse
from visualad.gui import theme
from visualad.gui.document import Document
from visualad.gui.session import Session
from visualad.kernel.answers import answer
from visualad.kernel.messages import (
    CheckDerivatives,
    Checked,
    CompareCosts,
    Costs,
    Failed,
    Reply,
    Train,
)

POINT = {"x1": 1.5, "x2": 0.8, "x3": 2.0}


def at_point(graph: Graph, point: dict[str, Any]) -> Graph:
    return set_settings(graph, {graph.id_of(n): {"value": v} for n, v in point.items()})


def lecture_at(point: dict[str, Any]) -> Graph:
    return at_point(parse("(x1*x2*sin(x3) + exp(x1*x2)) / x3"), point)


class Desk:
    """What the panels look at, with a kernel that is asked by `settle`."""

    def __init__(self, graph: Graph, show: Callable[[QWidget], None]) -> None:
        self.kernel = HandKernel()
        self.document = Document(graph)
        self.session = Session(self.document, self.kernel)
        self._show = show
        self.costs: tuple[tuple[str, str, Cost], ...] = ()

    @property
    def graph(self) -> Graph:
        return self.document.graph

    def id(self, name: str) -> str:
        return self.graph.id_of(name)

    def panel(self, kind: type, size: tuple[int, int] = (700, 300)) -> Any:
        """A panel on the screen."""
        made = kind(self.document, self.session)
        made.resize(*size)
        self._show(made)
        self.settle()
        return made

    def play_to(self, mode: str, step: int) -> None:
        self.session.set_mode(mode)
        self.settle()
        self.session.go_to(step)
        self.settle()

    def settle(self) -> None:
        """Answer all questions, also those that the answers raise."""
        while waiting := [t for t, (r, _) in self.kernel.open.items() if not isinstance(r, Train)]:
            ticket = waiting[0]
            request, then = self.kernel.open[ticket]
            del self.kernel.open[ticket]
            then(self._answer(ticket, request))

    def _answer(self, ticket: int, request: Any) -> Reply:
        if isinstance(request, CompareCosts):
            return Costs(ticket, self.costs)
        if isinstance(request, CheckDerivatives):
            rows = (("x1", 1.692, 1.692, 3.2e-11, True), ("x3", -1.353, -1.353, 1e-10, True))
            return Checked(ticket, rows, "central difference")
        try:
            return answer(request)
        except VisualADError as error:
            return Failed(ticket, error.message)


@pytest.fixture
def make_desk(qtbot) -> Iterator[Callable[[Graph], Desk]]:
    theme.set_theme("light")
    theme.apply(QApplication.instance())
    desks: list[Desk] = []

    def show(widget: QWidget) -> None:
        qtbot.addWidget(widget)
        widget.show()
        widget.activateWindow()
        qtbot.waitUntil(widget.isActiveWindow)

    def make(graph: Graph) -> Desk:
        desks.append(Desk(graph, show))
        desks[-1].settle()
        return desks[-1]

    yield make
    for desk in desks:
        desk.session.close()


@pytest.fixture
def desk(make_desk: Callable[[Graph], Desk]) -> Desk:
    """The lecture's function at (1.5, 0.8, 2)."""
    return make_desk(lecture_at(POINT))
