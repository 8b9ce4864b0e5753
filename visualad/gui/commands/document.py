"""Commands on files and the document: File and Edit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from visualad.gui.commands.declaration import (
    Command,
    has_name,
    has_nodes,
    has_selected_nodes,
    has_selection,
)
from visualad.gui.elimination_game import elimination_game
from visualad.ops.writing import name_pretty

if TYPE_CHECKING:
    from visualad.gui.main_window import MainWindow


def undo_names(window: MainWindow) -> tuple[str, str]:
    """What Undo and what Redo would do, in words; "" for nothing."""
    game, document = elimination_game(window.session), window.document
    back, again = document.undo_name, document.redo_name
    if game.can_take_back:
        back = f"Elimination of {name_pretty(str(game.played[-1]))}"
    if game.can_go_again:
        again = "Elimination"
    return back, again


FILE = (
    Command("file.new", "New", lambda w: w.files.new(), "File", ("Ctrl+N",), "new"),
    Command(
        "file.new_perceptron",
        "New Multilayer Perceptron…",
        lambda w: w.files.new_perceptron(),
        "File",
        ("Ctrl+Shift+N",),
        "train",
        tip="Choose layers, activation, loss and data; the network becomes a graph.",
    ),
    Command(
        "file.new_playground",
        "New as TensorFlow Playground",
        lambda w: w.files.new_playground(),
        "File",
        (),
        "train",
        tip="Playground's network 2–4–2–1 on the circle, with its rules; train it at once.",
    ),
    Command("file.open", "Open…", lambda w: w.files.open(), "File", ("Ctrl+O",), "open", section=1),
    Command("file.save", "Save", lambda w: w.files.save(), "File", ("Ctrl+S",), "save", section=2),
    Command(
        "file.save_as",
        "Save As…",
        lambda w: w.files.save_as(),
        "File",
        ("Ctrl+Shift+S",),
        "save-as",
        section=2,
    ),
    Command("file.clear_recent", "Forget Recent Files", lambda w: w.recent.clear()),
    Command("file.quit", "Quit", lambda w: w.close(), "File", ("Ctrl+Q",), "close", section=4),
)

EDIT = (
    Command(
        "edit.undo",
        "Undo",
        lambda w: w.edit("undo"),
        "Edit",
        ("Ctrl+Z",),
        "undo",
        lambda w: w.document.can_undo or elimination_game(w.session).can_take_back,
        named=lambda w: f"Undo {undo_names(w)[0]}".strip(),
    ),
    Command(
        "edit.redo",
        "Redo",
        lambda w: w.edit("redo"),
        "Edit",
        ("Ctrl+Shift+Z", "Ctrl+Y"),
        "redo",
        lambda w: w.document.can_redo or elimination_game(w.session).can_go_again,
        named=lambda w: f"Redo {undo_names(w)[1]}".strip(),
    ),
    Command(
        "edit.cut",
        "Cut",
        lambda w: w.edit("cut"),
        "Edit",
        ("Ctrl+X",),
        "cut",
        has_selected_nodes,
        section=1,
    ),
    Command(
        "edit.copy",
        "Copy",
        lambda w: w.edit("copy"),
        "Edit",
        ("Ctrl+C",),
        "copy",
        has_selected_nodes,
        section=1,
    ),
    Command(
        "edit.paste",
        "Paste",
        lambda w: w.edit("paste"),
        "Edit",
        ("Ctrl+V",),
        "paste",
        section=1,
    ),
    Command(
        "edit.duplicate",
        "Duplicate",
        lambda w: w.canvas.duplicate(),
        "Edit",
        ("Ctrl+D",),
        "",
        has_selected_nodes,
        section=1,
    ),
    Command(
        "edit.delete",
        "Delete",
        lambda w: w.canvas.delete_selection(),
        "Edit",
        ("Delete", "Backspace"),
        "delete",
        has_selection,
        section=1,
    ),
    Command(
        "edit.rename",
        "Rename",
        lambda w: w.rename_selected(),
        "Edit",
        ("F2",),
        "",
        has_name,
        section=2,
    ),
    Command(
        "edit.select_all",
        "Select All",
        lambda w: w.edit("select_all"),
        "Edit",
        ("Ctrl+A",),
        "",
        has_nodes,
        section=3,
    ),
    Command(
        "edit.select_none",
        "Select Nothing",
        lambda w: w.session.select(),
        "Edit",
        ("Ctrl+Shift+A",),
        "",
        has_selection,
        section=3,
    ),
    Command(
        "edit.formula",
        "Edit Formula",
        lambda w: w.toolbar.take_formula(),
        "Edit",
        ("Ctrl+L",),
        tip="Put the cursor into the formula field.",
        section=4,
    ),
)
