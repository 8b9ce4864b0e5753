"""The web page: its data are the sweeps' own numbers, and no name can break out of it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings

import visualad as va
from tests.strategies import scalar_graphs
from visualad.assets import asset
from visualad.exchange.drawing import draw
from visualad.exchange.formats import Request, write
from visualad.exchange.html import embedded_json, html
from visualad.exchange.mathml import mathml
from visualad.exchange.page_data import HEIGHT, MOST_NODES, page_data
from visualad.graph.edits import set_outputs, set_setting
from visualad.graph.model import Graph
from visualad.ops.writing import number_text

LECTURE = "(x1*x2*sin(x3) + exp(x1*x2)) / x3"
EVIL = "</script><img src=x onerror=alert(1)> & \"'\u2028<!--"


def at(text: str, **values: float) -> Graph:
    graph = va.parse(text)
    for name, value in values.items():
        graph = set_setting(graph, graph.id_of(name), "value", value)
    return graph


def lecture() -> Graph:
    return at(LECTURE, x1=1.5, x2=0.8, x3=2.0)


def renamed(graph: Graph, id_: str, name: str) -> Graph:
    """With a name that the editor would refuse; a file may hold it."""
    nodes = {**graph.nodes_by_id, id_: replace(graph.nodes_by_id[id_], name=name)}
    return graph.with_(nodes_by_id=nodes)


class Reader(HTMLParser):
    """Collects the elements of a page and the text of its scripts."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self._in_script = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self._in_script = tag == "script"
        if self._in_script:
            self.scripts.append("")

    def handle_endtag(self, tag: str) -> None:
        self._in_script = False

    def handle_data(self, data: str) -> None:
        if self._in_script:
            self.scripts[-1] += data


def read(page: str) -> tuple[Reader, dict[str, Any]]:
    reader = Reader()
    reader.feed(page)
    return reader, json.loads(reader.scripts[0])


def shown(value: Any) -> str:
    return number_text(value).replace("-", "−")


@pytest.mark.parametrize("mode", ["forward", "backward"])
def test_every_step_holds_the_result_and_the_partial_sums_of_the_sweep(mode: str) -> None:
    _, data = read(html(lecture()))
    swept = va.sweep(lecture(), mode=mode)
    steps = data["modes"][mode][0]["steps"]
    assert [step["node"] for step in steps] == [step.node for step in swept]
    for written, step in zip(steps, swept, strict=True):
        assert written["result"] == shown(step.result)
        assert written["sums"] == [shown(term.partial_sum) for term in step.terms]
        assert written["edges"] == ["\0".join(edge) for edge in step.edges]
        assert written["note"] == "" or step.note
    last = steps[-1]["cost"]
    assert last == [swept.cost.multiplications, swept.cost.additions]


def test_cross_mode_makes_the_edges_of_the_sweep_and_ends_with_the_jacobian() -> None:
    _, data = read(html(lecture(), order="forward"))
    swept = va.sweep(lecture(), mode="cross", order="forward")
    steps = data["modes"]["cross"][0]["steps"]
    for written, step in zip(steps, swept, strict=True):
        assert [(f["source"], f["target"]) for f in written["fills"]] == [
            (f.source, f.target) for f in step.fill_ins
        ]
    assert steps[-1]["cost"] == [13, swept.cost.additions]
    graph = lecture()
    drawn = {(edge.source, edge.target) for edge in graph.edges}
    made = {(f.source, f.target) for step in swept for f in step.fill_ins} - drawn
    assert set(data["modes"]["cross"][0]["ways"]) == {f"{s}\0{t}\0" for s, t in made}
    assert dict(data["modes"]["cross"][0]["result"]) == {
        f"∂x₉/∂{name}": shown(swept.jacobian["x9", plain])
        for name, plain in (("x₁", "x1"), ("x₂", "x2"), ("x₃", "x3"))
    }


def test_what_a_vertex_would_cost_is_counted_anew_after_each_elimination() -> None:
    data = page_data(lecture(), order="backward")
    for step, swept in zip(
        data["modes"]["cross"][0]["steps"],
        va.sweep(lecture(), mode="cross", order="backward"),
        strict=True,
    ):
        assert step["rows"][swept.node] == ["eliminated", f"{swept.cost.multiplications} mul"]
    before = data["modes"]["cross"][0]["rows"]
    assert before["x4"] == ["in × out", "2 × 2"]


