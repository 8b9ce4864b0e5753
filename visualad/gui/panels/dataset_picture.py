"""Data sets as small pictures, drawn from their points."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QAbstractButton, QSizePolicy

from visualad.errors import VisualADError
from visualad.gui import fonts, theme
from visualad.gui.session import Session
from visualad.kernel.data_messages import DatasetDrawn, DrawDataset
from visualad.kernel.messages import Failed, Reply
from visualad.training.columns import is_data_file
from visualad.training.data_settings import from_settings, settings_key
from visualad.training.datasets import Dataset, load
from visualad.training.drawn import DRAWN
from visualad.training.generators import GENERATORS
from visualad.training.shipped import SHIPPED

POINTS = 150  # in a thumbnail
MOST_DRAWN = 24  # data sets of plugins and files that are kept
ASK_AGAIN = 3.0  # seconds after which a file that could not be read may have been mended


class NotDrawnError(VisualADError):
    """A data set of a plugin or a file that the kernel has not sent yet; `settings` says which."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        super().__init__("The data are being read.")
        self.settings = dict(settings)


_drawn: dict[Hashable, Dataset] = {}
_awaited: dict[Hashable, list[Callable[[], object]]] = {}
_failed: dict[Hashable, tuple[str, float]] = {}  # why, and when


def draw(session: Session, settings: Mapping[str, Any], then: Callable[[], object]) -> None:
    """Have the kernel draw a data set; `dataset_of` then has it. Errors are told."""

    key = settings_key(settings)

    def take(reply: Reply) -> None:
        waiting = _awaited.pop(key, [])
        if isinstance(reply, DatasetDrawn):
            while len(_drawn) >= MOST_DRAWN:
                del _drawn[next(iter(_drawn))]
            _drawn[key] = Dataset(
                reply.x,
                reply.y,
                reply.names,
                reply.task,
                reply.name,
                tested=reply.tested,
                classes=reply.classes,
                image=reply.image,
            )
        elif isinstance(reply, Failed):
            _failed[key] = (reply.message, time.monotonic())
            session.problem.emit(reply.message, reply.detail)
        for call in waiting:
            call()

    if key in _awaited:
        _awaited[key].append(then)
    elif session.ask(DrawDataset(dict(settings)), take):
        _awaited[key] = [then]


def forget_drawn() -> None:
    """Plugins have changed: draw their data sets anew."""
    _drawn.clear()
    _failed.clear()
    _awaited.clear()
    _loaded.cache_clear()
    _sample.cache_clear()


@lru_cache(maxsize=64)
def _sample(name: str, noise: float | None, seed: int) -> Dataset | None:
    try:
        return load(name, n=POINTS, noise=noise, seed=seed)
    except VisualADError:
        return None


@lru_cache(maxsize=8)
def _loaded(key: Hashable) -> Dataset:
    # Nothing that is loaded here is a mapping within the settings.
    return from_settings(dict(key))  # type: ignore[call-overload]


def dataset_of(settings: Mapping[str, Any]) -> Dataset:
    """The data set of `graph.training["data"]`; the last few are kept.

    Raises:
        NotDrawnError: if it is a plugin's or a file and has to be drawn with `draw` before.
        VisualADError: if there is none.
    """
    key = settings_key(settings)
    if key in _drawn:
        return _drawn[key]
    sentence, when = _failed.get(key, ("", 0.0))
    if sentence and time.monotonic() - when < ASK_AGAIN:
        raise VisualADError(sentence)
    name = str(settings.get("name", "circle"))
    generator = GENERATORS.get(name)
    is_file = generator is None and name not in (*SHIPPED, DRAWN) and is_data_file(Path(name))
    if is_file or (generator is not None and generator.described):
        raise NotDrawnError(settings)
    return _loaded(key)


def point_colour(target: float) -> QColor:
    """Colour of a point by its target, -1 to 1."""
    shown = theme.current()
    if target > 0:
        mixed = theme.mixed(shown.neutral, shown.positive, min(0.25 + 0.75 * target, 1.0))
    else:
        mixed = theme.mixed(shown.neutral, shown.negative, min(0.25 - 0.75 * target, 1.0))
    return QColor(mixed)


