"""SVG, DOT and TikZ: all draw the same boxes and curves, none needs Qt."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

import visualad as va
from visualad.exchange.drawing import BOX_HEIGHT, BOX_WIDTH, draw
from visualad.exchange.formats import FORMATS, Request, write
from visualad.graph.edits import add_node, rename, set_setting, set_settings
from visualad.graph.model import Graph, Node

LECTURE = "(x1*x2*sin(x3) + exp(x1*x2)) / x3"
SVG = "{http://www.w3.org/2000/svg}"


def lecture() -> Graph:
    graph = va.parse(LECTURE)
    for name, value in {"x1": 1.0, "x2": 2.0, "x3": 1.5707963267948966}.items():
        graph = set_setting(graph, graph.id_of(name), "value", value)
    return graph


def strange() -> Graph:
    """Names and values that XML, DOT and TeX have to escape, an open port, an unknown node type."""
    graph = va.parse("a_b*alpha + x1**2 < y")
    unknown = Node("u", "no_such_type", "mystery", position=(0.0, 400.0), stored_ports=("in",))
    graph = graph.with_(nodes_by_id={**graph.nodes_by_id, "u": unknown})
    return add_node(graph, "mul", name="open", position=(200.0, 400.0))


def test_no_two_boxes_overlap_and_all_lie_inside_the_picture() -> None:
    drawing = draw(lecture())
    for i, a in enumerate(drawing.boxes):
        assert 0 <= a.x <= drawing.width - BOX_WIDTH
        assert 0 <= a.y <= drawing.height - BOX_HEIGHT
        for b in drawing.boxes[:i]:
            assert abs(a.x - b.x) >= BOX_WIDTH or abs(a.y - b.y) >= BOX_HEIGHT


def test_a_node_stays_where_the_graph_has_it() -> None:
    from visualad.graph.edits import move

    graph = va.parse("sin(x)")
    first, second = graph.order
    graph = move(graph, {first: (10.0, 20.0), second: (310.0, 70.0)})
    a, b = draw(graph).boxes
    assert (b.x - a.x, b.y - a.y) == (300.0, 50.0)


def test_an_svg_has_a_box_for_each_node_and_a_curve_for_each_edge() -> None:
    graph = lecture()
    root = ElementTree.fromstring(va.to_source(graph, "svg"))
    assert len(root.findall(f"{SVG}g")) == len(graph.nodes)
    assert len(root.findall(f"{SVG}path")) == len(graph.edges)
    texts = {element.text for element in root.iter(f"{SVG}text")}
    assert {"x₄", "x₁·x₂", "5.977"} <= texts


def test_texts_of_an_svg_fit_their_boxes_in_the_wider_font_that_stands_in() -> None:
    graph = va.parse(
        "temperature_outside = aaaaaaaaaaaa*bbbbbbbbbbbbbbb + sin(aaaaaaaaaaaa); z = 2*x"
    )
    graph = set_settings(graph, {graph.id_of("x"): {"value": -6.1725e-301}})
    root = ElementTree.fromstring(va.to_source(graph, "svg"))
    for group in root.iter(f"{SVG}g"):
        name, operation, _, value = (text.text or "" for text in group.iter(f"{SVG}text"))
        assert 10.4 * len(name) + 7.4 * len(operation) <= 150 - 24  # px of DejaVu Sans
        assert len(value) <= 11
    values = [text.text for text in root.iter(f"{SVG}text") if "long" in text.get("class", "")]
    assert values == ["-6.172e-301", "-1.234e-300"]  # none is cut


def test_an_svg_calls_inputs_as_the_canvas_does() -> None:
    root = ElementTree.fromstring(va.to_source(lecture(), "svg"))
    words = [text.text for text in root.iter(f"{SVG}text") if text.get("class") == "operation"]
    assert words.count("input") == 3


def test_an_svg_of_strange_names_is_valid_xml() -> None:
    root = ElementTree.fromstring(va.to_source(strange(), "svg"))
    assert "mystery" in {element.text for element in root.iter(f"{SVG}text")}


def test_dot_names_every_node_and_edge_with_its_port() -> None:
    graph = lecture()
    text = va.to_source(graph, "dot")
    assert text.startswith("digraph {")
    assert text.count("->") == len(graph.edges)
    assert text.count(" [label=") == len(graph.nodes) + text.count('[label="x"') + text.count(
        '[label="y"'
    )


def test_dot_escapes_quotes_and_line_ends() -> None:
    for line in va.to_source(strange(), "dot").splitlines():
        assert len(re.findall(r'(?<!\\)"', line)) % 2 == 0


def test_tikz_is_balanced_and_has_the_formula() -> None:
    for graph in (lecture(), va.parse("a_b + 1")):
        text = va.to_source(graph, "tikz")
        assert text.count("{") == text.count("}")
        assert text.count(r"\node") == len(graph.nodes) + 1
        assert text.count(r"\draw") == len(graph.edges)
        assert r"\end{tikzpicture}" in text
    assert "x_{4}" in va.to_source(lecture(), "tikz")


def test_an_unfinished_graph_can_be_drawn() -> None:
    for language in ("svg", "dot", "tikz"):
        assert "mystery" in va.to_source(strange(), language)


def test_the_latex_formula_is_the_graphs() -> None:
    text = va.to_source(lecture(), "latex")
    assert text.startswith("x_{9} = ")
    assert r"\sin" in text


def test_an_unknown_language_is_refused_with_the_known_ones() -> None:
    with pytest.raises(va.VisualADError, match=r"'fortran'.*numpy, torch, jax, latex, tikz, dot"):
        va.to_source(lecture(), "fortran")


@pytest.mark.parametrize("suffix", sorted(FORMATS))
def test_every_format_is_written_by_the_ending_of_the_name(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"lecture{suffix.upper() if suffix != '.vad' else suffix}"
    write(lecture(), path)
    assert path.read_text(encoding="utf-8") == FORMATS[suffix].write(
        lecture(), Request(title=path.stem)
    )
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def test_an_unknown_ending_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(va.FileError, match=r"\.py.*\.svg"):
        write(lecture(), tmp_path / "lecture.docx")


def test_a_folder_that_does_not_exist_is_named(tmp_path: Path) -> None:
    with pytest.raises(va.FileError, match="missing"):
        write(lecture(), tmp_path / "missing" / "lecture.svg")


def test_a_failing_export_leaves_the_old_file_alone(tmp_path: Path) -> None:
    path = tmp_path / "lecture.py"
    path.write_text("precious")
    with pytest.raises(va.GraphError):
        write(strange(), path)
    assert path.read_text() == "precious"


def test_drawing_without_the_window_imports_no_qt() -> None:
    program = (
        "import sys, visualad as va\n"
        "for language in ('svg', 'dot', 'tikz', 'numpy'):\n"
        "    va.to_source(va.parse('x*y'), language)\n"
        "print([m for m in sys.modules if m.startswith(('PySide6', 'pyqtgraph', 'visualad.gui'))])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "[]"


def test_a_renamed_node_is_drawn_under_its_new_name() -> None:
    graph = va.parse("x*y")
    graph = rename(graph, graph.order[-1], "area")
    assert "area" in va.to_source(graph, "svg")
