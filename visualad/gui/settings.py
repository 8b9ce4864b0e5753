"""What the window remembers between runs, in one ini file in the user's settings folder."""

from __future__ import annotations

from pathlib import Path

import platformdirs
from PySide6.QtCore import QByteArray, QSettings
from PySide6.QtGui import QGuiApplication

LAYOUT_VERSION = 2  # of docks and toolbars; another number forgets remembered layouts
MOST_RECENT = 10


def settings_folder() -> Path:
    """Folder of the settings file."""
    return Path(platformdirs.user_config_dir("visualad", appauthor=False))


def data_folder() -> Path:
    """Folder for recovery files and the log."""
    return Path(platformdirs.user_data_dir("visualad", appauthor=False))


def system_reduces_motion() -> bool:
    """Whether the user asked the whole system for less motion; Qt tells from 6.12 on."""
    hints = QGuiApplication.styleHints()  # kept: what it owns dies with it
    preference = getattr(hints.accessibility(), "motionPreference", None)
    return preference is not None and preference().name == "ReduceMotion"


class Settings:
    """Typed access to the file; what cannot be read there counts as never set."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path if path is not None else settings_folder() / "window.ini"
        self._file = QSettings(str(self.path), QSettings.Format.IniFormat)

    @property
    def theme(self) -> str:
        """Name of the theme; "light" or "dark"."""
        found = str(self._file.value("theme", "light"))
        return found if found in ("light", "dark") else "light"

    @theme.setter
    def theme(self, name: str) -> None:
        self._file.setValue("theme", name)

    @property
    def hint_seen(self) -> bool:
        """Whether the hint of the first start was dismissed."""
        return self._file.value("hint_seen", "false") in (True, "true")

    @hint_seen.setter
    def hint_seen(self, seen: bool) -> None:
        self._file.setValue("hint_seen", seen)

    @property
    def reduced_motion(self) -> bool:
        """Whether nothing should travel or fade; what the system asks for until set here."""
        chosen = self._file.value("reduced_motion")
        return system_reduces_motion() if chosen is None else chosen in (True, "true")

    @reduced_motion.setter
    def reduced_motion(self, reduced: bool) -> None:
        self._file.setValue("reduced_motion", reduced)

    @property
    def recent(self) -> list[str]:
        """Paths of files opened or saved, the latest first."""
        found = self._file.value("recent", [])
        paths = [found] if isinstance(found, str) else found if isinstance(found, list) else []
        return [str(path) for path in paths][:MOST_RECENT]

    @recent.setter
    def recent(self, paths: list[str]) -> None:
        self._file.setValue("recent", paths[:MOST_RECENT])

    @property
    def geometry(self) -> QByteArray:
        """Place and size of the window; empty when never stored."""
        return self._bytes("geometry")

    @property
    def layout(self) -> QByteArray:
        """Places of docks and toolbars; empty when never stored."""
        return self._bytes(f"layout{LAYOUT_VERSION}")

    def store_window(self, geometry: QByteArray, layout: QByteArray) -> None:
        """Remember where the window and its docks are."""
        self._file.setValue("geometry", geometry)
        self._file.setValue(f"layout{LAYOUT_VERSION}", layout)
        self._file.sync()

    def _bytes(self, key: str) -> QByteArray:
        found = self._file.value(key)
        return found if isinstance(found, QByteArray) else QByteArray()
