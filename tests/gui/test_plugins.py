"""Plugins in the window: they come and go while it runs, and none of their code is ever in it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QDialog, QPushButton, QTableWidget

from visualad.graph import file
from visualad.graph.edits import add_node, connect, move, set_settings
from visualad.graph.model import Graph
from visualad.gui.canvas import catalogue
from visualad.gui.canvas.palette import Palette
from visualad.gui.export import export_graph
from visualad.gui.kernel_bridge import KernelBridge
from visualad.gui.main_window import MainWindow
from visualad.gui.panels.plugin_panels import PluginPanels
from visualad.gui.panels.training import TrainingPanel
from visualad.gui.plugins_window import PluginsWindow
from visualad.gui.settings import Settings
from visualad.kernel.client import KernelClient
from visualad.kernel.plugin_messages import DrawPanel, Start, UpdatePlugins
from visualad.ops.declaration import REGISTRY
from visualad.plugins.places import user_folder
from visualad.plugins.records import Plugin
from visualad.training.perceptron import mlp

from .conftest import Answers, _clean

EXAMPLES = Path(__file__).parents[2] / "plugins" / "examples"
LONG = 30_000  # ms; the machine may be busy

CUBE = """
import visualad as va

@va.node(category="Mine", version={version})
def cube({port}):
    "The cube of {port}."
    {deed}
    return {port} * {port} * {port}

@cube.partials
def _({port}, out):
    return {partial} * {port} * {port}
"""


def cube(version: int = 1, port: str = "x", partial: str = "3", deed: str = "pass") -> str:
    return CUBE.format(version=version, port=port, partial=partial, deed=deed)


def of_files(bridge: KernelBridge) -> list[Plugin]:
    """The plugins that these tests made, whatever distributions are installed."""
    return [plugin for plugin in bridge.inventory.plugins if plugin.origin.endswith(".py")]


@pytest.fixture(scope="module")
def served(
    qapp: QApplication, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[KernelBridge, Path]]:
    """One kernel for these tests, and the folder of its plugins."""
    folder = tmp_path_factory.mktemp("plugins")
    bridge = KernelBridge(KernelClient(Start((str(folder),))))
    bridge.start()
    yield bridge, folder
    bridge.close()


@pytest.fixture
def folder(served: tuple[KernelBridge, Path]) -> Path:
    return served[1]


@pytest.fixture
def window(served: tuple[KernelBridge, Path], qtbot) -> Iterator[MainWindow]:
    """A window without plugins yet. Its settings and folders are those of the kernel."""
    bridge, folder = served
    made = MainWindow(Settings(), bridge, Start((str(folder),)))
    made.dialogs = Answers()  # type: ignore[assignment]
    made.settings.hint_seen = True
    qtbot.addWidget(made, before_close_func=_clean)
    made.show()
    qtbot.waitExposed(made)
    yield made
    for path in folder.glob("*.py"):
        path.unlink()
    bridge.interrupt()  # a panel may have asked about a loop that never ends
    bridge.ask(UpdatePlugins(), lambda _: None)
    qtbot.waitUntil(lambda: not of_files(bridge), timeout=LONG)
    qtbot.waitUntil(lambda: not bridge.is_busy, timeout=LONG)


def save(folder: Path, source: str, name: str = "cubes") -> Path:
    path = folder / f"{name}.py"
    path.write_text(source, encoding="utf-8")
    return path


def load(window: MainWindow, qtbot, folder: Path, source: str) -> Path:
    """Save a plugin's file and wait until the window has noticed by itself."""
    path = save(folder, source)
    qtbot.waitUntil(lambda: "cube" in REGISTRY, timeout=LONG)
    qtbot.waitUntil(lambda: not window.kernel.is_busy, timeout=LONG)
    return path


def with_cube() -> Graph:
    graph = set_settings(add_node(Graph(), "variable", name="x"), {"x": {"value": 2.0}})
    graph = add_node(graph, "cube", name="f", position=(260.0, 0.0))
    graph = add_node(graph, "mul", name="g", position=(260.0, 160.0))
    for target, port in (("f", REGISTRY["cube"].ports[0]), ("g", "x"), ("g", "y")):
        graph = connect(graph, "x", target, port)
    return graph


def value(window: MainWindow, name: str) -> object:
    graph = window.document.graph
    return window.session.values.get(graph.id_of(name)) if name in graph else None


def palette(window: MainWindow) -> Palette:
    found = window.docks.panel("palette")
    assert isinstance(found, Palette)
    return found