def test_cards_stand_where_the_drawing_has_them() -> None:
    data = page_data(lecture())
    boxes = {
        box.node.id: (round(box.x, 1), round(box.y, 1)) for box in draw(lecture(), HEIGHT).boxes
    }
    assert {node["id"]: (node["x"], node["y"]) for node in data["nodes"]} == boxes
    values = va.evaluate(lecture())
    for node in data["nodes"]:
        assert node["number"] == shown(values[node["id"]])


def test_every_formula_is_mathml_or_text() -> None:
    _, data = read(html(lecture()))
    assert len(data["formulas"]) > 20
    for markup, text in data["formulas"]:
        assert ElementTree.fromstring(markup).tag == "math"
        assert text
    used = [part[0] for views in data["modes"].values() for view in views
            for step in view["steps"]
            for line in step["lines"] for part in line.get("parts", [])]  # fmt: skip
    assert set(used) == set(range(len(data["formulas"])))


def test_no_name_breaks_out_of_the_page() -> None:
    graph = renamed(lecture(), "x4", EVIL)
    page = html(graph, title=EVIL)
    reader, data = read(page)
    assert [tag for tag, _ in reader.elements].count("script") == 2
    assert not any(tag == "img" for tag, _ in reader.elements)
    assert EVIL in next(node["name"] for node in data["nodes"] if node["id"] == "x4")
    for markup, _ in data["formulas"]:
        if markup:
            tags = {element.tag for element in ElementTree.fromstring(markup).iter()}
            assert tags <= {"math", "mrow", "mi", "mo", "mn", "mtext", "mfrac", "msub", "msup",
                            "mover", "mspace"}  # fmt: skip
    assert not set("<>&\u2028") & set(reader.scripts[0])


def test_json_in_a_script_cannot_end_it() -> None:
    text = embedded_json({"a": EVIL, "b": "\u2029]]>"})
    assert not set("<>&\u2028\u2029") & set(text)
    assert json.loads(text) == {"a": EVIL, "b": "\u2029]]>"}


@pytest.mark.parametrize(
    ("latex", "text"),
    [
        (r"\text{a<b & c}", "a<b & c"),
        (r"\text{h\_1}", "h_1"),
        (r"-3.8 \cdot \sin x_{3}", "−3.8·sinx3"),
        (r"\Delta", "Δ"),
    ],
)
def test_formulas_keep_their_signs(latex: str, text: str) -> None:
    made = ElementTree.fromstring(mathml(latex) or "")
    assert "".join(made.itertext()).replace("\xa0", " ") == text


@pytest.mark.parametrize("latex", ["", r"\frac{1}{", "x" * 7000])
def test_what_is_no_formula_is_left_to_be_written_as_text(latex: str) -> None:
    assert mathml(latex) is None or ElementTree.fromstring(mathml(latex) or "") is not None
    assert mathml("") is None


def test_the_page_needs_nothing_from_anywhere() -> None:
    page = html(lecture())
    reader, _ = read(page)
    for _, attributes in reader.elements:
        assert not {"src", "href"} & attributes.keys()
    without = re.sub(r"http://www\.w3\.org/(2000/svg|1998/Math/MathML)", "", page)
    assert "http" not in without.replace("http-equiv", "")
    assert "@import" not in page
    assert "url(" not in page
    assert len(page) < 200_000


def test_colours_are_those_of_the_window() -> None:
    from visualad.gui.theme import DARK, LIGHT

    style = asset("page/page.css").read_text(encoding="utf-8")
    found = re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)", style)
    assert len(found) > 20
    for name, light, dark in found:
        token = name.replace("-", "_")
        assert (light, dark) == (getattr(LIGHT, token), getattr(DARK, token)), name


def test_a_mode_that_is_not_possible_is_off_and_says_why() -> None:
    # A failing node leaves forward mode and the rest of backward mode, but not cross mode.
    graph = va.parse("X @ W")
    graph = set_setting(graph, graph.id_of("X"), "value", np.ones((2, 3)))
    graph = set_setting(graph, graph.id_of("W"), "value", np.ones((4, 2)))
    with pytest.raises(va.VisualADError):
        html(graph, mode="cross")


