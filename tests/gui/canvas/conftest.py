"""A canvas on a small graph, with a kernel that answers at once, and a hand on the mouse."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from visualad.errors import VisualADError
from visualad.graph import edits, parser
from visualad.graph.model import Graph
from visualad.gui import theme
from visualad.gui.canvas.view import CanvasView
from visualad.gui.document import Document
from visualad.gui.session import Session
from visualad.kernel.answers import answer
from visualad.kernel.messages import Failed, Reply, Request

LEFT, MIDDLE, RIGHT = (
    Qt.MouseButton.LeftButton,
    Qt.MouseButton.MiddleButton,
    Qt.MouseButton.RightButton,
)
NONE = Qt.KeyboardModifier.NoModifier

PLACES = {
    "x1": (0, 0),
    "x2": (0, 140),
    "x3": (0, 320),
    "x4": (260, 70),
    "x5": (260, 320),
    "x6": (520, 0),
    "x7": (520, 190),
    "x8": (780, 90),
    "x9": (1040, 180),
}


class PromptKernel:
    """Answers every question as soon as events are processed."""

    def ask(self, request: Request, then: Callable[[Reply], None]) -> int:
        QTimer.singleShot(0, lambda: then(self._reply(request)))
        return 0

    def _reply(self, request: Request) -> Reply:
        try:
            return answer(request)
        except VisualADError as error:
            return Failed(0, error.message)

    def forget(self, ticket: int) -> None:
        pass

    def control(self, ticket: int, action: str) -> None:
        pass


@pytest.fixture
def graph() -> Graph:
    """The lecture's function at (1, 2, 0.5), with its nodes where PLACES says."""
    made = parser.parse("(x1*x2*sin(x3) + exp(x1*x2)) / x3")
    values = {"x1": {"value": 1.0}, "x2": {"value": 2.0}, "x3": {"value": 0.5}}
    made = edits.set_settings(made, {made.id_of(name): v for name, v in values.items()})
    return edits.move(made, {made.id_of(name): place for name, place in PLACES.items()})


@pytest.fixture
def document(qapp: QApplication, graph: Graph) -> Document:
    return Document(graph)


@pytest.fixture
def session(document: Document) -> Session:
    return Session(document, PromptKernel())  # type: ignore[arg-type]


@pytest.fixture
def view(document: Document, session: Session, qtbot) -> Iterator[CanvasView]:
    theme.apply(QApplication.instance())
    session.playback.reduced_motion = True  # nothing glides: a test need not wait
    made = CanvasView(document, session)
    qtbot.addWidget(made)
    made.resize(1300, 620)
    made.show()
    qtbot.waitExposed(made)
    made.zoom_to(1.0)
    made.centre_on(QPointF(595, 200))
    made.setFocus()
    settle()
    yield made
    session.pause()
    QApplication.clipboard().clear()


def settle() -> None:
    """Let the kernel answer."""
    for _ in range(3):
        QApplication.processEvents()


@dataclass
class Hand:
    """Moves the mouse over the canvas in scene coordinates."""

    view: CanvasView

    def screen(self, at: QPointF | tuple[float, float]) -> QPoint:
        point = at if isinstance(at, QPointF) else QPointF(*at)
        found = self.view.mapFromScene(point)
        # At its rim the canvas scrolls by a timer, and the place would be another one by chance.
        assert self.view.viewport().rect().contains(found), f"{point} is out of sight"
        return found

    def press(self, at, button=LEFT, keys=NONE) -> None:
        QTest.mousePress(self.view.viewport(), button, keys, self.screen(at))

    def move(self, at) -> None:
        QTest.mouseMove(self.view.viewport(), self.screen(at))
        settle()

    def release(self, at, button=LEFT, keys=NONE) -> None:
        QTest.mouseRelease(self.view.viewport(), button, keys, self.screen(at))

    def click(self, at, button=LEFT, keys=NONE) -> None:
        self.press(at, button, keys)
        self.release(at, button, keys)

    def double_click(self, at) -> None:
        self.click(at)
        QTest.mouseDClick(self.view.viewport(), LEFT, NONE, self.screen(at))

    def drag(self, start, end, button=LEFT, keys=NONE, *, drop: bool = True) -> None:
        a = start if isinstance(start, QPointF) else QPointF(*start)
        b = end if isinstance(end, QPointF) else QPointF(*end)
        self.press(a, button, keys)
        for share in (0.1, 0.4, 0.7, 1.0):
            self.move(a + (b - a) * share)
        if drop:
            self.release(b, button, keys)

    def node(self, name: str) -> QPointF:
        """A point of a card that is neither its name nor its value."""
        item = self.view.node_item(self.view.document.graph.id_of(name))
        return item.pos() + QPointF(item.geometry.size[0] * 0.45, 20)

    def port(self, name: str, port: str = "out") -> QPointF:
        return self.view.port_position(self.view.document.graph.id_of(name), port)

    def middle_of_edge(self, key: tuple[str, str, str]) -> QPointF:
        return self.view.scene_.edges[key].path.pointAtPercent(0.3)

    def key(self, key: Qt.Key, keys=NONE) -> None:
        QTest.keyClick(self.view, key, keys)
        settle()


@pytest.fixture
def hand(view: CanvasView) -> Hand:
    return Hand(view)