def open_plugins(window: MainWindow, qtbot) -> PluginsWindow:
    window.commands["plugins.list"].trigger()
    found = window.findChild(PluginsWindow)
    assert found is not None
    qtbot.waitExposed(found)
    return found


def press(qtbot, where, name: str) -> None:
    button = where.findChild(QPushButton, name)
    assert button is not None
    assert button.isEnabled(), name
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_a_file_that_is_saved_is_in_the_palette_and_computes_without_its_code_here(
    window: MainWindow, folder: Path, qtbot
) -> None:
    imported = set(sys.modules)
    load(window, qtbot, folder, cube())
    assert REGISTRY["cube"].described
    fresh = set(sys.modules) - imported
    assert not any(name.startswith("visualad_plugin_") for name in fresh)
    assert "cube" in palette(window).names()
    assert [o.name for o in catalogue.groups()[catalogue.PLUGINS]] == ["cube"]
    window.document.new(with_cube())
    window.session.set_mode("backward")
    qtbot.waitUntil(lambda: value(window, "f") == 8.0, timeout=LONG)
    qtbot.waitUntil(lambda: window.session.sweep is not None, timeout=LONG)
    assert window.session.sweep.adjoints["x"] == 12.0
    # After a while it has been tested, and the palette says so.
    qtbot.waitUntil(lambda: palette(window).checked == {"cube"}, timeout=LONG)


def test_a_mistake_makes_placeholders_and_its_repair_brings_them_to_life(
    window: MainWindow, folder: Path, qtbot
) -> None:
    path = load(window, qtbot, folder, cube())
    window.document.new(with_cube())
    window.document.apply("Set x", lambda g: set_settings(g, {"x": {"value": 3.0}}))
    qtbot.waitUntil(lambda: value(window, "f") == 27.0, timeout=LONG)
    text = file.to_json(window.document.graph)
    path.write_text(cube(deed="x = x + 1"), encoding="utf-8")  # described as before
    qtbot.waitUntil(lambda: value(window, "f") == 64.0, timeout=LONG)
    path.write_text("def cube(:", encoding="utf-8")
    qtbot.waitUntil(lambda: "cube" not in REGISTRY, timeout=LONG)
    qtbot.waitUntil(lambda: "f" in window.session.failures, timeout=LONG)
    assert window.session.failures["f"].startswith(
        "The plugin 'cubes' failed in line 1 with SyntaxError: "
    )
    assert window.canvas.scene_.nodes["f"].face.kind == "placeholder"
    assert value(window, "g") == 9.0
    assert file.to_json(window.document.graph) == text
    assert window.document.undo_name == "Set x"
    assert any("SyntaxError" in note.sentence for note in window.notifications.notes)
    path.write_text(cube(), encoding="utf-8")
    qtbot.waitUntil(lambda: value(window, "f") == 27.0, timeout=LONG)
    assert window.canvas.scene_.nodes["f"].face.kind == "operation"
    window.run("edit.undo")
    qtbot.waitUntil(lambda: value(window, "f") == 8.0, timeout=LONG)


def test_stop_ends_an_endless_loop_and_nothing_of_the_document_is_lost(
    window: MainWindow, folder: Path, qtbot
) -> None:
    loop = (
        "import time\n    while isinstance(x, float) and x == 3:\n        try:\n"
        "            time.sleep(0.01)\n        except BaseException:\n            pass"
    )
    load(window, qtbot, folder, cube(deed=loop))
    window.document.new(with_cube())
    qtbot.waitUntil(lambda: value(window, "f") == 8.0, timeout=LONG)
    pid = window.kernel._client.pid
    window.document.apply("Set x", lambda g: set_settings(g, {"x": {"value": 3.0}}))
    qtbot.waitUntil(window.status.computing.isVisible, timeout=LONG)
    # The window lives: edit while the kernel loops.
    window.document.apply("Move", lambda g: add_node(g, "constant", name="c"))
    qtbot.mouseClick(window.status.computing, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.kernel._client.pid not in (pid, None), timeout=LONG)
    assert window.document.undo_name == "Move"
    assert "c" in window.document.graph
    window.run("edit.undo")
    window.run("edit.undo")
    qtbot.waitUntil(lambda: value(window, "f") == 8.0, timeout=LONG)


LOOPING_PANEL = """
import time
from visualad import plugin

@plugin.panel(title="Loops")
def loops(view):
    while True:
        try:
            time.sleep(0.01)
        except BaseException:
            pass
"""


