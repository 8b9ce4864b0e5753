"""The questions that the window asks. Tests put their own answers in the place of this object."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog, QInputDialog, QMessageBox, QWidget

from visualad.gui import icons

if TYPE_CHECKING:
    from visualad.gui.recovery import Leftover

VAD = "VisualAD graphs (*.vad)"
DATA = "Data (*.csv *.tsv *.txt *.csv.gz *.tsv.gz *.npz *.npy *idx*);;All files (*)"


class Dialogs:
    """Modal questions, each of which gives the user's answer."""

    def __init__(self, parent: QWidget) -> None:
        self._parent = parent

    def save_changes(self, title: str) -> str:
        """Whether to save before the document goes: "save", "discard" or "cancel"."""
        box = QMessageBox(self._parent)
        box.setObjectName("save_changes")
        box.setIconPixmap(icons.pixmap("help", 32, "accent", self._parent.devicePixelRatioF()))
        box.setWindowTitle("VisualAD")
        box.setText(f"Save the changes to “{title}”?")
        box.setInformativeText("They are lost if you do not save them.")
        buttons = QMessageBox.StandardButton
        box.setStandardButtons(buttons.Save | buttons.Discard | buttons.Cancel)
        box.setDefaultButton(buttons.Save)
        answer = box.exec()
        box.deleteLater()
        return {int(buttons.Save): "save", int(buttons.Discard): "discard"}.get(answer, "cancel")

    def recover(self, leftover: Leftover) -> str:
        """Whether to take up work of a program that died: "recover", "discard" or "later"."""
        when = time.strftime("%H:%M on %d %B %Y", time.localtime(leftover.when))
        box = QMessageBox(self._parent)
        box.setObjectName("recover")
        box.setIconPixmap(icons.pixmap("help", 32, "accent", self._parent.devicePixelRatioF()))
        box.setWindowTitle("VisualAD")
        box.setText(f"“{leftover.title}” was not saved when VisualAD ended unexpectedly.")
        box.setInformativeText(f"It was kept safe at {when}. Your own file has not been changed.")
        recover = box.addButton("Recover", QMessageBox.ButtonRole.AcceptRole)
        discard = box.addButton("Discard", QMessageBox.ButtonRole.DestructiveRole)
        box.addButton("Later", QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(recover)
        box.exec()
        clicked = box.clickedButton()
        box.deleteLater()
        return "recover" if clicked is recover else "discard" if clicked is discard else "later"

    def open_path(self, folder: str) -> Path | None:
        """Which file to open."""
        from visualad.exchange.extensions import IMPORTERS  # late: the formats come along

        further = [f"{one.title} (*{suffix})" for suffix, one in IMPORTERS.items()]
        filters = ";;".join((VAD, *further))
        name, _ = QFileDialog.getOpenFileName(self._parent, "Open", folder, filters)
        return Path(name) if name else None

    def data_path(self, folder: str) -> Path | None:
        """Which file of data to open."""
        name, _ = QFileDialog.getOpenFileName(self._parent, "Open Data", folder, DATA)
        return Path(name) if name else None

    def table_path(self, folder: str) -> Path | None:
        """Which table of numbers to read."""
        filters = "Tables (*.csv *.tsv *.txt);;All files (*)"
        name, _ = QFileDialog.getOpenFileName(self._parent, "Open Table", folder, filters)
        return Path(name) if name else None

    def plugin_name(self) -> str:
        """What a new plugin is called; "" when the user thought better of it."""
        name, chosen = QInputDialog.getText(
            self._parent, "New Plugin", "Name of the node type, such as softplus:"
        )
        return name.strip() if chosen else ""

    def sample(self, shown: int, count: int) -> int | None:
        """Which sample to show, counted from 0; None when the user thought better of it."""
        number, chosen = QInputDialog.getInt(
            self._parent, "Show One Sample", f"Sample, from 1 to {count}:", shown + 1, 1, count
        )
        return number - 1 if chosen else None

    def save_path(self, suggested: str) -> Path | None:
        """Where to save; the ending is there."""
        name, _ = QFileDialog.getSaveFileName(self._parent, "Save As", suggested, VAD)
        return with_ending(Path(name), ".vad") if name else None

    def export_path(self, suggested: str, filters: list[str]) -> Path | None:
        """Where to export, in which format; without an ending it gets that of the filter."""
        name, chosen = QFileDialog.getSaveFileName(
            self._parent, "Export", suggested, ";;".join(filters)
        )
        ending = chosen.partition("*")[2].rstrip(")").split()[0] if "*" in chosen else ""
        return with_ending(Path(name), ending) if name else None


def with_ending(path: Path, ending: str) -> Path:
    """The path with an ending, if it has none."""
    return path if path.suffix or not ending else path.with_name(path.name + ending)
