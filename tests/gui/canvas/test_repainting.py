"""Only what has changed is painted anew; the picture must be the same as if all of it were."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QRegion, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from tests.gui.canvas.conftest import LEFT, MIDDLE, NONE, settle
from visualad.graph import edits
from visualad.graph.model import Graph
from visualad.graph.parser import parse
from visualad.gui.canvas.card_picture import CardPicture
from visualad.gui.canvas.view import CanvasView
from visualad.gui.document import placed

_ROUNDING = 24  # of 255: how far a smooth pixel may be off where two parts meet
_FEW = 8  # pixels


@pytest.fixture(scope="module")
def ladder() -> Graph:
    """A hundred nodes, each with an edge from far away."""
    lines = ["v0 = x1 * x2", *(f"v{k} = sin(v{k - 1}) + v{k // 2}" for k in range(1, 50))]
    return placed(parse("\n".join(lines), merge_equal=False))


@pytest.fixture(scope="module")
def crowd() -> Graph:
    """More nodes than have cards."""
    lines = ["v0 = x1 * x2", *(f"v{k} = sin(v{k - 1}) + v{k // 3}" for k in range(1, 1_500))]
    return placed(parse("\n".join(lines), merge_equal=False))


@pytest.fixture(params=["ladder", "crowd"])
def wide(request: pytest.FixtureRequest, view: CanvasView) -> CanvasView:
    """A graph at 100 % that reaches beyond the view on all sides."""
    graph = request.getfixturevalue(request.param)
    view.document.new(graph)
    settle()
    view.zoom_to(1.0)
    view.centre_on(view.scene_.graph_rect().center())
    settle()
    return view


def paint(view: CanvasView) -> None:
    """Paint now what is due."""
    settle()
    QApplication.sendEvent(view.window(), QEvent(QEvent.Type.UpdateRequest))


def pixels(view: CanvasView) -> np.ndarray:
    """What is on the screen, (height, width, 4); nothing is painted for it."""
    shown = view.screen().grabWindow(view.window().winId()).toImage()
    image = shown.convertToFormat(QImage.Format.Format_RGB32)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1, 4)
    return rows.astype(int)


def assert_as_if_painted_at_once(view: CanvasView) -> None:
    paint(view)
    before = pixels(view)
    view.viewport().repaint()
    assert before.std() > 1, "nothing is seen"
    away = np.abs(pixels(view) - before).max(axis=2)
    wrong = np.argwhere(away > _ROUNDING)
    assert len(wrong) <= _FEW, f"{len(wrong)} stale pixels, as at {wrong[0][::-1]}"


def pan(view: CanvasView, *steps: tuple[int, int]) -> None:
    """Drag the canvas with the middle button."""
    at = view.viewport().rect().center()
    QTest.mousePress(view.viewport(), MIDDLE, NONE, at)
    for step in steps:
        at += QPoint(*step)
        QTest.mouseMove(view.viewport(), at)
        paint(view)
    QTest.mouseRelease(view.viewport(), MIDDLE, NONE, at)


def turn(view: CanvasView, pixels_: QPoint, angle: QPoint, phase: Qt.ScrollPhase) -> None:
    """Turn the wheel, or scroll with two fingers, in the middle of the view."""
    at = QPointF(view.viewport().rect().center())
    event = QWheelEvent(
        at,
        view.viewport().mapToGlobal(at),
        pixels_,
        angle,
        Qt.MouseButton.NoButton,
        NONE,
        phase,
        False,
    )
    QApplication.sendEvent(view.viewport(), event)
    paint(view)


def drag(view: CanvasView, start: QPoint, *, steps: int, by: QPoint) -> None:
    """Drag what is there, and keep the button down."""
    QTest.mousePress(view.viewport(), LEFT, NONE, start)
    for step in range(1, steps + 1):
        QTest.mouseMove(view.viewport(), start + by * step)
        paint(view)


def a_card(view: CanvasView) -> tuple[str, QPoint]:
    """A node near the middle, and where its title is."""
    middle = view.visible_rect().center()

    def away(id_: str) -> float:
        return (view.scene_.body_of(id_).center() - middle).manhattanLength()

    id_ = min(view.scene_.nodes, key=away)
    return id_, view.mapFromScene(view.scene_.nodes[id_].pos() + QPointF(70, 8))


def painted_by(view: CanvasView, act: Callable[[], object]) -> QRegion:
    """What of the viewport is painted on account of something."""
    paint(view)
    found = QRegion()

    class Watch(QWidget):
        def eventFilter(self, watched: object, event: QEvent) -> bool:
            nonlocal found
            if isinstance(event, QPaintEvent):
                found = found.united(event.region())
            return False

    watch = Watch()
    view.viewport().installEventFilter(watch)
    act()
    paint(view)
    view.viewport().removeEventFilter(watch)
    watch.deleteLater()
    return found


def area(region: QRegion) -> int:
    return sum(part.width() * part.height() for part in region)


def test_panning_leaves_no_trace(wide: CanvasView) -> None:
    assert wide.minimap.isVisible()
    pan(wide, (9, 4), (-30, 12), (3, 0), (0, -50), (-140, -90))
    assert_as_if_painted_at_once(wide)


def test_panning_paints_only_what_comes_into_sight(wide: CanvasView) -> None:
    found = painted_by(wide, lambda: wide.scroll_by(QPoint(9, -4)))
    whole = wide.viewport().width() * wide.viewport().height()
    assert 0 < area(found) < whole / 10


def test_the_map_stays_in_its_corner_while_the_canvas_is_panned(wide: CanvasView) -> None:
    corner = wide.minimap.geometry()
    pan(wide, (60, 30), (-20, 45))
    assert wide.minimap.geometry() == corner
    wide.horizontalScrollBar().setValue(wide.horizontalScrollBar().value() + 31)
    assert wide.minimap.geometry() == corner


def test_zooming_and_scrolling_leave_no_trace(wide: CanvasView) -> None:
    turn(wide, QPoint(), QPoint(0, 120), Qt.ScrollPhase.NoScrollPhase)
    turn(wide, QPoint(13, 7), QPoint(26, 14), Qt.ScrollPhase.ScrollUpdate)
    turn(wide, QPoint(-40, 3), QPoint(-80, 6), Qt.ScrollPhase.ScrollUpdate)
    assert_as_if_painted_at_once(wide)
    wide.zoom_to(0.6)
    pan(wide, (-15, 22), (40, 3))
    assert_as_if_painted_at_once(wide)


def test_far_away_nothing_stays_behind_either(wide: CanvasView) -> None:
    wide.zoom_to(0.08)
    pan(wide, (30, -12), (5, 44))
    assert_as_if_painted_at_once(wide)


def test_dragging_a_card_leaves_no_trace(wide: CanvasView) -> None:
    _, at = a_card(wide)
    drag(wide, at, steps=6, by=QPoint(13, -7))
    assert_as_if_painted_at_once(wide)
    QTest.mouseRelease(wide.viewport(), LEFT, NONE, at + QPoint(78, -42))
    assert_as_if_painted_at_once(wide)


def test_dragging_many_cards_leaves_no_trace(wide: CanvasView) -> None:
    _, at = a_card(wide)
    wide.session.select([*sorted(wide.scene_.nodes)[:50], a_card(wide)[0]])
    drag(wide, at, steps=4, by=QPoint(-11, 10))
    assert_as_if_painted_at_once(wide)
    QTest.keyClick(wide, Qt.Key.Key_Escape)
    assert_as_if_painted_at_once(wide)


def test_a_picture_of_the_canvas_at_twice_its_size_is_painted_for_that(
    wide: CanvasView, monkeypatch: pytest.MonkeyPatch
) -> None:
    def picture() -> np.ndarray:
        image = QImage(wide.size() * 2, QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(2)
        painter = QPainter(image)
        QWidget.render(wide, painter, QPoint(0, 0))
        painter.end()
        rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1, 4)
        return rows.astype(int)

    for _ in range(3):
        wide.viewport().repaint()
    copied = [picture() for _ in range(2)][1]
    monkeypatch.setattr(CardPicture, "draw", lambda _, painter, bounds, paint: paint(painter))
    assert np.abs(picture() - copied).max() <= 3


def test_a_card_shown_as_a_picture_has_the_pixels_of_a_painted_one(
    wide: CanvasView, monkeypatch: pytest.MonkeyPatch
) -> None:
    wide.zoom_to(1.3, QPointF(7.3, 5.1))  # cards begin at parts of a pixel
    for _ in range(3):
        wide.viewport().repaint()
    copied = pixels(wide)
    drawn: list[object] = []

    def paint_anew(*given: object) -> None:
        drawn.append(given)
        given[-1](given[1])  # type: ignore[operator]

    monkeypatch.setattr(CardPicture, "draw", paint_anew)
    wide.viewport().repaint()
    assert drawn
    assert np.abs(pixels(wide) - copied).max() <= 2


def test_a_card_shown_as_a_picture_shows_a_new_value_at_once(view: CanvasView) -> None:
    for _ in range(3):
        view.viewport().repaint()
    before = pixels(view)
    graph = view.document.graph
    x1, x3 = (view.node_item(graph.id_of(name)).sceneBoundingRect() for name in ("x1", "x3"))
    value = {graph.id_of("x1"): {"value": 77.0}}
    view.document.apply("set x1", lambda graph: edits.set_settings(graph, value))
    paint(view)
    changed = np.argwhere(np.abs(pixels(view) - before).max(axis=2) > _ROUNDING)[:, ::-1]
    points = (changed / view.devicePixelRatioF()).astype(int).tolist()
    places = [view.mapToScene(QPoint(*point)) for point in points]
    assert any(x1.contains(place) for place in places)
    assert not any(x3.contains(place) for place in places)


def test_dragging_a_card_paints_only_around_it_and_its_edges(wide: CanvasView) -> None:
    _, at = a_card(wide)
    drag(wide, at, steps=1, by=QPoint(20, 10))
    found = painted_by(wide, lambda: QTest.mouseMove(wide.viewport(), at + QPoint(50, 30)))
    whole = wide.viewport().width() * wide.viewport().height()
    assert 0 < area(found) < whole / 2
    QTest.mouseRelease(wide.viewport(), LEFT, NONE, at + QPoint(50, 30))