def test_what_was_stopped_is_not_asked_again_by_itself(
    window: MainWindow, folder: Path, qtbot, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[DrawPanel] = []
    ask = window.kernel.ask

    def counting(request, then):
        if isinstance(request, DrawPanel):
            drawn.append(request)
        return ask(request, then)

    monkeypatch.setattr(window.kernel, "ask", counting)
    window.document.new(with_inputs())
    save(folder, LOOPING_PANEL, "panels")
    qtbot.waitUntil(lambda: window.docks.is_open("plugins"), timeout=LONG)
    window.docks.raise_("plugins")
    panel = window.docks.panel("plugins")
    assert isinstance(panel, PluginPanels)

    def stop() -> None:
        qtbot.waitUntil(window.status.computing.isVisible, timeout=LONG)
        assert window.commands["graph.stop_computing"].isEnabled()
        pid = window.kernel._client.pid
        with qtbot.waitSignal(window.kernel.plugins_changed, timeout=LONG):
            qtbot.mouseClick(window.status.computing, Qt.MouseButton.LeftButton)
        assert window.kernel._client.pid not in (pid, None)
        qtbot.waitUntil(panel.again.isVisible, timeout=LONG)
        qtbot.waitUntil(lambda: not window.kernel.is_busy, timeout=LONG)

    stop()
    assert len(drawn) == 1
    assert "It is asked again when the graph changes, or with Graph > Ask Again" in panel.error.text
    assert "x" in window.document.graph
    window.document.apply("Move", lambda g: move(g, {g.id_of("x"): (50.0, 50.0)}))
    qtbot.wait(50)
    assert len(drawn) == 1
    assert panel.again.isVisible()
    qtbot.mouseClick(panel.again, Qt.MouseButton.LeftButton)
    stop()
    assert len(drawn) == 2
    save(folder, LOOPING_PANEL.replace("while True", "while False"), "panels")
    qtbot.waitUntil(lambda: not panel.again.isVisible(), timeout=LONG)


def with_inputs() -> Graph:
    return set_settings(add_node(Graph(), "variable", name="x"), {"x": {"value": 2.0}})


def test_the_window_of_plugins_switches_reloads_tests_and_tells_why(
    window: MainWindow, folder: Path, qtbot
) -> None:
    empty = open_plugins(window, qtbot)
    installed = empty.tree.topLevelItemCount()
    assert empty.empty.isVisible() == (not installed)
    save(folder, "import nothing_of_that_name", "broken")
    load(window, qtbot, folder, cube(partial="2"))
    shown = open_plugins(window, qtbot)
    assert shown is empty
    qtbot.waitUntil(lambda: shown.tree.topLevelItemCount() == installed + 2, timeout=LONG)
    shown.choose(str(folder / "broken.py"))
    assert "pip install nothing_of_that_name" in shown.error.text
    press(qtbot, shown, "plugins_traceback")
    details = shown.findChild(QDialog, "details")
    assert details is not None
    details.close()
    shown.choose(str(folder / "cubes.py"))
    qtbot.waitUntil(lambda: bool(window.plugins.findings), timeout=LONG)  # tested by itself
    qtbot.waitUntil(lambda: "failed" in shown.tests.text(), timeout=LONG)
    press(qtbot, shown, "plugins_switch")
    qtbot.waitUntil(lambda: "cube" not in REGISTRY, timeout=LONG)
    qtbot.waitUntil(lambda: shown.switch.text() == "Enable", timeout=LONG)
    save(folder, cube())
    press(qtbot, shown, "plugins_switch")
    qtbot.waitUntil(lambda: "cube" in REGISTRY, timeout=LONG)
    qtbot.waitUntil(lambda: not window.kernel.is_busy, timeout=LONG)
    qtbot.waitUntil(shown.reload.isEnabled, timeout=LONG)
    press(qtbot, shown, "plugins_reload")
    qtbot.waitUntil(lambda: "checked" in shown.tests.text(), timeout=LONG)
    press(qtbot, shown, "plugins_check")
    qtbot.waitUntil(lambda: not window.plugins.is_checking, timeout=LONG)
    press(qtbot, shown, "plugins_close")


def test_tests_that_never_end_are_stopped_from_the_window(
    window: MainWindow, folder: Path, qtbot
) -> None:
    loop = "import time\n    while isinstance(x, float):\n        time.sleep(0.01)"
    load(window, qtbot, folder, cube(deed=loop))
    shown = open_plugins(window, qtbot)
    shown.choose(str(folder / "cubes.py"))
    qtbot.waitUntil(lambda: shown.check.text() == "Stop", timeout=LONG)  # tested by itself
    qtbot.wait(100)
    press(qtbot, shown, "plugins_check")
    qtbot.waitUntil(lambda: "did not come to their end" in shown.tests.text(), timeout=LONG)
    shown.close()


def test_nodes_of_another_version_are_upgraded_in_one_step_when_asked(
    window: MainWindow, folder: Path, qtbot
) -> None:
    path = load(window, qtbot, folder, cube())
    window.document.new(with_cube())
    qtbot.waitUntil(lambda: value(window, "f") == 8.0, timeout=LONG)
    path.write_text(cube(version=2, port="base"), encoding="utf-8")
    qtbot.waitUntil(lambda: "f" in window.session.failures, timeout=LONG)
    assert "version 2 is loaded" in window.session.failures["f"]
    (note,) = [n for n in window.notifications.notes if "another version" in n.sentence]
    press(qtbot, note, "note_action")
    qtbot.waitUntil(lambda: value(window, "f") == 8.0, timeout=LONG)
    assert window.document.graph.sources["f", "base"] == "x"
    assert window.document.undo_name == "Upgrade Nodes"
    window.run("edit.undo")
    assert ("f", "x") in window.document.graph.sources


def test_every_kind_of_plugin_is_offered_in_the_window(
    window: MainWindow, folder: Path, qtbot, tmp_path: Path
) -> None:
    examples = list(EXAMPLES.glob("*.py"))
    for path in examples:
        save(folder, path.read_text(encoding="utf-8"), path.stem)

    def loaded() -> int:
        return sum(bool(plugin.provides) for plugin in of_files(window.kernel))

    qtbot.waitUntil(lambda: loaded() == len(examples), timeout=LONG)
    window.files.open_lecture()
    # A panel.
    assert window.docks.is_open("plugins")
    window.docks.raise_("plugins")
    panels = window.docks.panel("plugins")
    assert isinstance(panels, PluginPanels)
    qtbot.waitUntil(lambda: panels.findChild(QTableWidget) is not None, timeout=LONG)
    # An exporter, an importer and a lesson.
    written = tmp_path / "out.inputs"
    assert export_graph(window, written)
    qtbot.waitUntil(written.exists, timeout=LONG)
    source = tmp_path / "in.formula"
    source.write_text("a*sin(b)", encoding="utf-8")
    assert window.files.open(source)
    qtbot.waitUntil(lambda: "a" in window.document.graph, timeout=LONG)
    menu = window.files._examples_menu
    (lesson,) = [a for a in menu.actions() if a.objectName() == "lesson_product_rule"]
    lesson.trigger()
    qtbot.waitUntil(lambda: bool(window.document.graph.notes), timeout=LONG)
    # A data set, an optimiser and a backend train a network.
    window.document.new(mlp([2, 3, 1], activation="tanh", data="circle"))
    qtbot.waitUntil(lambda: not window.kernel.is_busy, timeout=LONG)
    training = window.docks.panel("training")
    assert isinstance(training, TrainingPanel)
    offered = training.data.more_menu()
    next(a for a in offered.actions() if a.objectName() == "dataset_moons").trigger()
    qtbot.waitUntil(lambda: window.document.graph.training["data"]["name"] == "moons", timeout=LONG)
    window.training_editor.set_optimizer("lion")
    window.training_editor.set_backend("plain")
    window.session.train_step()
    qtbot.waitUntil(
        lambda: (
            window.session.training.last is not None and window.session.training.last.epoch >= 1
        ),
        timeout=LONG,
    )
    window.session.train_stop()
    qtbot.waitUntil(lambda: not window.session.training.state, timeout=LONG)


def test_a_new_plugin_is_written_loaded_and_named(
    window: MainWindow, qtbot, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.dialogs.plugin = "homework"  # type: ignore[attr-defined]
    opened: list[str] = []
    monkeypatch.setattr(
        "visualad.gui.plugin_center.QDesktopServices.openUrl",
        lambda url: opened.append(url.toLocalFile()),
    )
    window.commands["plugins.new"].trigger()
    path = user_folder() / "homework.py"
    assert opened == [str(path)]
    qtbot.waitUntil(lambda: "homework" in palette(window).names(), timeout=LONG)
    path.unlink()


def test_safe_mode_offers_no_plugin_and_says_so(served: tuple[KernelBridge, Path], qtbot) -> None:
    window = MainWindow(Settings(), served[0], Start(safe=True))
    window.dialogs = Answers()  # type: ignore[assignment]
    qtbot.addWidget(window, before_close_func=_clean)
    window.show()
    qtbot.waitExposed(window)
    shown = open_plugins(window, qtbot)
    assert "Safe mode" in shown.place.text()
    assert not window.commands["plugins.new"].isEnabled()
    shown.close()
