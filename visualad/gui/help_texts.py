"""Texts of the Help and Plugins menus, made from what is there."""

from __future__ import annotations

import platform

import numpy as np
from PySide6.QtCore import qVersion
from PySide6.QtGui import QKeySequence

import visualad
from visualad.gui.commands import COMMANDS


def shortcuts() -> str:
    """All commands that have a shortcut, with it, in two columns."""
    rows = []
    for entry in COMMANDS.values():
        if entry.shortcuts:
            keys = " or ".join(
                QKeySequence(k).toString(QKeySequence.SequenceFormat.NativeText)
                for k in entry.shortcuts
            )
            place = entry.menu.partition("/")[0] or "Window"
            rows.append((place, entry.title.rstrip("…"), keys))
    rows += [
        ("Canvas", "Move the view", "middle mouse button"),
        ("Canvas", "Zoom", "mouse wheel or pinch"),
    ]
    width = max(len(title) for _, title, _ in rows) + 4
    lines: list[str] = []
    last = ""
    for place, title, keys in rows:
        if place != last:
            lines += ["", place] if lines else [place]
            last = place
        lines.append(f"  {title:{width}}{keys}")
    return "\n".join(lines)


def about() -> tuple[str, str]:
    """Name and version, and what it runs on."""
    return (
        f"VisualAD {visualad.__version__}: computational graphs and their derivatives.",
        "\n".join(
            (
                "Licence: BSD-3-Clause.",
                "Fonts: Inter (SIL Open Font License 1.1) and DejaVu (free licence).",
                "",
                f"Python {platform.python_version()}",
                f"Qt {qVersion()}",
                f"NumPy {np.__version__}",
                f"{platform.system()} {platform.release()} {platform.machine()}",
            )
        ),
    )
