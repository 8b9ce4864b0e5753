"""What a command of the window is, and the conditions under which commands make sense."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from visualad.gui.main_window import MainWindow


def always(window: MainWindow) -> bool:
    """No condition."""
    return True


@dataclass(frozen=True)
class Command:
    """One command.

    Attributes:
        id: stable; the part before the dot is its subject.
        title: as the menu shows it; ends in "…" when a question follows.
        run: does it.
        menu: "File" or a submenu "Differentiate/Speed"; "" for the command palette alone.
        shortcuts: in Qt's portable writing; the first is shown.
        icon: file name in assets/icons, or "".
        enabled: whether it makes sense now.
        checked: for commands that are on or off.
        named: the title as it is now ("Undo Move x4"), where it changes.
        tip: what it does, for tool tips and the palette, where the title does not say it all.
        section: commands of one menu with the same number stand together between lines.
    """

    id: str
    title: str
    run: Callable[[MainWindow], object]
    menu: str = ""
    shortcuts: tuple[str, ...] = ()
    icon: str = ""
    enabled: Callable[[MainWindow], bool] = always
    checked: Callable[[MainWindow], bool] | None = None
    named: Callable[[MainWindow], str] | None = None
    tip: str = ""
    section: int = 0


# What must hold for a command to make sense ------------------------------------------------------


def has_nodes(window: MainWindow) -> bool:
    """The graph has nodes."""
    return len(window.document.graph) > 0


def has_selection(window: MainWindow) -> bool:
    """Something is selected: a node, an edge, a note or a frame."""
    session = window.session
    return bool(session.selected_nodes or session.selected_edges or session.selected_backdrops)


def has_selected_nodes(window: MainWindow) -> bool:
    """A node is selected."""
    return bool(window.session.selected_nodes)


def one_node(window: MainWindow) -> bool:
    """Exactly one node is selected."""
    return len(window.session.selected_nodes) == 1


def has_name(window: MainWindow) -> bool:
    """One thing is selected that has a name, title or text."""
    if window.session.selected_nodes:
        return one_node(window) or bool(window.canvas.grouping.selected_group())
    return len(window.session.selected_backdrops) == 1


def has_sweep(window: MainWindow) -> bool:
    """There is a derivative to move through."""
    return window.session.sweep is not None and len(window.session.sweep) > 0


def before_end(window: MainWindow) -> bool:
    """There is a further step."""
    sweep = window.session.sweep
    return sweep is not None and window.session.step_index < len(sweep) - 1


def after_start(window: MainWindow) -> bool:
    """There is a step to go back."""
    return has_sweep(window) and window.session.step_index >= 0


def trainable(window: MainWindow) -> bool:
    """The graph has parameters and settings of training."""
    return bool(window.document.graph.parameters and window.document.graph.training)


def is_on(mode: str) -> Callable[[MainWindow], bool]:
    """A mode is shown."""
    return lambda window: window.session.mode == mode


def toggle(mode: str) -> Callable[[MainWindow], object]:
    """Show a mode, or values only when it is shown already."""
    return lambda window: window.session.set_mode("" if window.session.mode == mode else mode)
