"""Commands that write what is shown: a picture or source, the trace table, the whole sweep."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from visualad.gui.commands.declaration import Command, has_nodes, has_sweep

if TYPE_CHECKING:
    from visualad.gui.main_window import MainWindow


def _export(window: MainWindow, what: str, **how: str) -> None:
    """Call a function of `visualad.gui.export`, which knows all formats and is imported late."""
    from visualad.gui import export

    getattr(export, what)(window, **how)


EXPORT = (
    Command(
        "file.export",
        "Export…",
        partial(_export, what="export_graph"),
        "File",
        ("Ctrl+E",),
        "export",
        has_nodes,
        tip="Write the graph as it is shown: PNG, SVG, PDF, LaTeX with TikZ, NumPy source, ...",
        section=2,
    ),
    Command(
        "file.export_film",
        "Export Sweep…",
        partial(_export, what="export_film"),
        "File",
        ("Ctrl+Shift+E",),
        "",
        has_sweep,
        tip="Write all steps of the derivative as PDF pages, as a film or as a web page.",
        section=2,
    ),
    Command(
        "file.export_trace",
        "Export Trace Table…",
        partial(_export, what="export_trace"),
        "File",
        ("Ctrl+Alt+E",),
        "",
        has_nodes,
        tip="Write the trace table as Markdown, LaTeX or CSV.",
        section=2,
    ),
)

COPY_TRACE = tuple(
    Command(
        f"edit.copy_trace_{name.lower()}",
        f"Copy Trace Table as {name}",
        partial(_export, what="copy_trace", suffix=suffix),
        "Edit/Copy Trace Table",
        enabled=has_nodes,
        section=1,
    )
    for name, suffix in (("Markdown", ".md"), ("LaTeX", ".tex"), ("CSV", ".csv"))
)
