"""The panel that compares runs: a table of what differs and the curves over one another."""

from __future__ import annotations

import csv

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QColorDialog, QLineEdit

from visualad.graph import edits
from visualad.gui import theme
from visualad.gui.panels.compare import ComparePanel
from visualad.kernel.messages import Finished, Train
from visualad.training.perceptron import mlp

from .test_training_panels import progress

WIDE = (1000, 260)


def train(desk, *losses: float, **settings: object) -> None:
    if settings:
        desk.session.train_reset()
        desk.document.apply(
            "Set", lambda graph: edits.set_training(graph, {**graph.training, **settings})
        )
    desk.session.train_start()
    reply = progress(range(len(losses)), losses, losses, parameters={"b1": np.full(4, losses[-1])})
    desk.kernel.tell(Train, lambda _: reply)
    desk.kernel.answer(Train, lambda ticket: Finished(ticket, reply.parameters, "done"))


@pytest.fixture
def desk(make_desk):
    return make_desk(mlp([2, 4, 1], "tanh", "tanh", data="circle"))


@pytest.fixture
def compare(desk, qtbot):
    panel = desk.panel(ComparePanel, WIDE)
    assert panel.empty.isVisible()
    train(desk, 1.0, 0.5, 0.25)
    train(desk, 1.0, 0.1, learning_rate=0.3, optimizer="sgd")
    qtbot.waitUntil(lambda: len(panel.legend.entries) == 2)
    return panel


def cells(panel: ComparePanel) -> list[list[str]]:
    model = panel.model
    heads = [model.headerData(c, Qt.Orientation.Horizontal, Qt.ItemDataRole.DisplayRole)
             for c in range(model.columnCount())]  # fmt: skip
    rows = [
        [model.data(model.index(r, c)) for c in range(model.columnCount())]
        for r in range(model.rowCount())
    ]
    return [heads, *rows]


def click(panel: ComparePanel, qtbot, row: int, column: int = 0, **more) -> None:
    view = panel.table if column else panel.table.first
    area = view.visualRect(panel.model.index(row, column))
    at = QPoint(area.left() + more.pop("x", area.width() - 6), area.center().y())
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=at, **more)


def test_the_table_has_the_settings_that_differ_and_no_others(compare):
    assert cells(compare) == [
        ["run", "epochs", "train", "test", "optimizer", "learning rate"],
        ["Run 1", "2", "0.25", "0.25", "adam", "0.01"],
        ["Run 2", "1", "0.1", "0.1", "sgd", "0.3"],
    ]


def test_the_curves_lie_over_one_another_and_a_click_hides_one(compare, qtbot):
    first, second = compare.runs.records
    _, drawn = compare.plot.curves[first.id].getOriginalDataset()
    np.testing.assert_array_equal(drawn, [1.0, 0.5, 0.25])
    click(compare, qtbot, 0, x=8)
    assert not first.shown
    qtbot.waitUntil(lambda: list(compare.plot.curves) == [second.id])
    assert [entry.text for entry in compare.legend.entries] == ["Run 2"]


def test_the_cursor_reads_every_run_that_came_so_far(compare):
    compare.show_cursor(1.1)
    assert compare.cursor_text.text() == "epoch 1"
    assert [e.text for e in compare.legend.entries] == ["Run 1 0.5", "Run 2 0.1"]
    compare.show_cursor(4.0)
    assert [e.text for e in compare.legend.entries] == ["Run 1 –", "Run 2 –"]
    compare.show_cursor(float("nan"))
    assert [e.text for e in compare.legend.entries] == ["Run 1", "Run 2"]


def test_a_double_click_renames_a_run(compare, qtbot):
    click(compare, qtbot, 1)
    first = compare.table.first
    area = first.visualRect(compare.model.index(1, 0))
    at = QPoint(area.right() - 8, area.center().y())
    qtbot.mouseDClick(first.viewport(), Qt.MouseButton.LeftButton, pos=at)
    field = compare.table.findChild(QLineEdit)
    field.selectAll()
    qtbot.keyClicks(field, "steep")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: compare.runs.records[1].name == "steep")


def test_the_names_stay_in_sight_when_the_table_is_scrolled_sideways(compare, qtbot):
    compare.resize(600, 260)
    table, across = compare.table, compare.table.horizontalScrollBar()
    qtbot.waitUntil(lambda: across.maximum() > 0)
    click(compare, qtbot, 1)
    across.setValue(across.maximum())
    name = table.first.visualRect(compare.model.index(1, 0))
    shown = compare.childAt(table.first.viewport().mapTo(compare, name.center()))
    assert shown is table.first.viewport()
    assert name.width() == table.columnWidth(0) == table.first.width()
    assert name.top() == table.visualRect(compare.model.index(1, 1)).top()
    qtbot.keyClick(table, Qt.Key.Key_F2)
    qtbot.keyClicks(table.findChild(QLineEdit), "steep")
    qtbot.keyClick(table.findChild(QLineEdit), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: compare.runs.records[1].name == "steep")


def test_a_run_gets_another_colour_which_each_theme_shows_readably(compare, qtbot, monkeypatch):
    click(compare, qtbot, 0)
    monkeypatch.setattr(QColorDialog, "getColor", lambda *_: QColor("#202060"))
    compare._ask_colour()
    record = compare.runs.records[0]
    assert record.colour == "#202060"
    compare.draw()
    assert compare.plot.curves[record.id].opts["pen"].color().name() == "#202060"
    theme.set_theme("dark")
    compare.draw()
    assert compare.plot.curves[record.id].opts["pen"].color().lightnessF() > 0.6
    theme.set_theme("light")


def test_settings_and_parameters_of_a_run_come_back_by_a_button(compare, desk, qtbot):
    assert not compare.restore_end.isEnabled()
    click(compare, qtbot, 0)
    qtbot.mouseClick(compare.restore_end, Qt.MouseButton.LeftButton)
    assert desk.graph.training["learning_rate"] == 0.01
    assert np.all(desk.graph["b1"].value == 0.25)
    desk.document.undo()
    assert desk.graph.training["learning_rate"] == 0.3


def test_the_delete_key_takes_runs_away_until_it_is_undone(compare, qtbot):
    click(compare, qtbot, 0)
    qtbot.keyClick(compare.table, Qt.Key.Key_Delete)
    assert [record.name for record in compare.runs.records] == ["Run 2"]
    assert cells(compare)[0] == ["run", "epochs", "train", "test"]
    qtbot.mouseClick(compare.undo, Qt.MouseButton.LeftButton)
    assert [record.name for record in compare.runs.records] == ["Run 1", "Run 2"]
    assert not compare.undo.isVisible()


def test_the_curves_are_exported_run_by_run(compare, tmp_path):
    compare.exporting.write_csv(tmp_path / "runs.csv")
    with (tmp_path / "runs.csv").open() as stream:
        rows = list(csv.reader(stream))
    assert rows[0] == ["run", "epoch", "value"]
    assert rows[-1] == ["Run 2", "1", "0.1"]
    compare.exporting.write_picture(tmp_path / "runs.svg")
    assert "Run 1" in (tmp_path / "runs.svg").read_text()
