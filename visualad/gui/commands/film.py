"""Commands on films: the whole sweep as a file to take away."""

from __future__ import annotations

from visualad.gui.commands.declaration import Command, has_sweep
from visualad.gui.film_export import export_film

FILM = (
    Command(
        "file.export_film",
        "Export Sweep…",
        export_film,
        "File",
        ("Ctrl+Shift+E",),
        "",
        has_sweep,
        tip="Write all steps of the derivative as PDF pages, as GIF or MP4 film or as a web page.",
        section=2,
    ),
)
