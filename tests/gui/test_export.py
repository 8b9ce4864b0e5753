"""Exporting from the window: what is shown is what is written, and nothing is lost."""

from __future__ import annotations

import csv
import io
import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QProgressDialog, QPushButton

import visualad as va
from visualad.exchange.tex_state import tex_state
from visualad.exchange.trace_text import trace_csv, trace_markdown, trace_tabular
from visualad.graph.edits import set_setting
from visualad.graph.model import Graph
from visualad.gui.commands import COMMANDS
from visualad.gui.elimination_game import elimination_game
from visualad.gui.film_process import STOPPED, FilmProcess, Task
from visualad.gui.film_stage import Wanted
from visualad.gui.main_window import MainWindow

from .test_film import at


@pytest.fixture
def two(window: MainWindow, qtbot) -> Graph:
    """A graph with two outputs in the window."""
    graph = at(va.parse("y1 = a*b; y2 = sin(a) + b"), a=0.5, b=2.0)
    window.document.new(graph)
    return window.document.graph


def show(window: MainWindow, qtbot, mode: str, seed: Any = None, step: int = 0) -> None:
    window.session.set_mode(mode)
    window.session.set_seed(seed)
    qtbot.waitUntil(lambda: not window.session.is_busy and window.session.sweep is not None)
    window.session.go_to(step)


def page_of(path: Path) -> dict[str, Any]:
    found = re.search(
        r'<script type="application/json" id="data">(.*?)</script>', path.read_text("utf-8")
    )
    assert found is not None
    return json.loads(found[1])


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition() and time.monotonic() < deadline:
        QGuiApplication.processEvents()


def export(window: MainWindow, command: str, path: Path) -> None:
    path.unlink(missing_ok=True)
    window.dialogs.path = path  # type: ignore[attr-defined]
    assert window.run(command)
    wait_until(lambda: path.exists() or bool(window.notifications.notes))
    assert not window.notifications.notes
    assert path.stat().st_size


@pytest.mark.parametrize(
    ("mode", "seed"), [("forward", "b"), ("forward", "all"), ("backward", {"y1": 1.0, "y2": 2.0})]
)
def test_the_web_page_begins_with_the_seed_of_the_window(
    window: MainWindow, two: Graph, qtbot, tmp_path: Path, mode: str, seed: Any
) -> None:
    show(window, qtbot, mode, seed)
    export(window, "file.export_film", tmp_path / "sweep.html")
    data = page_of(tmp_path / "sweep.html")
    assert data["first"] == mode
    assert data["modes"][mode][0]["seed"] == window.session.sweep.seed


def test_moves_by_hand_are_exported_as_they_were_played(
    window: MainWindow, qtbot, tmp_path: Path
) -> None:
    show(window, qtbot, "cross", step=-1)
    game = elimination_game(window.session)
    for count, name in enumerate(("x6", "x4"), start=1):
        assert game.eliminate(name)
        qtbot.waitUntil(
            lambda count=count: not window.session.is_busy and len(window.session.sweep) == count
        )
    export(window, "file.export_film", tmp_path / "sweep.html")
    view = page_of(tmp_path / "sweep.html")["modes"]["cross"][0]
    names = [window.document.graph.nodes_by_id[step["node"]].name for step in view["steps"]]
    assert names == ["x6", "x4"]
    assert len(view["left"]) == 3
    pypdf = pytest.importorskip("pypdf")
    export(window, "file.export_film", tmp_path / "sweep.pdf")
    assert len(pypdf.PdfReader(tmp_path / "sweep.pdf").pages) == 2
    export(window, "file.export_trace", tmp_path / "trace.csv")
    rows = list(csv.DictReader(io.StringIO((tmp_path / "trace.csv").read_text("utf-8"))))
    assert {row["vertex"] for row in rows} == {"x6", "x4"}


