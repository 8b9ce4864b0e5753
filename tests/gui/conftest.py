"""Windows for tests: one kernel process for all of them, dialogs that answer by themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from visualad.assets import asset
from visualad.graph import file
from visualad.graph.model import Graph
from visualad.gui import theme
from visualad.gui.document import Document
from visualad.gui.kernel_bridge import KernelBridge
from visualad.gui.main_window import MainWindow
from visualad.gui.recovery import Leftover
from visualad.gui.session import Session
from visualad.gui.settings import Settings


@pytest.fixture(scope="session")
def kernel(qapp: QApplication) -> Iterator[KernelBridge]:
    """The one kernel process of all tests."""
    bridge = KernelBridge()
    bridge.start()
    yield bridge
    bridge.close()


@pytest.fixture
def lecture() -> Graph:
    return file.load(asset("graphs/lecture.vad"))


@pytest.fixture
def document(qapp: QApplication, lecture: Graph) -> Document:
    return Document(lecture)


@pytest.fixture
def session(document: Document, kernel: KernelBridge, qtbot) -> Iterator[Session]:
    """A session that has its values."""
    made = Session(document, kernel)
    wait_until_idle(qtbot, kernel)
    yield made
    made.close()


@dataclass
class Answers:
    """Stands in for `Dialogs`: gives prepared answers and notes what was asked."""

    save: str = "discard"
    recovery: str = "later"
    path: Path | None = None
    plugin: str = ""
    chosen_sample: int | None = None
    asked: list[str] = field(default_factory=list)

    def save_changes(self, title: str) -> str:
        self.asked.append(f"save {title}")
        return self.save

    def recover(self, leftover: Leftover) -> str:
        self.asked.append(f"recover {leftover.title}")
        return self.recovery

    def open_path(self, folder: str) -> Path | None:
        self.asked.append("open")
        return self.path

    def data_path(self, folder: str) -> Path | None:
        self.asked.append("open data")
        return self.path

    def save_path(self, suggested: str) -> Path | None:
        self.asked.append(f"save as {Path(suggested).name}")
        return self.path

    def table_path(self, folder: str) -> Path | None:
        self.asked.append("table")
        return self.path

    def plugin_name(self) -> str:
        self.asked.append("plugin name")
        return self.plugin

    def sample(self, shown: int, count: int) -> int | None:
        self.asked.append(f"sample {shown + 1} of {count}")
        return self.chosen_sample

    def export_path(self, suggested: str, filters: list[str]) -> Path | None:
        self.asked.append(f"export {Path(suggested).name}")
        return self.path


@pytest.fixture
def make_window(
    kernel: KernelBridge, qtbot, isolated_settings: Path
) -> Iterator[Callable[[], MainWindow]]:
    """Makes windows that are shown, with the shared kernel, and closes them after the test."""
    theme.set_theme("light")
    theme.apply(QApplication.instance())
    made: list[MainWindow] = []

    def make() -> MainWindow:
        window = MainWindow(Settings(), kernel)
        window.dialogs = Answers()  # type: ignore[assignment]
        made.append(window)
        qtbot.addWidget(window, before_close_func=_clean)
        window.show()
        qtbot.waitExposed(window)
        return window

    yield make
    for window in made:
        _clean(window)
    theme.set_theme("light")


@pytest.fixture
def window(make_window: Callable[[], MainWindow], qtbot, kernel: KernelBridge) -> MainWindow:
    """A window on the lecture's graph with all its values."""
    made = make_window()
    made.settings.hint_seen = True
    made.files.open_lecture()
    wait_until_idle(qtbot, kernel)
    return made


def wait_until_idle(qtbot, kernel: KernelBridge) -> None:
    """Wait until the kernel has answered everything."""
    qtbot.waitUntil(lambda: not kernel.is_busy, timeout=20_000)


def _clean(window: MainWindow) -> None:
    window.session.pause()
    window.session.train_reset()
    window.document.new()
    window.recovery.clear()
    window.status.stop()
