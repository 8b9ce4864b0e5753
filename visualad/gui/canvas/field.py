"""The field in which a name or a number is typed on the card itself."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from visualad.gui import fonts


class CardField(QLineEdit):
    """One line that lies over a card; Enter or leaving it accepts, Escape does not."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._canvas = parent
        self.setObjectName("card_field")
        self._accept: Callable[[str], bool] = lambda text: True
        self._close: Callable[[], object] = lambda: None
        self._start = ""
        self.hide()

    def open(
        self,
        text: str,
        where: QRect,
        accept: Callable[[str], bool],
        close: Callable[[], object],
        *,
        name: str,
        size: float,
    ) -> None:
        """Show the field.

        Args:
            accept: takes the text; False keeps the field open.
            close: called when it goes, however.
            name: for assistive tools: "Name of x4".
        """
        self._accept, self._close, self._start = accept, close, text
        self.setAccessibleName(name)
        self.setFont(fonts.text(size, fonts.Weight.DemiBold))
        self.setStyleSheet("QLineEdit { padding: 0 4px; border-radius: 3px; }")
        self.setProperty("invalid", False)
        self.setText(text)
        self.setGeometry(where)
        self.show()
        self.raise_()
        self.selectAll()
        self.setFocus(Qt.FocusReason.PopupFocusReason)

    def finish(self, *, accept: bool) -> None:
        """Take the text, or leave all as it was; for a text that is wrong the field stays."""
        if self.isHidden():
            return
        text = self.text().strip()
        if accept and text != self._start and not self._accept(text):
            self.setProperty("invalid", True)
            self.style().polish(self)
            return
        self._leave()

    def _leave(self) -> None:
        had_focus = self.hasFocus()
        close, self._close = self._close, lambda: None
        self.hide()
        close()
        if had_focus:
            self._canvas.setFocus(Qt.FocusReason.PopupFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.finish(accept=True)
        elif event.key() == Qt.Key.Key_Escape:
            self.finish(accept=False)
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if self.isHidden() or event.reason() == Qt.FocusReason.ActiveWindowFocusReason:
            return
        text = self.text().strip()
        if text != self._start:
            self._accept(text)  # what cannot be accepted has been said; the old value stays
        self._leave()
