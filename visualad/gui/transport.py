"""Play, pause, step, and a slider over the whole sweep, under the canvas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMenu, QSizePolicy, QToolButton, QWidget

from visualad.autodiff.steps import CROSS, Sweep, spent_until
from visualad.gui import icons, theme
from visualad.gui.session import Session

if TYPE_CHECKING:
    from visualad.gui.main_window import MainWindow


MARGINS = 60  # px left, right and between the groups


class Transport(QFrame):
    """The row of buttons, the slider, where we are and what it has cost so far."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__()
        self.setObjectName("transport")
        self.setAccessibleName("Film of the derivative")
        self._window = window
        self._session = window.session
        self.setFixedHeight(44)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 4, 16, 4)
        row.setSpacing(4)
        self.buttons = {
            name: window.commands.button(f"transport.{name}", 18)
            for name in ("first", "back", "play", "step", "step_inside", "last")
        }
        for button in self.buttons.values():
            row.addWidget(button)
        row.addSpacing(6)
        self.manners = {
            name: window.commands.button(f"transport.{name}", 18) for name in ("loop", "ask")
        }
        for button in self.manners.values():
            button.setCheckable(True)
            row.addWidget(button)
        row.addSpacing(10)
        self.slider = StepSlider(self._session)
        row.addWidget(self.slider, 1)
        row.addSpacing(10)
        self.position = QLabel()
        self.position.setObjectName("transport_position")
        row.addWidget(self.position)
        self.speed = QToolButton()
        self.speed.setObjectName("transport_speed")
        self.speed.setAccessibleName("Speed")
        self.speed.setToolTip("Speed of the film")
        self.speed.setAutoRaise(True)
        self.speed.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.speed.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self.speed)
        for action in window.commands.starting("transport.speed_"):
            menu.addAction(action)
        self.speed.setMenu(menu)
        row.addWidget(self.speed)
        self.count = QLabel()
        self.count.setObjectName("transport_count")
        row.addWidget(self.count)
        self._session.sweep_changed.connect(self.refresh)
        self._session.step_changed.connect(self.refresh)
        self._session.playing_changed.connect(self.refresh)
        self._session.progress_changed.connect(self.slider.update)
        self._session.playback.speed_changed.connect(self.refresh)
        self._session.playback.held_changed.connect(self.refresh)
        self._session.playback.manner_changed.connect(self.refresh)
        theme.theme_changed.connect(self._paint)
        self._paint()
        self.refresh()

    def refresh(self) -> None:
        """Show where we are."""
        sweep, index = self._session.sweep, self._session.step_index
        for name, button in self.buttons.items():
            button.setEnabled(self._window.commands[f"transport.{name}"].isEnabled())
        playback = self._session.playback
        for name, on in (("loop", playback.loops), ("ask", playback.holds)):
            self.manners[name].setChecked(on)
            self.manners[name].setIcon(icons.icon(name, self._token() if on else "text_muted"))
        playing = self._session.is_playing
        play = self.buttons["play"]
        play.setIcon(icons.icon("pause" if playing else "play", self._token()))
        play.setAccessibleName("Pause" if playing else "Play")
        self.position.setText(
            "what is the sum?" if self._session.playback.is_held else position_text(sweep, index)
        )
        self.count.setText(count_text(sweep, index))
        counted = f" ({sweep.cost.convention})" if sweep is not None else ""
        self.count.setToolTip(f"Multiplications and additions of the steps so far{counted}")
        self.position.setToolTip(self.count.text())
        self._share_room()
        self.speed.setText(f"{self._session.speed:g}×")
        self.slider.setEnabled(sweep is not None and len(sweep) > 0)
        self.slider.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share_room()

    def _share_room(self) -> None:
        """In a narrow window the count gives way; the position has it in its tip."""
        buttons = (*self.buttons.values(), *self.manners.values(), self.speed)
        texts = (self.position, self.count)
        needed = sum(b.sizeHint().width() + 4 for b in buttons) + self.slider.minimumWidth()
        needed += sum(max(t.minimumWidth(), t.sizeHint().width()) + 4 for t in texts)
        self.count.setVisible(self.width() >= needed + MARGINS)

    def _token(self) -> str:
        return self._session.mode if self._session.mode else "text"

    def _paint(self) -> None:
        colours = theme.current()
        self.setStyleSheet(
            f"#transport {{ background: {colours.surface};"
            f" border: none; border-top: 1px solid {colours.border};"
            f" border-bottom: 1px solid {colours.border}; }}"
            f"#transport QLabel {{ color: {colours.text_muted}; padding: 0 6px; }}"
        )
        # The numbers change in place: nothing else may move.
        metrics = self.fontMetrics()
        self.position.setMinimumWidth(metrics.horizontalAdvance("step 88 of 88") + 14)
        self.count.setMinimumWidth(metrics.horizontalAdvance("88 mul · 88 add") + 14)
        self.count.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.refresh()


