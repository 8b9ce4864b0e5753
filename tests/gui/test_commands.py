from __future__ import annotations

import re
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QApplication, QDialog, QLineEdit

from visualad.assets import asset
from visualad.errors import VisualADError
from visualad.gui.commands import COMMANDS, MENUS
from visualad.gui.kernel_bridge import KernelBridge
from visualad.gui.main_window import MainWindow

from .conftest import wait_until_idle

# Stable ids that lessons and other programs rely on.
PROMISED = {
    "file": "new new_perceptron open save save_as export quit",
    "edit": "undo redo cut copy paste duplicate delete rename select_all",
    "view": "fit zoom_in zoom_out zoom_reset theme reset_layout command_palette",
    "graph": "layout add_node float64 float32",
    "differentiate": "forward backward cross off order_forward order_backward order_markowitz",
    "transport": "play step back first last speed_0_25 speed_0_5 speed_1 speed_2 speed_4",
    "train": "start pause step reset stop",
    "help": "hint shortcuts about",
}


def test_the_promised_ids_are_there() -> None:
    promised = {f"{group}.{name}" for group, names in PROMISED.items() for name in names.split()}
    assert promised <= set(COMMANDS)


def test_every_command_has_an_id_a_title_and_a_known_menu() -> None:
    for identity, entry in COMMANDS.items():
        assert re.fullmatch(r"[a-z]+\.[a-z0-9_]+", identity)
        assert entry.title
        assert entry.menu.partition("/")[0] in (*MENUS, "")


def test_every_icon_exists() -> None:
    for entry in COMMANDS.values():
        if entry.icon:
            assert asset(f"icons/{entry.icon}.svg").is_file()


def test_no_shortcut_belongs_to_two_commands() -> None:
    owners: dict[str, str] = {}
    for entry in COMMANDS.values():
        for keys in entry.shortcuts:
            written = QKeySequence(keys).toString()
            assert written
            assert owners.setdefault(written, entry.id) == entry.id


def test_an_unknown_command_is_refused_in_a_sentence(window: MainWindow) -> None:
    with pytest.raises(VisualADError, match=r"no command 'file\.fly'"):
        window.run("file.fly")


@pytest.mark.parametrize("subject", sorted({identity.split(".")[0] for identity in COMMANDS}))
def test_every_command_runs_on_the_lecture_graph(
    window: MainWindow,
    kernel: KernelBridge,
    qtbot,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    subject: str,
) -> None:
    monkeypatch.setattr("visualad.gui.main_window.QDesktopServices.openUrl", lambda url: True)
    monkeypatch.setattr(QDialog, "exec", lambda self: QDialog.DialogCode.Rejected)
    window.document.save(tmp_path / "out.vad")
    for identity in (i for i in COMMANDS if i.split(".")[0] == subject):
        endings = {"file.export": "png", "file.export_film": "html", "file.export_trace": "md"}
        ending = endings.get(identity, "vad")
        window.dialogs.path = tmp_path / f"out.{ending}"  # type: ignore[attr-defined]
        window.files.open_lecture()
        window.run("differentiate.backward")
        wait_until_idle(qtbot, kernel)
        window.session.go_to(2)
        window.session.select(["x4"])
        window.run(identity)
        window.session.pause()
        wait_until_idle(qtbot, kernel)
        told = [note.sentence for note in window.notifications.notes if note.kind == "error"]
        assert not told, identity
        for dialog in window.findChildren(QDialog):
            dialog.close()


def test_what_makes_no_sense_now_is_not_done_and_said_so(window: MainWindow) -> None:
    assert not window.run("edit.undo")
    assert "not possible" in window.status.currentMessage()


def test_the_undo_entry_names_the_step(window: MainWindow) -> None:
    window.run("graph.float32")
    assert window.commands["edit.undo"].text() == "Undo Use float32"
    window.run("edit.undo")
    assert window.commands["edit.redo"].text() == "Redo Use float32"


def test_commands_follow_the_selection(window: MainWindow) -> None:
    assert not window.commands["edit.delete"].isEnabled()
    window.session.select(["x4"])
    assert window.commands["edit.delete"].isEnabled()
    assert window.commands["edit.rename"].isEnabled()
    window.session.select(["x4", "x5"])
    assert not window.commands["edit.rename"].isEnabled()


def test_renaming_happens_on_the_card_and_is_one_step(window: MainWindow, qtbot) -> None:
    window.session.select(["x4"])
    window.run("edit.rename")
    field = QApplication.focusWidget()
    assert isinstance(field, QLineEdit)
    field.selectAll()
    qtbot.keyClicks(field, "product")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert window.document.graph["x4"].name == "product"
    window.run("edit.undo")
    assert window.document.graph["x4"].name == "x4"


def test_the_menus_hold_every_command_that_names_one(window: MainWindow) -> None:
    for entry in COMMANDS.values():
        if entry.menu:
            assert window.commands[entry.id] in window.commands.menus[entry.menu].actions()


def test_edit_commands_act_on_the_text_field_that_has_the_focus(window: MainWindow, qtbot) -> None:
    field = window.toolbar.formula.field
    window.activateWindow()
    field.setFocus()
    qtbot.waitUntil(lambda: QApplication.focusWidget() is field)
    field.selectAll()
    window.run("edit.copy") if window.commands["edit.copy"].isEnabled() else window.edit("copy")
    assert QApplication.clipboard().text() == field.text()
    qtbot.keyClick(field, Qt.Key.Key_Backspace)
    assert field.text() == ""
    assert len(window.document.graph) == 9
    window.edit("undo")
    assert field.text() != ""
