"""Drawing points into the decision map with the mouse: a data set of one's own."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QObject, QPointF, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QIcon, QKeyEvent, QMouseEvent, QPainter, QPixmap
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QToolButton, QWidget

from visualad.errors import VisualADError
from visualad.graph.model import Graph
from visualad.gui import icons, theme
from visualad.gui.document import Document
from visualad.gui.panels import training_edits as edits
from visualad.gui.panels.dataset_picture import dataset_of
from visualad.gui.session import Session
from visualad.training.datasets import CLASSIFICATION, Dataset
from visualad.training.drawn import DRAWN, MOST_POINTS
from visualad.training.metrics import LOGIT_LOSSES

POSITIVE, NEGATIVE, ERASE = "positive", "negative", "erase"
KEYS = {Qt.Key.Key_1: POSITIVE, Qt.Key.Key_2: NEGATIVE, Qt.Key.Key_E: ERASE}
SPRAY_EVERY = 7.0  # px of a drag between two points
SPREAD = 7.0  # px, standard deviation of the spray
REACH = 12.0  # px of the eraser
COMMIT_MS = 200  # while a stroke goes on: the network learns as it is drawn

Point = tuple[float, float, float]
NO_POINTS = Dataset(np.zeros((0, 2)), np.zeros((0, 1)), ("x1", "x2", "y"), CLASSIFICATION, DRAWN)


class PointDrawing(QWidget):
    """The tools above the map, and what the mouse does on it while drawing is on.

    A click adds a point, a drag sprays some; the right button draws the other class. One stroke
    is one undoable step. The first stroke goes on from the points of the data set that is shown.
    """

    def __init__(
        self, document: Document, session: Session, over: QWidget, parent: QWidget | None = None
    ) -> None:
        """Draw on `over`, which has `area()`, `bounds` and `columns` as a `DecisionMap` has."""
        super().__init__(parent)
        self.setObjectName("point_drawing")
        self._document = document
        self._session = session
        self._map = over
        self._points: list[Point] = []
        self._stroke = 0  # number of the one under way
        self._strokes = 0
        self._tool = POSITIVE
        self._last = QPointF()
        self._changed = False
        self._random = np.random.default_rng(0)
        self._soon = QTimer(self)
        self._soon.setInterval(COMMIT_MS)
        self._soon.timeout.connect(self._commit)
        self._build()
        over.installEventFilter(self)
        theme.theme_changed.connect(self._paint)
        self._paint()
        self._show(False)

    def _build(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        self.draw = QPushButton("Draw")
        self.draw.setObjectName("draw_points")
        self.draw.setAccessibleName("Draw points")
        self.draw.setCheckable(True)
        self.draw.setToolTip("Draw points of your own into the map")
        self.draw.toggled.connect(self._show)
        row.addWidget(self.draw)
        self.tools = QButtonGroup(self)
        self.buttons: dict[str, QToolButton] = {}
        for tool, words in (
            (POSITIVE, "Draw the class +1, with the left button (key 1)"),
            (NEGATIVE, "Draw the class −1; the right button draws the other one (key 2)"),
            (ERASE, "Erase points (key E)"),
        ):
            button = QToolButton()
            button.setObjectName(f"draw_{tool}")
            button.setAccessibleName(words)
            button.setToolTip(words)
            button.setCheckable(True)
            button.setAutoRaise(True)
            button.setIconSize(QSize(18, 18))
            button.clicked.connect(lambda _=False, tool=tool: self.choose(tool))
            self.tools.addButton(button)
            self.buttons[tool] = button
            row.addWidget(button)
        row.addStretch(1)
        self.clear = QPushButton("Clear")
        self.clear.setObjectName("draw_clear")
        self.clear.setToolTip("Remove all points, to draw from nothing")
        self.clear.clicked.connect(lambda _checked=False: self.clear_points())
        row.addWidget(self.clear)

    def _paint(self) -> None:
        shown = theme.current()
        for tool in (POSITIVE, NEGATIVE):
            colour = shown.positive if tool == POSITIVE else shown.negative
            self.buttons[tool].setIcon(_dot(colour, shown.surface, self.devicePixelRatioF()))
        self.buttons[ERASE].setIcon(icons.icon("eraser"))

    # What the user does -----------------------------------------------------------------------

    @property
    def is_on(self) -> bool:
        """Whether the mouse draws."""
        return self.draw.isChecked()

    def choose(self, tool: str) -> None:
        """Draw a class, or erase."""
        self._tool = tool
        self.buttons[tool].setChecked(True)

    def _show(self, on: bool) -> None:
        for widget in (*self.buttons.values(), self.clear):
            widget.setVisible(on)
        self.choose(self._tool)
        shape = Qt.CursorShape.CrossCursor if on else Qt.CursorShape.ArrowCursor
        self._map.setCursor(shape)
        self._map.setFocusPolicy(Qt.FocusPolicy.StrongFocus if on else Qt.FocusPolicy.NoFocus)
        if not on:
            self._end()

    def clear_points(self) -> None:
        """A data set without points."""
        self._points = []
        self._put("Clear points", None)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not self.is_on or getattr(self._map, "columns", 0) != 2:
            return False
        if event.type() == QEvent.Type.MouseButtonPress and isinstance(event, QMouseEvent):
            return self._press(event)
        if event.type() == QEvent.Type.MouseMove and isinstance(event, QMouseEvent):
            if self._stroke:
                self._drag(event.position())
            return bool(self._stroke)
        if event.type() == QEvent.Type.MouseButtonRelease and self._stroke:
            self._end()
            return True
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._key(Qt.Key(event.key()))
        return False

    def _key(self, key: Qt.Key) -> bool:
        if key == Qt.Key.Key_Escape:
            self.draw.setChecked(False)
        elif key in KEYS:
            self.choose(KEYS[key])
        else:
            return False
        return True

    def _press(self, event: QMouseEvent) -> bool:
        buttons = (Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton)
        if self._stroke or event.button() not in buttons:
            return bool(self._stroke)
        if not self._map.area().contains(event.position()):  # type: ignore[attr-defined]
            return False
        self._points = self._present()
        self._strokes += 1
        self._stroke = self._strokes
        self._other = event.button() == Qt.MouseButton.RightButton
        self._last = event.position()
        self._touch(event.position(), spread=False)
        self._commit()
        self._soon.start()
        return True

    def _drag(self, position: QPointF) -> None:
        moved = position - self._last
        if self._tool == ERASE or np.hypot(moved.x(), moved.y()) >= SPRAY_EVERY:
            self._last = position
            self._touch(position, spread=True)

    def _end(self) -> None:
        self._soon.stop()
        if self._stroke:
            self._commit()
            self._stroke = 0
            self._document.end_merge()

    # Points -----------------------------------------------------------------------------------

    def _touch(self, position: QPointF, *, spread: bool) -> None:
        """Add or erase where the mouse is."""
        area = self._map.area()  # type: ignore[attr-defined]
        bounds = self._map.bounds  # type: ignore[attr-defined]
        (left, right), (low, high) = bounds
        scale_x, scale_y = (right - left) / area.width(), (high - low) / area.height()

        def place(at: QPointF) -> tuple[float, float]:
            x, y = left + (at.x() - area.left()) * scale_x, low + (area.bottom() - at.y()) * scale_y
            return float(x), float(y)

        if self._tool == ERASE:
            x, y = place(position)
            kept = [
                p
                for p in self._points
                if np.hypot((p[0] - x) / scale_x, (p[1] - y) / scale_y) > REACH
            ]
            self._changed = self._changed or len(kept) < len(self._points)
            self._points = kept
            return
        if spread:
            dx, dy = self._random.normal(0.0, SPREAD, 2)
            position = position + QPointF(float(dx), float(dy))
        if not area.contains(position) or len(self._points) >= MOST_POINTS:
            return
        x, y = place(position)
        low_class, high_class = self._classes()
        is_high = (self._tool == POSITIVE) != self._other
        self._points.append((_rounded(x), _rounded(y), high_class if is_high else low_class))
        self._changed = True

    def _classes(self) -> tuple[float, float]:
        """The numbers of the two classes: 0 and 1 for losses of logits."""
        return (0.0 if edits.loss_of(self._document.graph) in LOGIT_LOSSES else -1.0), 1.0

    def _present(self) -> list[Point]:
        """The points that are shown now."""
        data = edits.settings_of(self._document.graph)["data"]
        if data.get("name") == DRAWN:
            return [(float(x), float(y), float(t)) for x, y, t in data.get("points") or ()]
        plain = {key: value for key, value in data.items() if key not in ("features",)}
        try:
            found = dataset_of(plain)
        except VisualADError:
            return []
        if found.x.shape[1] != 2:
            return []
        rows = zip(found.x[:MOST_POINTS].tolist(), found.y[:MOST_POINTS, 0].tolist(), strict=True)
        return [(_rounded(x), _rounded(y), float(t)) for (x, y), t in rows]

    def _commit(self) -> None:
        if self._changed:
            self._changed = False
            name = "Erase points" if self._tool == ERASE else "Draw points"
            self._put(name, f"draw {id(self)} {self._stroke}")

    def _put(self, name: str, merge: str | None) -> None:
        points = [list(point) for point in self._points]
        self._document.apply(name, lambda graph: with_points(graph, points), merge)


def with_points(graph: Graph, points: list[list[float]]) -> Graph:
    """The graph with these points, [x1, x2, target] each, as its data; there may be none."""
    kept = edits.settings_of(graph)["data"]
    wanted = ("test_fraction", "seed", "features")
    data = {"name": DRAWN, "points": points}
    data |= {key: kept[key] for key in wanted if key in kept}
    if not points:
        return edits.with_training(graph, {"data": data})
    return edits.put_data(graph, data)


def _rounded(number: float) -> float:
    return round(number, 3)


def _dot(colour: str, halo: str, ratio: float) -> QIcon:
    pixmap = QPixmap(round(18 * ratio), round(18 * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QColor(halo))
    painter.setBrush(QColor(colour))
    painter.drawEllipse(QPointF(9, 9), 6, 6)
    painter.end()
    return QIcon(pixmap)
