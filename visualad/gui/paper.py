"""PDF pages whose unit is the px of the screen."""

from __future__ import annotations

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMarginsF, QSizeF
from PySide6.QtGui import QPageLayout, QPageSize, QPainter, QPdfWriter

_RESOLUTION = 96  # px in an inch, which is what CSS and Qt call 100 %


class Paper:
    """A PDF that is being written, in a `with` block. Draw with `painter`, then take `content`.

    Args:
        width, height: of every page in px.
        title: of the document.
    """

    def __init__(self, width: float, height: float, title: str) -> None:
        self._content = QByteArray()
        self._buffer = QBuffer(self._content)
        self._buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        self._writer = QPdfWriter(self._buffer)
        self._writer.setTitle(title)
        self._writer.setCreator("VisualAD")
        self._writer.setResolution(_RESOLUTION)
        inches = QSizeF(width / _RESOLUTION, height / _RESOLUTION)
        size = QPageSize(inches, QPageSize.Unit.Inch, title, QPageSize.SizeMatchPolicy.ExactMatch)
        self._writer.setPageLayout(QPageLayout(size, QPageLayout.Orientation.Portrait, QMarginsF()))
        self.painter = QPainter(self._writer)
        self._pages = 0

    def __enter__(self) -> Paper:
        return self

    def __exit__(self, *_: object) -> None:
        # Qt crashes when paper goes while a painter works on it.
        if self.painter.isActive():
            self.painter.end()

    def turn(self) -> None:
        """Begin a page; the first is there already."""
        if self._pages:
            self._writer.newPage()
        self._pages += 1

    def content(self) -> bytes:
        """The whole file; nothing can be drawn after this."""
        self.painter.end()
        self._buffer.close()
        return bytes(self._content.data())
