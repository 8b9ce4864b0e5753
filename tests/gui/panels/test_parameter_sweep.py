"""The panel that trains with many settings: filling, pausing, going on, opening a run."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPoint, Qt

import visualad as va
from visualad.gui.main_window import MainWindow
from visualad.gui.panels.parameter_sweep import ParameterSweepPanel
from visualad.kernel.messages import Control
from visualad.kernel.sweep_messages import TrainSweep
from visualad.training.grid.plan import make_plan
from visualad.training.grid.worker import run_case

LEFT = Qt.MouseButton.LeftButton


def test_a_sweep_fills_the_table_goes_on_from_its_file_and_opens_its_best_run(
    window: MainWindow, qtbot, tmp_path: Path
) -> None:
    g = va.mlp([2, 3, 1], "tanh", data={"name": "circle", "n": 30})
    g = g.with_(training={**g.training, "epochs": 3})
    window.document.new(g)
    window.docks.raise_("parameter_sweep")
    panel = window.docks.panel("parameter_sweep")
    assert isinstance(panel, ParameterSweepPanel)
    qtbot.waitUntil(panel.isVisible)
    form = panel.form
    qtbot.mouseClick(form.rows[0].gone, LEFT)
    assert form.rows[0].name == "learning_rate"
    form.rows[0].field.clear()
    qtbot.keyClicks(form.rows[0].field, "0.01, 0.1, nonsense")
    form.seeds.setText("2")
    form.workers.setText("1")
    form.path.setText(str(tmp_path / "results.txt"))
    qtbot.mouseClick(panel.run, LEFT)
    assert "results are a .csv file" in panel.fault.text
    form.path.setText(str(tmp_path / "results.csv"))
    qtbot.mouseClick(panel.run, LEFT)
    assert panel.run.text() == "Pause"
    qtbot.waitUntil(lambda: panel.run.text() == "Run", timeout=90_000)
    assert len(panel.model.results) == 6
    assert "2 runs did not come to the end; learning_rate=nonsense" in panel.failures.text
    expected = {c.key: run_case(g, c).test for c in make_plan(g, {"lr": [0.01, 0.1]}, 2).cases}
    found = {r.case.key: r.test for r in panel.model.results if r.status == "done"}
    assert found == expected
    assert (tmp_path / "results.csv").read_text(encoding="utf-8").count("\n") == 7
    # Runs that are in the file are not done again.
    form.rows[0].field.setText("0.01, 0.1, nonsense")
    qtbot.mouseClick(panel.run, LEFT)
    qtbot.waitUntil(lambda: panel.run.text() == "Run", timeout=90_000)
    assert [r.seconds > 0 for r in panel.model.results].count(True) >= 4
    assert (tmp_path / "results.csv").read_text(encoding="utf-8").count("\n") == 7
    # What cannot be begun leaves the runs that are there.
    window.document.apply("Set", lambda g: g.with_(training={**g.training, "epochs": 4}))
    qtbot.mouseClick(panel.run, LEFT)
    qtbot.waitUntil(lambda: "name another file" in panel.fault.text, timeout=30_000)
    assert len(panel.model.results) == 6
    window.run("edit.undo")
    # A click on a line of the picture selects its run.
    best = panel.model.best
    assert best is not None
    end = panel.picture.points(best)[-1]
    qtbot.mouseClick(panel.picture, LEFT, pos=QPoint(round(end.x()), round(end.y())))
    assert panel.selected() is best
    qtbot.mouseClick(panel.open_run, LEFT)
    qtbot.waitUntil(lambda: window.document.undo_name.startswith("Open run"), timeout=60_000)
    opened = window.document.graph
    assert opened.training["learning_rate"] == best.case.values[0][1]
    window.run("edit.undo")
    assert window.document.graph == g
    window.document.new()
    assert panel.model.results == []


def test_cancelling_tells_the_kernel_and_another_document_ends_the_sweep(
    window: MainWindow, qtbot, monkeypatch
) -> None:
    g = va.mlp([2, 3, 1], "tanh", data={"name": "circle", "n": 30})
    window.document.new(g)
    panel = window.docks.panel("parameter_sweep")
    assert isinstance(panel, ParameterSweepPanel)
    window.docks.raise_("parameter_sweep")
    sent: list[tuple[int, object]] = []
    client = window.kernel._client
    monkeypatch.setattr(client, "send", _noting(client.send, sent))
    panel.form.rows[0].field.setText("4, 8")
    qtbot.mouseClick(panel.run, LEFT)
    qtbot.mouseClick(panel.run, LEFT)
    qtbot.waitUntil(lambda: panel.run.text() == "Resume", timeout=60_000)
    qtbot.mouseClick(panel.cancel, LEFT)
    qtbot.waitUntil(lambda: panel.run.text() == "Run", timeout=60_000)
    assert panel.words.text().startswith("Stopped")
    (sweep,) = (id_ for id_, one in sent if isinstance(one, TrainSweep))
    controls = [one for _, one in sent if isinstance(one, Control)]
    assert [one.action for one in controls if one.run == sweep] == ["pause", "stop"]


def _noting(send, sent: list[tuple[int, object]]):
    def note(request):
        id_ = send(request)
        sent.append((id_, request))
        return id_

    return note
