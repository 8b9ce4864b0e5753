"""Every command of the window in one table: menus, toolbar, shortcuts and palette come from it."""

from __future__ import annotations

from visualad.errors import VisualADError
from visualad.gui.commands import (
    data,
    derivatives,
    document,
    elimination,
    export,
    groups,
    looking,
    neurons,
    training,
    window,
)
from visualad.gui.commands.declaration import Command

__all__ = ["COMMANDS", "MENUS", "Command", "command"]

MENUS = ("File", "Edit", "View", "Graph", "Differentiate", "Train", "Plugins", "Help")

COMMANDS: dict[str, Command] = {
    entry.id: entry
    for entry in (
        *document.FILE,
        *export.EXPORT,
        *document.EDIT,
        *export.COPY_TRACE,
        *window.VIEW,
        *window.panels(),
        *derivatives.GRAPH,
        *groups.GROUPS,
        *neurons.NEURONS,
        *derivatives.DIFFERENTIATE,
        *elimination.ELIMINATION,
        *derivatives.TRANSPORT,
        *training.TRAIN,
        *looking.LOOKING,
        *data.DATA,
        *window.PLUGINS,
        *window.HELP,
    )
}


def command(identity: str) -> Command:
    """The command with this id.

    Raises:
        VisualADError: if there is none.
    """
    found = COMMANDS.get(identity)
    if found is None:
        raise VisualADError(
            f"There is no command '{identity}'; the command palette (Ctrl+K) lists them all."
        )
    return found
