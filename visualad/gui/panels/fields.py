"""Fields in which numbers, words and choices are edited; each says beneath what is wrong."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QComboBox,
    QLineEdit,
    QSlider,
    QStyle,
    QStyleOptionComboBox,
    QStylePainter,
    QVBoxLayout,
    QWidget,
)

from visualad.errors import VisualADError
from visualad.gui import fonts, theme
from visualad.gui.entry import read_number
from visualad.gui.panels.parts import Prose

_ARROWS = (Qt.Key.Key_Up, Qt.Key.Key_Down)
_MOVES = (
    Qt.Key.Key_Left,
    Qt.Key.Key_Right,
    Qt.Key.Key_Home,
    Qt.Key.Key_End,
    Qt.Key.Key_Up,
    Qt.Key.Key_Down,
    Qt.Key.Key_PageUp,
    Qt.Key.Key_PageDown,
)


class Field(QLineEdit):
    """A line of text that is committed by Enter or by leaving it, and taken back by Escape.

    `commit` is called with what was read; what it raises as `VisualADError` is said by `fault`,
    the field then keeps what was typed and the value stays.

    Signals:
        fault: one sentence, or "" when all is well again.
        stepped: +1 or -1 by the arrow keys up and down.
    """

    fault = Signal(str)
    stepped = Signal(int)

    def __init__(
        self,
        name: str,
        label: str,
        read: Callable[[str], Any],
        commit: Callable[[Any], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName(label)
        self.setMinimumHeight(26)
        self._read = read
        self._commit = commit
        self._shown = ""
        self.returnPressed.connect(self.commit)
        self.textEdited.connect(lambda _: self._mark(""))

    def show_text(self, text: str) -> None:
        """Show a value from outside, unless somebody is typing something else."""
        if self.isModified() and self.hasFocus():
            return
        self._shown = text
        if text != self.text():
            self.setText(text)
            self.setCursorPosition(0)
        self.setModified(False)
        self._mark("")

    def commit(self) -> None:
        """Take what is typed as the value."""
        if not self.isModified():
            return
        try:
            value = self._read(self.text())
            self.setModified(False)
            self._commit(value)
        except VisualADError as error:
            self.setModified(True)
            self._mark(error.message)
        else:
            self._mark("")

    def take_back(self) -> None:
        """Show the value that holds again."""
        self.setText(self._shown)
        self.setModified(False)
        self._mark("")

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.commit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.isModified():
            self.take_back()
        elif event.key() in _ARROWS:
            self.stepped.emit(1 if event.key() == Qt.Key.Key_Up else -1)
        else:
            super().keyPressEvent(event)

    def _mark(self, sentence: str) -> None:
        flag = "true" if sentence else "false"
        if self.property("invalid") != flag:
            self.setProperty("invalid", flag)
            self.style().unpolish(self)
            self.style().polish(self)
        self.fault.emit(sentence)


def number_field(
    name: str,
    label: str,
    commit: Callable[[Any], None],
    read: Callable[[str], Any] = read_number,
) -> Field:
    """A field for one number; also reads `pi/2`. Figures stand at the right."""
    field = Field(name, label, read, commit)
    field.setAlignment(Qt.AlignmentFlag.AlignRight)
    field.setFont(fonts.text())
    field.setToolTip("A number, or arithmetic such as pi/2")
    return field


class Faulty(QWidget):
    """A field with room beneath for the sentence that says what is wrong with it."""

    def __init__(self, field: Field, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field = field
        self.sentence = Prose(token="error", size=12.0)
        self.sentence.setObjectName(f"{field.objectName()}_fault")
        self.sentence.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(field)
        column.addWidget(self.sentence)
        field.fault.connect(self._say)

    def _say(self, sentence: str) -> None:
        self.sentence.setText(sentence)
        self.sentence.setVisible(bool(sentence))


class Choice(QComboBox):
    """A few values to choose from; the wheel scrolls the panel, not the choice."""

    def __init__(
        self,
        name: str,
        label: str,
        items: Iterable[tuple[str, Any]],
        chosen: Callable[[Any], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self.setAccessibleName(label)
        self.setMinimumHeight(26)
        self.setMinimumContentsLength(4)
        # The arrow is drawn below, in the colours of the theme.
        self.setStyleSheet(
            "QComboBox::drop-down { border: none; width: 22px; }"
            "QComboBox::down-arrow { image: none; }"
        )
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.set_items(items)
        self.activated.connect(lambda index: chosen(self.itemData(index)))

    def set_items(self, items: Iterable[tuple[str, Any]]) -> None:
        """Offer other values; the one shown stays when it is among them."""
        listed = list(items)
        if [(self.itemText(i), self.itemData(i)) for i in range(self.count())] == listed:
            return
        current = self.currentData()
        self.clear()
        for text, data in listed:
            self.addItem(text, data)
        self.show_data(current)

    def show_data(self, data: Any) -> None:
        """Show a value from outside; none when it is not among the choices."""
        for index in range(self.count()):
            if self.itemData(index) == data:
                self.setCurrentIndex(index)
                return
        self.setCurrentIndex(-1)

    def paintEvent(self, event: QPaintEvent) -> None:
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        room = self.width() - 38
        if not self.itemIcon(self.currentIndex()).isNull():
            room -= self.iconSize().width() + 6
        option.currentText = self.fontMetrics().elidedText(  # type: ignore[attr-defined]
            self.currentText(), Qt.TextElideMode.ElideRight, room
        )
        painter = QStylePainter(self)
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        token = "text_muted" if self.isEnabled() else "border"
        painter.setPen(QPen(theme.current().colour(token), 1.4))
        middle = QPointF(self.width() - 13, self.height() / 2 + 1.5)
        corner = QPointF(3.5, -3.5)
        painter.drawLine(middle - QPointF(3.5, 3.5), middle)
        painter.drawLine(middle, middle + corner)
        painter.end()

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


class Slider(QSlider):
    """A slider over real numbers.

    Signals:
        moved: the number, while it is dragged or moved by keys.
        released: the drag has ended.
    """

    moved = Signal(float)
    released = Signal()
    STEPS = 1000

    def __init__(self, name: str, label: str, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setObjectName(name)
        self.setAccessibleName(label)
        self.setRange(0, self.STEPS)
        self.setPageStep(self.STEPS // 20)
        self.setSingleStep(self.STEPS // 100)
        self.setMinimumWidth(40)
        self.setMinimumHeight(24)
        self._low, self._high = 0.0, 1.0
        self._showing = False
        self.valueChanged.connect(self._tell)
        self.sliderReleased.connect(self.released)

    def show_number(self, number: float, low: float, high: float) -> None:
        """Show a number from outside between these ends."""
        self._low, self._high = low, high
        if self.isSliderDown():
            return
        share = (number - low) / (high - low) if high > low else 0.0
        if math.isnan(share):  # not a number stands nowhere
            share = 0.5
        self._showing = True
        self.setValue(round(min(max(share, 0.0), 1.0) * self.STEPS))
        self._showing = False

    def number(self, position: int) -> float:
        """The number at a position, as short as the resolution allows."""
        span = self._high - self._low
        if position == self.STEPS:
            return self._high
        exact = self._low + span * position / self.STEPS
        return float(f"{exact:.{_digits(exact, span / self.STEPS)}g}")

    def _tell(self, position: int) -> None:
        if not self._showing:
            self.moved.emit(self.number(position))

    def event(self, event: QEvent) -> bool:
        # Arrow keys move the slider that has the focus, whatever they are shortcuts for.
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() in _MOVES
        ):
            event.accept()
            return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            # A click on the groove takes the handle there, as people expect.
            share = (event.position().x() - 7) / max(self.width() - 14, 1)
            target = round(min(max(share, 0.0), 1.0) * self.STEPS)
            handle = 7 + (self.width() - 14) * self.value() / self.STEPS
            if abs(handle - event.position().x()) > 8:
                self.setValue(target)
        super().mousePressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


def _digits(number: float, resolution: float) -> int:
    """Significant digits that tell a number from its neighbours at this resolution."""
    from math import floor, log10

    if number == 0 or resolution <= 0:
        return 1
    return max(1, floor(log10(abs(number))) - floor(log10(resolution)) + 1)
