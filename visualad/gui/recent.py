"""The list of files opened or saved lately."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from visualad.gui.settings import Settings


class RecentFiles(QObject):
    """Paths, the latest first, kept in the settings."""

    changed = Signal()

    def __init__(self, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings = settings

    @property
    def paths(self) -> list[Path]:
        """The files, whether they are still there or not."""
        return [Path(path) for path in self._settings.recent]

    def add(self, path: Path) -> None:
        """Put a file first."""
        rest = [p for p in self._settings.recent if p != str(path)]
        self._settings.recent = [str(path), *rest]
        self.changed.emit()

    def remove(self, path: Path) -> None:
        """Forget a file."""
        self._settings.recent = [p for p in self._settings.recent if p != str(path)]
        self.changed.emit()

    def clear(self) -> None:
        """Forget all."""
        self._settings.recent = []
        self.changed.emit()
