"""A web page with the animated sweep: one file, no network, the page's own script."""

from __future__ import annotations

import html as markup
import json
import re
from functools import lru_cache
from typing import Unpack

from visualad.assets import asset
from visualad.errors import VisualADError
from visualad.exchange.mathml import mathml
from visualad.exchange.page_data import page_slices
from visualad.exchange.svg import readable
from visualad.exchange.tex import formulas
from visualad.exchange.trace_table import Further, OrderWish
from visualad.graph.model import Graph
from visualad.graph.slices import Slices, between, finished

_LONGEST_FORMULA = 400  # characters of LaTeX in the heading of the page
_FORMULAS = 50  # typeset in one slice
_SCRIPTS = ("graph.js", "panels.js", "player.js")
_PLACE = re.compile(r"@(title|formula|style|data|script|icon:[\w-]+)@")


def html(
    graph: Graph,
    mode: str | None = None,
    order: OrderWish = "backward",
    title: str = "",
    **wishes: Unpack[Further],
) -> str:
    """The page of a graph at the point stored in it, with the sweeps of all three modes.

    Args:
        mode: that is shown first.
        order: of elimination that cross mode shows first.
        title: heading of the page.
        wishes: `seed` of the mode, and `complete` of the order, as of `sweep`; shown first.

    Raises:
        VisualADError: if the graph has no derivative in this mode, or is too large for a page.
    """
    return finished(html_slices(graph, mode, order, title, **wishes))


def html_slices(
    graph: Graph,
    mode: str | None = None,
    order: OrderWish = "backward",
    title: str = "",
    **wishes: Unpack[Further],
) -> Slices[str]:
    """`html` slice by slice: seconds for hundreds of nodes."""
    name = title or "Computational graph"
    data = yield from between(0.0, 0.65, page_slices(graph, mode, order, name, **wishes))
    written: list[list[str | None]] = []
    for number, (latex, text) in enumerate(data["formulas"]):
        written.append([mathml(latex), readable(text)])
        if number % _FORMULAS == 0:
            yield 0.65 + 0.35 * number / len(data["formulas"])
    data["formulas"] = written
    parts = {
        "title": markup.escape(readable(data["title"])),
        "formula": _formula(graph),
        "style": _file("page.css"),
        "data": embedded_json(data),
        "script": "\n\n".join(map(_file, _SCRIPTS)),
    }

    def part(found: re.Match[str]) -> str:
        name = found[1]
        return _icon(name.removeprefix("icon:")) if name.startswith("icon:") else parts[name]

    return _PLACE.sub(part, _file("page.html"))


def embedded_json(data: object) -> str:
    """JSON to stand in a script element: no string in it can end the element or begin a comment."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def _formula(graph: Graph) -> str:
    """What the graph computes, typeset; nothing for a graph whose formula fills pages."""
    try:
        written = formulas(graph)
    except VisualADError:
        return ""
    if len(written) > _LONGEST_FORMULA:
        return ""
    # Several equations stand in one line, as far as there is room: the head of the page is low.
    body = written.removeprefix(r"\begin{aligned}").removesuffix(r"\end{aligned}")
    equations = [mathml(line.replace("&", "").strip()) for line in body.split(r"\\")]
    return ", ".join(equation for equation in equations if equation)


@lru_cache(maxsize=8)
def _file(name: str) -> str:
    return asset(f"page/{name}").read_text(encoding="utf-8").rstrip("\n")


@lru_cache(maxsize=16)
def _icon(name: str) -> str:
    """An icon to stand in the page; it takes the colour of the text around it."""
    source = asset(f"icons/{name}.svg").read_text(encoding="utf-8")
    opening = '<svg class="mark" aria-hidden="true" '
    return " ".join(source.split()).replace("<svg ", opening, 1)
