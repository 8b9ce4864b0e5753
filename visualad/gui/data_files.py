"""Data sets for the document: from files that are opened or dropped, and those that come along."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from PySide6.QtCore import QObject

from visualad.kernel.messages import Failed, Reply
from visualad.training.shipped import SHIPPED

# What few windows need is imported when it is: tables, messages about data.
if TYPE_CHECKING:
    from visualad.gui.main_window import MainWindow
    from visualad.gui.panels.data_dialog import DataDialog
    from visualad.gui.panels.decision_map import DecisionMapPanel
    from visualad.gui.panels.point_drawing import PointDrawing
    from visualad.kernel.data_messages import DataTaken


class DataFiles(QObject):
    """Brings data sets into the document of a window, each as one undoable step.

    Attributes:
        dialog: the one that is open, or None.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.dialog: DataDialog | None = None

    def open(self, path: Path | None = None) -> None:
        """Show what is in a file and let the user choose; asks which file when none is given."""
        if path is None:
            path = self._window.dialogs.data_path(str(self._window.files.folder()))
        if path is not None:
            self._show(str(path.absolute()))

    @property
    def can_edit(self) -> bool:
        """Whether the data of the graph have columns to choose from."""
        data = self._window.document.graph.training.get("data") or {}
        name = str(data.get("name", ""))
        if not name or name in SHIPPED or data.get("content"):
            return bool(name or data.get("content"))
        from visualad.training.columns import is_data_file

        return is_data_file(Path(name))

    def edit(self) -> None:
        """Choose other columns of the data that the graph has, or another split."""
        data = self._window.document.graph.training.get("data") or {}
        self._show(str(data.get("name", "")), data)

    def _show(self, path: str, known: Mapping[str, Any] | None = None) -> None:
        from visualad.gui.panels.data_dialog import DataDialog  # its tables take time to import

        if self.dialog is not None:
            self.dialog.reject()
        window = self._window
        dialog = DataDialog(window.kernel, window.document.graph, path, window, known)
        self.dialog = dialog
        dialog.accepted.connect(self._accepted)
        dialog.finished.connect(self._closed)
        dialog.open()

    def take(self, name: str) -> None:
        """Use a data set that comes along: "digits", "iris", "wine", "breast_cancer", "diabetes".

        A graph that does not fit becomes a perceptron that does; Undo brings it back.
        """
        from visualad.kernel.data_messages import FIT

        self._ask({"name": name}, FIT, None)

    @property
    def is_drawing(self) -> bool:
        """Whether the mouse draws points in the decision map."""
        drawing = self._drawing
        return drawing is not None and drawing.is_on

    def toggle_drawing(self) -> None:
        """Draw points in the decision map, or no longer."""
        from visualad.gui.panels.training_edits import input_columns

        self._window.docks.panel("decision_map")  # it has the tools
        drawing, graph = self._drawing, self._window.document.graph
        columns = input_columns(graph)
        in_plane = columns in (2, None) or (graph.training.get("data") or {}).get("features")
        if drawing is not None and not drawing.is_on and not in_plane:
            self._window.notifications.show(
                f"Points are drawn in the plane, but the network takes {columns} inputs; "
                "File > New Multilayer Perceptron… makes one with two.",
                "info",
            )
        elif drawing is not None:
            self._window.docks.raise_("decision_map")
            drawing.draw.toggle()
            self._window.commands.refresh()

    @property
    def _drawing(self) -> PointDrawing | None:
        panel = cast("DecisionMapPanel | None", self._window.docks.contents.made("decision_map"))
        return None if panel is None else panel.drawing

    def _accepted(self) -> None:
        dialog = self.dialog
        if dialog is not None and dialog.settings is not None:
            self._ask(dialog.settings, dialog.network.wanted, dialog.network.hidden)

    def _closed(self) -> None:
        dialog, self.dialog = self.dialog, None
        if dialog is not None:
            dialog.deleteLater()

    def _ask(
        self, settings: Mapping[str, Any], network: str, hidden: tuple[int, ...] | None
    ) -> None:
        from visualad.kernel.data_messages import DataTaken, TakeData

        window = self._window
        graph = window.document.graph

        def take(reply: Reply) -> None:
            if isinstance(reply, Failed):
                window.notifications.show(reply.message, "error", reply.detail)
            elif isinstance(reply, DataTaken):
                if window.document.graph is graph:
                    self._put(reply)
                else:  # training or the user was faster
                    self._ask(settings, network, hidden)

        window.session.ask(TakeData(graph, settings, network, hidden), take)

    def _put(self, reply: DataTaken) -> None:
        window = self._window
        title = SHIPPED[reply.name].title if reply.name in SHIPPED else reply.name
        if not window.document.apply(f"Use data {title}", lambda _: reply.graph):
            return
        if reply.sizes:
            window.canvas.fit_all(glide=False)
            layers = " – ".join(map(str, reply.sizes))
            window.notifications.show(
                f"{title} has {reply.inputs} inputs, so the graph became a perceptron with the "
                f"layers {layers}. Undo brings the old one back.",
                "info",
            )