def test_the_mode_that_is_asked_for_is_shown_first() -> None:
    assert page_data(lecture(), "cross")["first"] == "cross"
    assert page_data(lecture())["first"] == "backward"


def test_a_graph_too_large_for_a_page_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("visualad.exchange.page_data.MOST_NODES", 8)
    with pytest.raises(va.VisualADError, match=r"\.csv"):
        html(lecture())
    assert MOST_NODES > 500


def test_an_input_without_value_is_named() -> None:
    with pytest.raises(va.GraphError, match="--at x2=1"):
        html(at(LECTURE, x1=1.0, x3=2.0))


def test_arrays_are_shown_by_their_shape() -> None:
    graph = va.mlp([2, 3, 1], seed=1, loss="mean_squared_error")
    graph = set_setting(graph, graph.id_of("X"), "value", np.ones((4, 2)))
    graph = set_setting(graph, graph.id_of("Y"), "value", np.ones((4, 1)))
    _, data = read(html(graph))
    numbers = {node["id"]: node["number"] for node in data["nodes"]}
    assert numbers["W1"] == "3×2 array"


def test_every_example_becomes_a_page() -> None:
    for path in sorted(asset("graphs").glob("*.vad")):
        _, data = read(html(va.load(path), title=path.stem))
        assert set(data["modes"]) == {"forward", "backward", "cross"}, data["refused"]


def test_the_title_is_the_name_of_the_file_unless_told(tmp_path: Path) -> None:
    write(lecture(), tmp_path / "my lecture.html", Request(mode="forward"))
    _, data = read((tmp_path / "my lecture.html").read_text(encoding="utf-8"))
    assert (data["title"], data["first"]) == ("my lecture", "forward")


def test_writing_a_page_imports_neither_qt_nor_what_typesets_in_the_window() -> None:
    program = (
        "import sys, visualad as va\n"
        "from visualad.exchange.html import html\n"
        f"g = va.load({str(asset('graphs/lecture.vad'))!r})\n"
        "html(g)\n"
        "print([m for m in sys.modules if m.split('.')[0] in ('PySide6', 'ziamath', 'ziafont')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "[]"


@given(scalar_graphs(largest=8, single_output=True))
@settings(max_examples=25)
def test_any_graph_ends_with_the_derivatives_of_its_sweeps(graph: Graph) -> None:
    data = page_data(graph)
    json.dumps(data, allow_nan=False)
    edges = {edge["key"] for edge in data["edges"]}
    for mode, (found, *_) in data["modes"].items():
        swept = va.sweep(graph, mode=mode)
        assert len(found["steps"]) == len(swept)
        for written, step in zip(found["steps"], swept, strict=True):
            if mode == "cross":
                # What a step makes has a way of its own or is an edge that is drawn anyway.
                for fill in written["fills"]:
                    pair = f"{fill['source']}\0{fill['target']}\0"
                    assert pair in found["ways"] or any(key.startswith(pair) for key in edges)
            else:
                assert set(written["edges"]) <= edges
                assert written["result"] == shown(step.result)
    total = data["modes"]["cross"][0]["cost"][:2]
    assert total == (data["modes"]["cross"][0]["steps"] or [{"cost": total}])[-1]["cost"]


def test_edges_may_lead_to_an_eliminated_output_that_others_use() -> None:
    graph = lecture()
    graph = set_outputs(graph, [graph.id_of("x8"), graph.id_of("x9")])
    last = page_data(graph, "cross")["modes"]["cross"][0]["steps"][-1]
    written = {key.split("\x00")[1] for key, *_ in last["labels"]}
    assert graph.id_of("x8") in written


def test_several_equations_stand_in_the_head_one_after_the_other() -> None:
    text = html(at("a = x*y; f = a + sin(x); g = a*f", x=1.0, y=2.0))
    head = text[text.index('<p id="formula">') : text.index("</p>", text.index('<p id="formula">'))]
    assert head.count("<math") == 3
    assert "&amp;" not in head
