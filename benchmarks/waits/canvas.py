"""The canvas of a large graph in the whole window: painting, panning, dragging, all in sight.

A step of each counts with the painting that it causes, and a dragged card goes on by one place of
the grid at every step: Qt would paint several steps at once, and nothing for those between places.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop, QPoint, QPointF, Qt, QTimer
from PySide6.QtTest import QTest

from benchmarks.tasks.scalar import INPUTS, program
from benchmarks.waits import CLOCKS
from visualad.graph.model import Graph, Node

if TYPE_CHECKING:
    from visualad.gui.main_window import MainWindow

SIZES = (1_000, 10_000)
ROUNDS = 20
COLUMN, ROW = 240.0, 126.0


def drawn(size: int) -> Graph:
    """Scalar nodes in columns of a square root of them, edges to nodes near by."""
    values, lines = program(size)
    tall = max(10, round(size**0.5))

    def place(i: int) -> tuple[float, float]:
        return (i // tall * COLUMN, i % tall * ROW)

    nodes = {
        f"x{i}": Node(f"x{i}", "variable", f"x{i}", settings={"value": v}, position=place(i))
        for i, v in enumerate(values)
    }
    sources = {}
    for i, (op, first, second) in enumerate(lines, INPUTS):
        nodes[f"x{i}"] = Node(f"x{i}", op, f"x{i}", position=place(i))
        sources[f"x{i}", "x"] = f"x{first}"
        if op != "sin":
            sources[f"x{i}", "y"] = f"x{second}"
    return Graph(nodes, sources)


def measure(seconds: float, clock: str) -> dict[str, float]:
    """Medians of 20, in milliseconds; what was drawn gets so many seconds to settle."""
    from visualad.gui.app import application
    from visualad.gui.main_window import MainWindow
    from visualad.gui.settings import Settings

    application()
    window = MainWindow(Settings())
    window.kernel.start()
    window.resize(1280, 800)
    window.show()
    found: dict[str, float] = {}
    for size in SIZES:
        window.document.new(drawn(size))
        _wait(round(1000 * seconds))
        found |= _on(window, f"canvas of {size:,} nodes", CLOCKS[clock])
    window.document.new()
    window.close()
    window.kernel.close()
    return found


def _on(window: MainWindow, what: str, now: Callable[[], float]) -> dict[str, float]:
    """What takes how long on the canvas as it is."""
    from visualad.gui.canvas.geometry import GRID

    canvas = window.canvas
    view = canvas.viewport()
    middle = canvas.scene_.graph_rect().center()
    canvas.zoom_to(1.0)
    canvas.centre_on(middle)
    _wait(500)

    def timed(act: Callable[[int], object]) -> float:
        return _timed(now, act, window)

    found = {
        "repaint": timed(lambda _: view.repaint()),
        "pan": timed(lambda turn: canvas.scroll_by(QPoint(9 - turn % 2 * 18, 4))),
    }
    at = _node_in_sight(window, middle)
    QTest.mousePress(view, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)
    QTest.mouseMove(view, at + QPoint(30, 20))
    QCoreApplication.processEvents()
    step = round(GRID)
    found["drag a node"] = timed(
        lambda turn: QTest.mouseMove(view, at + QPoint(30 + step * turn, 20 + step * (turn % 2)))
    )
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)
    canvas.fit_all(glide=False)
    _wait(500)
    found["repaint, all in sight"] = timed(lambda _: view.repaint())
    return {f"{what}: {act}": spent for act, spent in found.items()}


def _timed(now: Callable[[], float], act: Callable[[int], object], window: MainWindow) -> float:
    spent = []
    for turn in range(ROUNDS):
        begin = now()
        act(turn)
        QCoreApplication.processEvents()
        QCoreApplication.sendEvent(window, QEvent(QEvent.Type.UpdateRequest))  # paint now
        spent.append(now() - begin)
    return statistics.median(spent) * 1e3


def _wait(milliseconds: int) -> None:
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def _node_in_sight(window: MainWindow, near: QPointF) -> QPoint:
    """Where, in the view, the title of a node near the middle is."""
    graph = window.document.graph
    canvas = window.canvas

    def distance(node: Node) -> float:
        x, y = node.position
        return (x - near.x()) ** 2 + (y - near.y()) ** 2

    x, y = min(graph.nodes, key=distance).position
    return canvas.mapFromScene(QPointF(x + 60, y + 12))
