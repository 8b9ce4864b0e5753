"""Combinations of Python and PySide6 that are known to crash."""

from __future__ import annotations

import re
import sys
from importlib import util
from pathlib import Path


def check_qt_version() -> str | None:
    """Say in one sentence why the window would crash, or return None. Does not import Qt.

    PySide6 6.12 drops one reference to None in every call of a C++ function without a result.
    None is immortal from Python 3.12 on; before, Python aborts after some thousand calls.
    """
    python = sys.version_info[:2]
    if python >= (3, 12):
        return None
    qt = _qt_version()
    if qt is None or _major_minor(qt) < (6, 12):
        return None
    return (
        f"PySide6 {qt} crashes on Python {python[0]}.{python[1]}: "
        'run pip install "PySide6-Essentials<6.12", or use Python 3.12 or newer.'
    )


def _qt_version() -> str | None:
    """As the package itself says: looking through all distributions would delay the window."""
    found = util.find_spec("PySide6")
    if found is None or found.origin is None:
        return None
    source = Path(found.origin).read_text(encoding="utf-8")
    said = re.search(r'^__version__ = "(.+)"', source, re.MULTILINE)
    return said[1] if said else None


def _major_minor(version: str) -> tuple[int, int]:
    found = re.match(r"(\d+)\.(\d+)", version)
    return (int(found[1]), int(found[2])) if found else (0, 0)
