"""Small parts that panels share: headings, muted text, sentences of error, empty states, rules."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QSizePolicy, QWidget

from visualad.gui import fonts, icons, theme

MARGIN = 16  # px at the sides of a panel


class Text(QLabel):
    """A label in a colour of the theme; it follows the theme by itself."""

    def __init__(
        self,
        text: str = "",
        token: str = "text",
        size: float = fonts.SIZE,
        weight: fonts.Weight = fonts.Weight.Normal,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, parent)
        self._token = token
        self.setFont(fonts.text(size, weight))
        self.setTextFormat(Qt.TextFormat.PlainText)
        theme.theme_changed.connect(self._paint)
        self._paint()

    def set_token(self, token: str) -> None:
        """Write in another colour of the theme."""
        if token != self._token:
            self._token = token
            self._paint()

    @property
    def token(self) -> str:
        """The colour it is written in."""
        return self._token

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        # A new style sheet takes the palette with it.
        if event.type() == QEvent.Type.StyleChange:
            self._paint()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._paint()

    def _paint(self) -> None:
        palette = self.palette()
        palette.setColor(
            QPalette.ColorRole.WindowText, QColor(getattr(theme.current(), self._token))
        )
        self.setPalette(palette)


class Prose(Text):
    """Text over several lines, as wide as there is room."""

    def __init__(
        self,
        text: str = "",
        token: str = "text",
        size: float = fonts.SIZE,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, token, size, parent=parent)
        self.setWordWrap(True)
        # Not Qt's height for width, which leaves room for the narrowest width there could be.
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(200, self.heightForWidth(self.width() if self.width() > 40 else 260))

    def minimumSizeHint(self) -> QSize:
        return QSize(1, self.sizeHint().height())

    def hasHeightForWidth(self) -> bool:
        return False

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()


class Elided(Text):
    """One line that is cut with an ellipsis where it does not fit; hovering shows all of it."""

    def minimumSizeHint(self) -> QSize:
        return QSize(24, super().minimumSizeHint().height())

    def sizeHint(self) -> QSize:
        return QSize(
            self.fontMetrics().horizontalAdvance(self.text()) + 2, super().sizeHint().height()
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        words = self.fontMetrics().elidedText(
            self.text(), Qt.TextElideMode.ElideRight, self.width()
        )
        painter.drawText(self.rect(), self.alignment() | Qt.AlignmentFlag.AlignVCenter, words)
        painter.end()

    def setText(self, text: str) -> None:
        super().setText(text)
        self.setToolTip(text)


class Sentence(QWidget):
    """An icon and a sentence: an error, a warning or a hint. Hidden while there is none."""

    def __init__(
        self, name: str, icon: str = "error", token: str = "error", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self._icon = (icon, token)
        self._mark = QLabel()
        self._mark.setFixedSize(16, 18)
        self.words = Prose(token=token)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 2, 0, 2)
        row.setSpacing(6)
        row.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.words, 1)
        theme.theme_changed.connect(self._paint)
        self._paint()
        self.hide()

    def say(self, sentence: str) -> None:
        """Show a sentence, or nothing for ""."""
        self.words.setText(sentence)
        self.setAccessibleName(sentence)
        self.setVisible(bool(sentence))

    @property
    def text(self) -> str:
        """What is said."""
        return self.words.text()

    def _paint(self) -> None:
        name, token = self._icon
        self._mark.setPixmap(icons.pixmap(name, 16, token, self.devicePixelRatioF()))


def heading(text: str) -> Text:
    """The title of a section."""
    return Text(text, "text", 12.0, fonts.Weight.DemiBold)


def muted(text: str = "", size: float = 12.0) -> Text:
    """Text of second rank."""
    return Text(text, "text_muted", size)


def scrolled(widget: QWidget, name: str = "", *, across: bool = False) -> QScrollArea:
    """A page that scrolls where it does not fit: downwards, and sideways if asked for."""
    area = QScrollArea()
    area.setObjectName(name)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    if not across:
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(widget)
    return area


def empty_state(text: str, name: str) -> Text:
    """What a panel says while there is nothing to show: what it is for and how to get it."""
    label = Text(text, "text_muted")
    label.setObjectName(name)
    label.setAlignment(Qt.AlignmentFlag.AlignCenter)
    label.setWordWrap(True)
    label.setMinimumWidth(1)
    label.setMargin(10)
    return label


def write_in_place(label: QLabel, text: str, narrowest: int) -> None:
    """Write a number that changes all the time into a label whose size is fixed.

    In any other label each number would lay out the whole window anew.
    """
    width = max(narrowest, label.fontMetrics().horizontalAdvance(text))
    if (label.minimumWidth(), label.maximumWidth()) != (width, width):
        label.setFixedSize(width, label.sizeHint().height())
    label.setText(text)


class Rule(QFrame):
    """A thin line between sections."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(1)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(theme.current().border))
        painter.end()
