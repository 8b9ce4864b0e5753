"""Edits of notes and frames: what lies on the canvas beside the mathematics."""

from __future__ import annotations

import math
from collections.abc import Container
from dataclasses import replace

from visualad.errors import GraphError
from visualad.graph.model import Frame, Graph, Note
from visualad.graph.names import free_name

Rectangle = tuple[float, float, float, float]  # x, y, width, height in scene units


def add_note(graph: Graph, text: str, rectangle: Rectangle, *, id: str | None = None) -> Graph:
    """A new note, the last in `notes`."""
    key = new_id(graph.notes, "note", id)
    return graph.with_(notes={**graph.notes, key: Note(key, text, _checked(rectangle))})


def set_note(
    graph: Graph, id: str, *, text: str | None = None, rectangle: Rectangle | None = None
) -> Graph:
    """Change a note's text, place or size.

    Raises:
        GraphError: if there is no such note.
    """
    note = graph.notes.get(id)
    if note is None:
        raise GraphError(f"There is no note '{id}'.")
    changed = replace(
        note,
        text=note.text if text is None else text,
        rectangle=note.rectangle if rectangle is None else _checked(rectangle),
    )
    return graph.with_(notes={**graph.notes, id: changed})


def remove_note(graph: Graph, id: str) -> Graph:
    """The graph without this note.

    Raises:
        GraphError: if there is none.
    """
    if id not in graph.notes:
        raise GraphError(f"There is no note '{id}'.")
    return graph.with_(notes={key: note for key, note in graph.notes.items() if key != id})


def add_frame(
    graph: Graph, title: str, rectangle: Rectangle, *, colour: str = "", id: str | None = None
) -> Graph:
    """A new frame, the last in `frames`."""
    key = new_id(graph.frames, "frame", id)
    return graph.with_(frames={**graph.frames, key: Frame(key, title, _checked(rectangle), colour)})


def set_frame(
    graph: Graph,
    id: str,
    *,
    title: str | None = None,
    rectangle: Rectangle | None = None,
    colour: str | None = None,
) -> Graph:
    """Change a frame's title, place, size or colour.

    Raises:
        GraphError: if there is no such frame.
    """
    frame = graph.frames.get(id)
    if frame is None:
        raise GraphError(f"There is no frame '{id}'.")
    changed = replace(
        frame,
        title=frame.title if title is None else title,
        rectangle=frame.rectangle if rectangle is None else _checked(rectangle),
        colour=frame.colour if colour is None else colour,
    )
    return graph.with_(frames={**graph.frames, id: changed})


def remove_frame(graph: Graph, id: str) -> Graph:
    """The graph without this frame; the nodes in it stay.

    Raises:
        GraphError: if there is none.
    """
    if id not in graph.frames:
        raise GraphError(f"There is no frame '{id}'.")
    return graph.with_(frames={key: frame for key, frame in graph.frames.items() if key != id})


def new_id(present: Container[str], stem: str, wanted: str | None) -> str:
    """The id that is wanted, or a free one: `note1`, `note2`, ...

    Raises:
        GraphError: if the wanted one is taken.
    """
    if wanted is None:
        return free_name(stem, 1, present)[0]
    if wanted in present:
        raise GraphError(f"The id '{wanted}' is taken; choose another.")
    return wanted


def _checked(rectangle: Rectangle) -> Rectangle:
    x, y, width, height = (float(part) for part in rectangle)
    if not all(map(math.isfinite, (x, y, width, height))) or width <= 0 or height <= 0:
        raise GraphError("A rectangle needs a finite place and a positive width and height.")
    return x, y, width, height