def test_tikz_shows_the_step_of_the_window(
    window: MainWindow, two: Graph, qtbot, tmp_path: Path
) -> None:
    show(window, qtbot, "backward", "y2", step=2)
    export(window, "file.export", tmp_path / "state.tex")
    expected = tex_state(two, "backward", 3, seed="y2")
    assert (tmp_path / "state.tex").read_text("utf-8") == expected


def test_pictures_of_the_window_show_its_step(
    window: MainWindow, two: Graph, qtbot, tmp_path: Path
) -> None:
    contents = []
    for step in (0, 3):
        show(window, qtbot, "backward", "y2", step=step)
        export(window, "file.export", tmp_path / "state.svg")
        contents.append((tmp_path / "state.svg").read_text("utf-8"))
    assert contents[0] != contents[1]


def test_the_trace_table_has_the_columns_of_the_panel(
    window: MainWindow, two: Graph, qtbot, tmp_path: Path
) -> None:
    show(window, qtbot, "forward", "b")
    wishes = {"seed": "b", "beside": True}
    export(window, "file.export_trace", tmp_path / "trace.csv")
    text = (tmp_path / "trace.csv").read_text("utf-8")
    assert text == trace_csv(two, "forward", **wishes)
    row = next(row for row in csv.DictReader(io.StringIO(text)) if row["node"] == "y1")
    assert float(row["tangent_value"]) == pytest.approx(0.5)  # along b
    assert float(row["adjoint_value"]) == pytest.approx(1.0)  # of y1


def test_the_trace_table_goes_to_the_clipboard(window: MainWindow, two: Graph, qtbot) -> None:
    show(window, qtbot, "forward", "b")
    wishes = {"seed": "b", "beside": True}
    for name, write in (
        ("markdown", trace_markdown),
        ("latex", trace_tabular),
        ("csv", trace_csv),
    ):
        assert window.run(f"edit.copy_trace_{name}")
        assert QGuiApplication.clipboard().text() == write(two, "forward", **wishes)


@pytest.mark.parametrize("command", ["file.export", "file.export_film", "file.export_trace"])
def test_a_folder_that_is_gone_is_one_sentence(
    window: MainWindow, two: Graph, qtbot, tmp_path: Path, command: str
) -> None:
    show(window, qtbot, "backward")
    for ending in {"file.export": (".png", ".tex"), "file.export_trace": (".md",)}.get(
        command, (".pdf", ".html")
    ):
        window.dialogs.path = tmp_path / "none" / f"out{ending}"  # type: ignore[attr-defined]
        window.run(command)
        (note,) = window.notifications.notes
        assert "cannot be written" in note.sentence
        assert "\n" not in note.sentence
        window.notifications.clear()


def test_every_export_says_when_it_was_given_up(window: MainWindow, two: Graph, qtbot) -> None:
    show(window, qtbot, "backward")
    window.dialogs.path = None  # type: ignore[attr-defined]
    for command in ("file.export", "file.export_film", "file.export_trace"):
        window.run(command)
        assert not window.notifications.notes


def test_exports_are_commands_with_titles_and_keys() -> None:
    shortcuts = [COMMANDS[id_].shortcuts for id_ in ("file.export", "file.export_trace")]
    assert shortcuts == [("Ctrl+E",), ("Ctrl+Alt+E",)]