class StepSlider(QWidget):
    """A slider over the steps; clicking anywhere jumps there, dragging scrubs."""

    jumped = Signal(int)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.setObjectName("transport_slider")
        self.setAccessibleName("Step of the derivative")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(26)
        self.setMinimumWidth(44)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMouseTracking(True)
        self._session = session

    @property
    def _steps(self) -> int:
        return len(self._session.sweep) if self._session.sweep is not None else 0

    @property
    def _share(self) -> float:
        """How much of the film has been shown, 0 to 1."""
        if not self._steps:
            return 0.0
        playback = self._session.playback
        length = playback.index - playback.first + 1  # of the move, in steps
        return max(0.0, playback.first + playback.progress * length) / self._steps

    def x_of(self, step: int) -> float:
        """Where the handle stands at the end of a step, in px; -1 is the very left."""
        left, width = self._groove()
        return left + width * (step + 1) / max(1, self._steps)

    def _groove(self) -> tuple[float, float]:
        return 9.0, self.width() - 18.0

    def _step_at(self, x: float) -> int:
        left, width = self._groove()
        return round((x - left) / width * self._steps) - 1

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._steps:
            self._jump(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton and self._steps:
            self._jump(event)
        elif self._steps:
            step = min(max(self._step_at(event.position().x()), -1), self._steps - 1)
            self.setToolTip(position_text(self._session.sweep, step))

    def _jump(self, event: QMouseEvent) -> None:
        self._session.go_to(self._step_at(event.position().x()))
        self.jumped.emit(self._session.step_index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        by = {Qt.Key.Key_PageUp: 5, Qt.Key.Key_PageDown: -5}.get(Qt.Key(event.key()))
        if by is None:
            super().keyPressEvent(event)
        else:
            self._session.step(by)

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.current()
        colour = colours.colour(self._session.mode or "accent")
        left, width = self._groove()
        middle = self.height() / 2
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colours.colour("border"))
        painter.drawRoundedRect(QRectF(left, middle - 2, width, 4), 2, 2)
        if not self.isEnabled():
            return
        if self._steps <= 60:
            painter.setPen(QPen(colours.colour("text_muted"), 1))
            for step in range(-1, self._steps):
                x = self.x_of(step)
                painter.drawLine(QPointF(x, middle + 5), QPointF(x, middle + 8))
            painter.setPen(Qt.PenStyle.NoPen)
        reached = left + width * self._share
        painter.setBrush(colour)
        painter.drawRoundedRect(QRectF(left, middle - 2, reached - left, 4), 2, 2)
        if self.hasFocus():
            painter.setBrush(colours.colour(f"{self._session.mode or 'accent'}_soft"))
            painter.drawEllipse(QPointF(reached, middle), 10, 10)
        painter.setBrush(colour)
        painter.drawEllipse(QPointF(reached, middle), 7, 7)


def position_text(sweep: Sweep | None, index: int) -> str:
    """Where we are, in words: "step 6 of 9"."""
    if sweep is None:
        return ""
    if not len(sweep):
        return "no steps yet" if sweep.mode == CROSS else "no steps"
    return f"start of {len(sweep)}" if index < 0 else f"step {index + 1} of {len(sweep)}"


def count_text(sweep: Sweep | None, index: int) -> str:
    """What the steps so far have multiplied and added: "9 mul · 2 add"."""
    if sweep is None:
        return ""
    products, sums = spent_until(sweep, index)
    return f"{products} mul · {sums} add"
