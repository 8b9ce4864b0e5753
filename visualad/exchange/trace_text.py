"""The trace table as CSV for programs, Markdown for notes and LaTeX for papers."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Unpack

import numpy as np

from visualad.autodiff.steps import BACKWARD, CROSS, FORWARD
from visualad.exchange.tex import document
from visualad.exchange.trace_table import (
    Derivative,
    Elimination,
    OrderWish,
    Row,
    TraceTable,
    TraceWishes,
    has_sums,
    trace_table,
)
from visualad.exchange.words import minus
from visualad.graph.model import Graph
from visualad.ops.writing import number_latex, number_text

LATEX_HEAD = r"""\documentclass[border=4mm]{standalone}
\usepackage[T1]{fontenc}
\usepackage{amsmath}
\usepackage{booktabs}
\begin{document}
\renewcommand{\arraystretch}{1.35}
"""
LATEX_TAIL = r"""\end{document}
"""
_TITLES = {FORWARD: "tangent", BACKWARD: "adjoint"}
_NUMBERS = ("step", "value", "mul", "add", "mul so far", "add so far")  # set to the right
_ELIMINATION = ("step", "vertex", "edges made or changed", "mul", "add", "mul so far", "add so far")


# CSV ----------------------------------------------------------------------------------------


def trace_csv(
    graph: Graph,
    mode: str | None = None,
    order: OrderWish = "backward",
    **wishes: Unpack[TraceWishes],
) -> str:
    """Comma-separated values; numbers read back exactly, arrays and partial sums are JSON lists.

    Args and errors as for `trace_table`.
    """
    table = trace_table(graph, mode, order, **wishes)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    if CROSS in table.seeds:
        writer.writerow(
            ("step", "vertex", "edge", "before", "product", "after", "multiplications", "additions")
        )
        for vertex in table.eliminations:
            writer.writerows(_elimination_csv(vertex))
        return out.getvalue()
    columns = ("step", "node", "operation", "value")
    parts = ("step", "formula", "numbers", "value", "sums", "note")
    headings = [f"{_TITLES[shown]}_{part}" for shown in table.modes for part in parts]
    writer.writerow((*columns, *headings))
    for row in table.rows:
        operation = row.primal.plain if row.primal is not None else ""
        cells = [row.step, row.name.plain, operation, _exact(row.value)]
        for shown in table.modes:
            cells += _derivative_csv(_of(row, shown))
        writer.writerow(cells)
    return out.getvalue()


def _derivative_csv(found: Derivative | None) -> list[Any]:
    if found is None:
        return [""] * 6
    sums = json.dumps([_jsonable(part) for part in found.sums]) if found.sums else ""
    return [
        found.step,
        found.written.plain,
        found.numeric.plain,
        _exact(found.result),
        sums,
        found.note,
    ]


def _elimination_csv(row: Elimination) -> list[list[Any]]:
    spent = [row.spent.multiplications, row.spent.additions]
    if not row.fill_ins:
        return [[row.step, row.vertex.plain, "", "", "", "", *spent]]
    return [
        [
            row.step,
            row.vertex.plain,
            name.plain,
            _exact(fill.before),
            _exact(fill.term.contribution),
            _exact(fill.after),
            *spent,
        ]
        for name, fill in row.fill_ins
    ]


def _exact(value: Any) -> str:
    """A number that reads back the same; an array as a JSON list."""
    if value is None:
        return ""
    if not isinstance(value, Mapping) and np.ndim(value) == 0:
        return repr(float(value))
    return json.dumps(_jsonable(value))


def _jsonable(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _jsonable(part) for key, part in value.items()}
    return np.asarray(value, dtype=float).tolist()


# Markdown -------------------------------------------------------------------------------------


def trace_markdown(
    graph: Graph,
    mode: str | None = None,
    order: OrderWish = "backward",
    **wishes: Unpack[TraceWishes],
) -> str:
    """A table as GitHub and Pandoc read it, in Unicode. Args and errors as for `trace_table`."""
    table = trace_table(graph, mode, order, **wishes)
    headings, body = _cells(table, _text, _number)
    seeds = [_heading(words, table.seeds) for words in headings]
    right = [words in _NUMBERS for words in headings]
    lines = [
        _markdown_row(seeds),
        _markdown_row(["---:" if numbers else "---" for numbers in right]),
        *(_markdown_row(cells) for cells in body),
    ]
    return "\n".join([*lines, ""])


def _markdown_row(cells: Sequence[str]) -> str:
    safe = (cell.replace("\\", "\\\\").replace("|", "\\|").replace("*", "\\*") for cell in cells)
    return f"| {' | '.join(safe)} |"


def _text(written: Any) -> str:
    return str(written.text)


def _number(value: Any) -> str:
    if isinstance(value, Mapping):
        return f"({', '.join(_number(part) for part in value.values())})"
    return "—" if value is None else minus(number_text(value))


# LaTeX ----------------------------------------------------------------------------------------


def trace_tex(
    graph: Graph,
    mode: str | None = None,
    order: OrderWish = "backward",
    **wishes: Unpack[TraceWishes],
) -> str:
    """A LaTeX document of its own with the table; args and errors as for `trace_table`."""
    return document(LATEX_HEAD, trace_tabular(graph, mode, order, **wishes), LATEX_TAIL)


def trace_tabular(
    graph: Graph,
    mode: str | None = None,
    order: OrderWish = "backward",
    **wishes: Unpack[TraceWishes],
) -> str:
    """The table alone: a tabular with the rules of booktabs, to be put into a document."""
    table = trace_table(graph, mode, order, **wishes)
    headings, body = _cells(table, _latex, _latex_number)
    columns = "".join("r" if h in _NUMBERS else "l" for h in headings)
    shown = [_heading(words, {}) for words in headings]
    lines = [rf"\begin{{tabular}}{{{columns}}}", r"\toprule"]
    lines += [rf"{' & '.join(shown)} \\", r"\midrule"]
    lines += [rf"{' & '.join(cells)} \\" for cells in body]
    return "\n".join([*lines, r"\bottomrule", r"\end{tabular}", ""])


def _latex(written: Any) -> str:
    return f"${written.latex}$" if written.latex else ""


def _latex_number(value: Any) -> str:
    if value is None:
        return "---"
    if isinstance(value, Mapping):
        return rf"$({', '.join(number_latex(part) for part in value.values())})$"
    return f"${number_latex(value)}$"


# What both have in common ---------------------------------------------------------------------


def _cells(
    table: TraceTable, write: Callable[[Any], str], number: Callable[[Any], str]
) -> tuple[list[str], list[list[str]]]:
    """Headings and cells as text.

    Args:
        write: a formula in the writing of the format; `number`: likewise a value.
    """
    if CROSS in table.seeds:
        return list(_ELIMINATION), [
            _elimination_cells(r, write, number) for r in table.eliminations
        ]
    headings = ["step", "primal", "value"]
    with_sums = {m: has_sums([_of(row, m) for row in table.rows]) for m in table.modes}
    for mode in table.modes:
        headings += [_TITLES[mode], "value", *(["partial sums"] if with_sums[mode] else [])]
    body = []
    for row in table.rows:
        primal = write(row.name)
        if row.primal is not None:
            primal = _joined(primal, write(row.primal))
        cells = [str(row.step), primal, number(row.value)]
        for mode in table.modes:
            cells += _derivative_cells(_of(row, mode), write, number, sums=with_sums[mode])
        body.append(cells)
    return headings, body


def _derivative_cells(
    found: Derivative | None,
    write: Callable[[Any], str],
    number: Callable[[Any], str],
    *,
    sums: bool,
) -> list[str]:
    if found is None:
        return ["", "", *([""] if sums else [])]
    written = write(found.quantity)
    if found.sums:
        written = _joined(written, write(found.written))
    several = [number(part) for part in found.sums] if len(found.sums) > 1 else []
    return [written, number(found.result), *([", ".join(several)] if sums else [])]


def _elimination_cells(
    row: Elimination, write: Callable[[Any], str], number: Callable[[Any], str]
) -> list[str]:
    edges = []
    for name, fill in row.fill_ins:
        result = number(fill.after)
        shown = _joined(write(name), write(fill.term.numeric), *([result] if fill.created else []))
        if not fill.created:
            added = f"{number(fill.before)} + {number(fill.term.contribution)}".replace(
                "$ + $", " + "
            )
            shown = _joined(write(name), added, result)
        edges.append(shown)
    counts = (row.cost, row.spent)
    return [
        str(row.step),
        write(row.vertex),
        ", ".join(edges),
        *(str(n) for cost in counts for n in (cost.multiplications, cost.additions)),
    ]


def _joined(*sides: str) -> str:
    """Sides of an equation; in LaTeX they become one formula."""
    return " = ".join(sides).replace("$ = $", " = ")


def _heading(words: str, seeds: Mapping[str, str]) -> str:
    mode = next((m for m, title in _TITLES.items() if title == words), "")
    return f"{words} (seed {seeds[mode]})" if seeds.get(mode) else words


def _of(row: Row, mode: str) -> Derivative | None:
    return row.tangent if mode == FORWARD else row.adjoint
