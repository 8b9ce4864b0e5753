"""What the card of a collapsed group shows, as plain texts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from visualad.errors import VisualADError
from visualad.exchange.words import title
from visualad.graph.folding import Folding
from visualad.graph.formula import expression
from visualad.graph.model import Graph
from visualad.gui.canvas.faces import Face, Looks, Row, asked_row, row, waiting_text
from visualad.ops.writing import pretty

MOST_RESULTS = 4  # whose numbers stand on a card
_LONGEST = 26  # characters of a formula
_MOST_WRITTEN = 10  # nodes in a formula
# Room before the title for the triangle that opens the group.
_TOGGLE = " " * 5


@dataclass(frozen=True, eq=False)
class GroupFace:
    """The face of a group and where its results stand.

    Attributes:
        face: its ports are the ids of the nodes outside that feed the group.
        results: ids of the nodes that it gives out; `lines`: for each the row at its number.
    """

    face: Face
    results: tuple[str, ...]
    lines: tuple[int, ...]


def group_face(folding: Folding, id_: str, looks: Looks, written: str = "") -> GroupFace:
    """The face of a group's card; `written`: its formula, see `group_formula`."""
    graph, group = folding.graph, folding.cards[id_]
    edge = folding.borders[id_]
    rows: list[Row] = []
    lines: list[int] = []
    for number, result in enumerate(edge.results):
        if number == MOST_RESULTS - 1 and len(edge.results) > MOST_RESULTS:
            lines += [len(rows)] * (len(edge.results) - number)
            rows.append(Row(f"{len(edge.results) - number} more", "", "text_muted", quiet=True))
            break
        lines.append(len(rows))
        rows += _rows(graph, result, looks)
    if looks.eliminates:
        rows.append(_eliminated(group.members, looks))
    error = next((looks.failures[m] for m in group.members if _fails(graph, m, looks)), "")
    count = f"{len(group.members)} node{'s' if len(group.members) != 1 else ''}"
    writing = written if 0 < len(written) <= _LONGEST else count
    said = [f"{r.label} {r.text}".strip() for r in rows]
    face = Face(
        kind="group",
        title=_TOGGLE + group.title,
        writing=writing,
        short_writing=count,
        rows=tuple(rows) or (Row("", "no result", "text_muted", quiet=True),),
        ports=edge.sources,
        port_labels=("",) * len(edge.sources),
        is_output=any(result in graph.output_ids for result in edge.results),
        editable=False,
        error=error,
        kink=next((looks.kinks[m] for m in group.members if m in looks.kinks), ""),
        description=f"Group {group.title}: {written or count}, {', '.join(said)}",
    )
    return GroupFace(face, edge.results, tuple(lines))


def _rows(graph: Graph, id_: str, looks: Looks) -> Iterator[Row]:
    """Value and derivative of a node that the group gives out."""
    node = graph.nodes_by_id[id_]
    name = title(graph, node, is_output=id_ in graph.output_ids)
    asked = looks.mask.kinds(graph, id_)
    waits = waiting_text(graph, node, looks.failures.get(id_, ""))
    value = node.value if node.is_leaf and node.value is not None else looks.values.get(id_)
    found = [replace(row(name, value), token="text")]
    if waits:
        found = [Row(name, waits, "text_muted", quiet=True)]
    if id_ in looks.derivatives:
        label, derivative, token = looks.derivatives[id_]
        # Of several results one has to see whose derivative it is.
        found.append(row(name if token == "cross" else label, derivative, token))
    for number, line in enumerate(found):
        hidden = asked or looks.mask.stamps
        yield asked_row(looks.mask, id_, number, line, asked) if hidden else line


def _eliminated(members: tuple[str, ...], looks: Looks) -> Row:
    inner = [m for m in members if m in looks.derivatives]
    gone = sum(m in looks.eliminated for m in inner)
    return Row("eliminated", f"{gone} of {len(inner)}", "cross")


def _fails(graph: Graph, id_: str, looks: Looks) -> bool:
    failure = looks.failures.get(id_, "")
    return bool(failure) and not waiting_text(graph, graph.nodes_by_id[id_], failure)


def group_formula(folding: Folding, id_: str) -> str:
    """What the group computes, when it gives out one node; "" else."""
    graph, members = folding.graph, folding.cards[id_].members
    results = folding.borders[id_].results
    # What is used twice would be written twice, and so on inwards.
    if len(results) != 1 or len(members) > _MOST_WRITTEN:
        return ""
    if any(graph.nodes_by_id[m].operation is None for m in members):
        return ""
    try:
        return pretty(expression(graph, results[0], inline=set(members)))
    except VisualADError:
        return ""  # a port is open
