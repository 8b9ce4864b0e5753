"""The menu of backends for training; one that cannot run here says what to do about it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

WIDEST = 420  # px of a line


class BackendMenu(QMenu):
    """All backends that there are when it opens."""

    def __init__(
        self, chosen: Callable[[], str], choose: Callable[[str], object], parent: QWidget
    ) -> None:
        """Make it.

        Args:
            chosen: gives the name of the backend in use; choose: takes another.
        """
        super().__init__(parent)
        self._chosen = chosen
        self._choose = choose
        self.setToolTipsVisible(True)
        self.aboutToShow.connect(self.fill)

    def fill(self) -> None:
        """Offer the backends that there are now."""
        from visualad.engine.backend import absent_backends, backends  # late: few ask

        self.clear()
        for backend in backends():
            title, able = backend_title(backend.name), backend.is_available()
            action = QAction(title if able else self._line(title, backend.description), self)
            action.setCheckable(True)
            action.setChecked(backend.name == self._chosen())
            action.setData(backend.name)
            action.setToolTip(backend.description)
            action.setEnabled(able)
            action.triggered.connect(lambda _=False, name=backend.name: self._choose(name))
            self.addAction(action)
        for name, command in absent_backends().items():
            action = QAction(self._line(backend_title(name), command), self)
            action.setData(name)
            action.setToolTip(command)
            action.setEnabled(False)
            self.addAction(action)

    def _line(self, title: str, words: str) -> str:
        """What a backend says that cannot run, no wider than a small window; its tip has it all."""
        metrics, elide = self.fontMetrics(), Qt.TextElideMode.ElideRight
        return metrics.elidedText(f"{title}: {words}", elide, WIDEST)


def backend_title(name: str) -> str:
    """How a backend is written on screen."""
    return {"numpy": "NumPy", "numba": "Numba", "cuda": "CUDA"}.get(name, name)
