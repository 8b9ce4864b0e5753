"""New, open, save, export, recent, examples, recovery: everything between document and disk."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from visualad.assets import asset
from visualad.errors import VisualADError
from visualad.graph import file
from visualad.graph.model import Graph
from visualad.gui.background import LARGE_FILE, done_beside
from visualad.gui.document import placed
from visualad.gui.garbage import keep_from_collector
from visualad.kernel.messages import Failed, Reply, Request
from visualad.kernel.plugin_messages import GraphFound, OpenLesson, ReadGraph

if TYPE_CHECKING:
    from visualad.gui.main_window import MainWindow

LECTURE = "graphs/lecture.vad"


class Files(QObject):
    """The File menu of a window; every method that replaces the document asks first."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._document = window.document
        self._document.saved.connect(self._remember)
        self._lessons: list[QAction] = []

    # Replacing the document -------------------------------------------------------------------

    def may_lose(self) -> bool:
        """Whether the document may go: it is saved, was saved now, or the user gave it up."""
        self._window.session.training.keep()
        if not self._document.is_dirty:
            return True
        answer = self._window.dialogs.save_changes(self._document.title)
        if answer == "save":
            return self.save()
        return answer == "discard"

    def new(self) -> bool:
        """An empty graph."""
        if not self.may_lose():
            return False
        self._document.new(Graph())
        return True

    def new_perceptron(self) -> bool:
        """A network from the dialog."""
        from visualad.gui.panels.perceptron_dialog import PerceptronDialog

        graph = PerceptronDialog.ask(self._window)
        if graph is None or not self.may_lose():
            return False
        self._document.new(graph, saved=False)
        self._window.canvas.fit_all(glide=False)
        self._window.stage.open_network()
        return True

    def new_playground(self) -> bool:
        """The network and the rules that TensorFlow Playground begins with."""
        from visualad.gui.panels.training_edits import playground_network

        if not self.may_lose():
            return False
        self._document.new(playground_network(), suggested="playground.vad")
        self._window.canvas.fit_all(glide=False)
        self._window.stage.open_network()
        return True

    def open(self, path: Path | None = None) -> bool:
        """A file; asks which when none is given. A file that is not there leaves the recents."""
        if path is None:
            path = self._window.dialogs.open_path(str(self.folder()))
            if path is None:
                return False
        if path.suffix.lower() in self._window.kernel.inventory.importers:
            self._ask(ReadGraph(str(path)), f"{path.stem}.vad")
            return True
        try:
            graph = _read(path)  # before the question: a broken file replaces nothing
        except VisualADError as error:
            self._window.notifications.show(error.message)
            if not path.exists():
                self._window.recent.remove(path)
            return False
        if not self.may_lose():
            return False
        self._document.show(graph, path)
        self._window.recent.add(path.absolute())
        self._window.canvas.fit_all(glide=False)
        return True

    def open_example(self, path: Path) -> bool:
        """A graph that comes with the program, as a new document so that nobody overwrites it."""
        try:
            graph = file.load(path)
        except VisualADError as error:
            self._window.notifications.show(error.message)
            return False
        if not self.may_lose():
            return False
        self._document.new(graph, suggested=path.name)
        self._window.canvas.fit_all(glide=False)
        return True

    def open_lesson(self, name: str) -> None:
        """The graph of a plugin's lesson, which the kernel makes."""
        self._ask(OpenLesson(name), f"{name}.vad")

    def make(self, request: Request, suggested: str, then: Callable[[], object]) -> None:
        """Ask the kernel for a graph that is worth keeping; `then` is called when it is shown."""
        self._ask(request, suggested, saved=False, then=then)

    def _ask(
        self,
        request: Request,
        suggested: str,
        *,
        saved: bool = True,
        then: Callable[[], object] | None = None,
    ) -> None:
        """Ask the kernel for a graph, and show it as a new document when it comes."""

        def take(reply: Reply) -> None:
            if isinstance(reply, GraphFound):
                if self.may_lose():
                    self._document.new(reply.graph, saved=saved, suggested=suggested)
                    self._window.canvas.fit_all(glide=False)
                    if then is not None:
                        then()
            elif isinstance(reply, Failed):
                self._window.notifications.show(reply.message, "error", reply.detail)

        self._window.kernel.ask(request, take)

    def show_lessons(self, titles: Mapping[str, str]) -> None:
        """List the lessons of plugins below the examples; titles by name."""
        for action in self._lessons:
            self._examples_menu.removeAction(action)
            action.deleteLater()
        self._lessons = [self._examples_menu.addSeparator()] if titles else []
        for name, title in titles.items():
            action = self._examples_menu.addAction(title)
            action.setObjectName(f"lesson_{name}")
            action.triggered.connect(lambda _=False, name=name: self.open_lesson(name))
            self._lessons.append(action)

    def open_lecture(self) -> bool:
        """The lecture's graph, which the first start shows."""
        return self.open_example(asset(LECTURE))

    # Writing ----------------------------------------------------------------------------------

    def save(self) -> bool:
        """To its file, or to one that is asked for."""
        if self._document.path is None:
            return self.save_as()
        return self._save(self._document.path)

    def save_as(self) -> bool:
        """To a file that is asked for."""
        suggested = self.folder() / (self._document.suggested or "graph.vad")
        path = self._window.dialogs.save_path(str(self._document.path or suggested))
        return path is not None and self._save(path)

    def _save(self, path: Path) -> bool:
        self._window.session.training.keep()
        try:
            self._document.save(path)
        except VisualADError as error:
            self._window.notifications.show(error.message)
            return False
        return True

    # Menus ------------------------------------------------------------------------------------

    def build_menus(self, menu: QMenu) -> None:
        """Put the submenus of recent files and examples into the File menu."""
        before = self._window.commands["file.save"]
        self._recent_menu = QMenu("Open Recent", menu)
        self._recent_menu.setObjectName("menu_file_recent")
        self._examples_menu = QMenu("Examples", menu)
        self._examples_menu.setObjectName("menu_file_examples")
        separator = menu.actions()[menu.actions().index(before) - 1]
        menu.insertMenu(separator, self._recent_menu)
        menu.insertMenu(separator, self._examples_menu)
        self._recent_menu.aboutToShow.connect(self._fill_recent)
        self._window.recent.changed.connect(self._fill_recent)
        self._fill_recent()
        for path in examples():
            action = self._examples_menu.addAction(example_title(path))
            action.setObjectName(f"example_{path.stem}")
            action.triggered.connect(partial(self._open_example_action, path))
        self._examples_menu.addSeparator()
        self._examples_menu.addAction(self._window.commands["help.approximation"])

    def _open_example_action(self, path: Path, _: bool = False) -> None:
        self.open_example(path)

    def _fill_recent(self) -> None:
        menu = self._recent_menu
        menu.clear()
        for path in self._window.recent.paths:
            action = menu.addAction(f"{path.name}    {shortened(path.parent)}")
            action.setToolTip(str(path))
            # A file that is gone stays visible, so that nobody wonders where it went.
            action.setEnabled(path.exists())
            action.triggered.connect(partial(self._open_recent, path))
        menu.setEnabled(bool(menu.actions()))
        if menu.actions():
            menu.addSeparator()
            menu.addAction(self._window.commands["file.clear_recent"])

    def _open_recent(self, path: Path, _: bool = False) -> None:
        self.open(path)

    # Recovery ---------------------------------------------------------------------------------

    def offer_recovery(self) -> None:
        """Ask about the work of programs that died."""
        for leftover in self._window.recovery.leftovers():
            answer = self._window.dialogs.recover(leftover)
            if answer == "discard":
                leftover.discard()
            elif answer == "recover":
                try:
                    graph = leftover.load()
                except VisualADError as error:
                    self._window.notifications.show(error.message)
                    continue
                if not self.may_lose():
                    return
                self._document.recover(graph, leftover.path)
                # First a new recovery file, then the old one goes: a second crash loses nothing.
                self._window.recovery.write(at_once=True)
                leftover.discard()
                self._window.canvas.fit_all(glide=False)
                return

    def _remember(self) -> None:
        if self._document.path is not None:
            self._window.recent.add(self._document.path)

    def folder(self) -> Path:
        """Where the document is, or the one before it; the home folder at first."""
        if self._document.path is not None:
            return self._document.path.parent
        recent = self._window.recent.paths
        return recent[0].parent if recent else Path.home()


def _read(path: Path) -> Graph:
    """The graph in a file, laid out if it is not; a large one is read beside the window."""
    try:
        is_large = path.stat().st_size > LARGE_FILE
    except (OSError, ValueError):
        is_large = False  # reading it says what is wrong
    if not is_large:
        return file.load(path)

    def read() -> Graph:
        graph = placed(file.load(path))
        # What every view asks for at once is found here and not in the window.
        _ = graph.output_ids, graph.independents, graph.edge_places
        return graph

    graph = done_beside(read)
    keep_from_collector()
    return graph


def examples() -> list[Path]:
    """The graphs that come with the program, the lecture's first."""
    paths = sorted(asset("graphs").glob("*.vad"))
    return sorted(paths, key=lambda path: path.name != Path(LECTURE).name)


def example_title(path: Path) -> str:
    """What an example is called in the menu."""
    return path.stem.replace("-", " ").replace("_", " ").capitalize()


def shortened(folder: Path) -> str:
    """A folder as people write it."""
    home = Path.home()
    return f"~/{folder.relative_to(home)}" if folder.is_relative_to(home) else str(folder)