def draw_dataset(painter: QPainter, data: Dataset, area: QRectF, radius: float) -> None:
    """Draw the points into an area: a plane with colours, or a curve for one input."""
    x, y = data.x, data.y[:, 0]
    painter.setPen(Qt.PenStyle.NoPen)
    if x.shape[1] == 1:
        across, up = x[:, 0], y
        painter.setBrush(QColor(theme.current().positive))
        colours = None
    else:
        across, up = x[:, 0], x[:, 1]
        reach = float(np.abs(y).max()) or 1.0
        colours = [point_colour(float(value) / reach) for value in y]
    low, high = float(across.min()), float(across.max())
    bottom, top = float(up.min()), float(up.max())
    for index in range(len(x)):
        share_x = (across[index] - low) / ((high - low) or 1.0)
        share_y = (up[index] - bottom) / ((top - bottom) or 1.0)
        if colours is not None:
            painter.setBrush(colours[index])
        place = QPointF(
            area.left() + share_x * area.width(), area.bottom() - share_y * area.height()
        )
        painter.drawEllipse(place, radius, radius)


class DatasetButton(QAbstractButton):
    """A thumbnail of a data set with its name beneath; checked when it is the one in use."""

    def __init__(
        self,
        name: str,
        title: str,
        session: Session | None = None,
        size: tuple[int, int] = (54, 52),
    ) -> None:
        """Make it.

        Args:
            size: of the picture, px; its width is the most there is.
        """
        super().__init__()
        self.name = name
        self._size = size
        self._session = session
        self.setText(title)
        self.setObjectName(f"dataset_{name}")
        self.setAccessibleName(f"Data set {title}")
        self.setCheckable(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._noise: float | None = None
        self._seed = 0
        self._picture: QPixmap | None = None
        theme.theme_changed.connect(self._forget)

    def show_data(self, noise: float | None, seed: int) -> None:
        """Draw the data with this noise and seed."""
        if (noise, seed) != (self._noise, self._seed):
            self._noise, self._seed = noise, seed
            self._forget()

    def sizeHint(self) -> QSize:
        return QSize(self._size[0] + 4, self._size[1] + 22)

    def minimumSizeHint(self) -> QSize:
        return QSize(44, self._size[1] + 22)

    def paintEvent(self, event: QPaintEvent) -> None:
        shown = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self.isEnabled():
            painter.setOpacity(0.4)
        side = min(self.width() - 4, self._size[0])
        height = self._size[1]
        box = QRectF((self.width() - side) / 2, 2, side, height)
        line = shown.accent if self.isChecked() or self.hasFocus() else shown.border
        painter.setPen(QPen(QColor(line), 2.0 if self.isChecked() else 1.0))
        painter.setBrush(QColor(shown.hover if self.underMouse() else shown.surface))
        painter.drawRoundedRect(box, 4, 4)
        inside = box.adjusted(5, 5, -5, -5)
        ratio = self.devicePixelRatioF()
        picture = self._picture
        if picture is None or picture.deviceIndependentSize() != inside.size():
            picture = self._draw(inside, ratio)
        painter.drawPixmap(inside.topLeft(), picture)
        weight = fonts.Weight.DemiBold if self.isChecked() else fonts.Weight.Normal
        painter.setFont(fonts.text(11.0, weight))
        painter.setPen(QColor(shown.text))
        below = QRectF(0, height + 3, self.width(), 18)
        words = painter.fontMetrics().elidedText(
            self.text(), Qt.TextElideMode.ElideRight, self.width()
        )
        painter.drawText(below, Qt.AlignmentFlag.AlignCenter, words)
        painter.end()

    def _draw(self, inside: QRectF, ratio: float) -> QPixmap:
        picture = QPixmap(round(inside.width() * ratio), round(inside.height() * ratio))
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        data = self._points()
        if data is not None:
            painter = QPainter(picture)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            draw_dataset(painter, data, QRectF(1, 1, inside.width() - 2, inside.height() - 2), 1.2)
            painter.end()
        self._picture = picture
        return picture

    def _points(self) -> Dataset | None:
        generator = GENERATORS.get(self.name)
        if generator is None or not generator.described:
            return _sample(self.name, self._noise, self._seed)
        noise = generator.noise if self._noise is None else self._noise
        settings = {"name": self.name, "n": POINTS, "noise": noise, "seed": self._seed}
        try:
            return dataset_of(settings)
        except NotDrawnError:
            if self._session is not None:
                draw(self._session, settings, self._forget)
            return None

    def _forget(self) -> None:
        self._picture = None
        self.update()