def test_the_window_goes_on_while_a_film_is_drawn_and_cancel_stops_it(
    window: MainWindow, qtbot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The real button of the real dialog; what was there before stays."""
    pytest.importorskip("PIL")
    monkeypatch.setattr("visualad.gui.export_text.SHOWN_AFTER", 0)
    show(window, qtbot, "backward")
    target = tmp_path / "sweep.gif"
    target.write_bytes(b"precious")
    window.dialogs.path = target  # type: ignore[attr-defined]
    assert window.run("file.export_film")
    dialog = window.findChild(QProgressDialog, "film_progress")
    qtbot.waitUntil(lambda: 2 <= dialog.value() < dialog.maximum(), timeout=30_000)
    assert not dialog.isModal()
    window.run("transport.step")  # the film shows what was asked for
    film = window.findChild(FilmProcess)
    with qtbot.waitSignal(film.ended, timeout=20_000) as ended:
        qtbot.mouseClick(dialog.findChild(QPushButton), Qt.MouseButton.LeftButton)
    assert ended.args == [STOPPED]
    assert target.read_bytes() == b"precious"
    assert [left.name for left in tmp_path.iterdir() if left.suffix == ".gif"] == ["sweep.gif"]
    assert not window.notifications.notes


def test_closing_the_window_gives_up_a_film(window: MainWindow, qtbot, tmp_path: Path) -> None:
    show(window, qtbot, "backward")
    window.dialogs.path = tmp_path / "sweep.pdf"  # type: ignore[attr-defined]
    assert window.run("file.export_film")
    film = window.findChild(FilmProcess)
    window.close()
    assert not film.is_running
    assert not list(tmp_path.glob("*.pdf"))


def test_a_process_that_dies_is_told_in_a_sentence(qtbot, monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setattr("visualad.gui.film_process.sys.path", [])
    task = Task(va.parse("x*x"), Wanted("backward"), tmp_path / "sweep.pdf", "light")
    film = FilmProcess(task)
    with qtbot.waitSignal(film.ended, timeout=20_000) as ended:
        pass
    assert ended.args[0].startswith("The film was not written: the process that draws it ended")


@pytest.fixture
def large(window: MainWindow, qtbot, monkeypatch) -> Graph:
    """A graph whose web page takes seconds, and a dialog that is there at once."""
    monkeypatch.setattr("visualad.gui.export_text.SHOWN_AFTER", 0)
    lines = [f"a{i} = sin(x{i}*x{i + 1}) + exp(x{i})" for i in range(24)]
    graph = va.parse("\n".join([*lines, "f = " + " + ".join(f"a{i}" for i in range(24))]))
    window.document.new(at(graph, **dict.fromkeys(graph.inputs, 0.5)))
    window.session.set_mode("backward")
    qtbot.waitUntil(
        lambda: window.session.sweep is not None and not window.kernel.is_busy, timeout=30_000
    )
    return window.document.graph


def test_the_window_goes_on_while_a_web_page_is_written(
    window: MainWindow, large: Graph, qtbot, tmp_path: Path
) -> None:
    target = tmp_path / "large.html"
    window.dialogs.path = target  # type: ignore[attr-defined]
    assert window.run("file.export_film")
    dialog = window.findChild(QProgressDialog, "text_progress")
    qtbot.waitUntil(lambda: 0 < dialog.value() < dialog.maximum(), timeout=20_000)
    assert not dialog.isModal()
    window.document.apply("Move", lambda g: set_setting(g, g.id_of("x0"), "value", 0.25))
    # The kernel answers between two slices: the new value is there before the page.
    shown = window.document.graph.id_of("x0")
    qtbot.waitUntil(lambda: float(window.session.values[shown]) == 0.25)
    assert not target.exists()
    qtbot.waitUntil(target.exists, timeout=60_000)
    assert not window.notifications.notes
    card = next(card for card in page_of(target)["nodes"] if card["id"] == shown)
    assert card["number"] == "0.5"  # of when it was asked for


def test_cancel_is_pressed_while_a_web_page_is_written(
    window: MainWindow, large: Graph, qtbot, tmp_path: Path
) -> None:
    target = tmp_path / "large.html"
    target.write_bytes(b"precious")
    window.dialogs.path = target  # type: ignore[attr-defined]
    window.run("file.export_film")
    dialog = window.findChild(QProgressDialog, "text_progress")
    qtbot.waitUntil(lambda: dialog.isVisible() and dialog.value() > 0, timeout=20_000)
    qtbot.mouseClick(dialog.findChild(QPushButton), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not window.kernel.is_busy, timeout=20_000)
    qtbot.wait(100)
    assert target.read_bytes() == b"precious"
    assert not list(tmp_path.glob("*.part"))
    assert not window.notifications.notes
