"""A step of a sweep as a TikZ picture."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

import visualad as va
from visualad.autodiff.steps import MODES
from visualad.exchange.tex_state import tex_state, tikz_state
from visualad.exchange.trace_text import trace_tex
from visualad.graph.edits import set_outputs, set_setting
from visualad.graph.model import Graph

from .test_page import at, renamed
from .test_pictures import lecture


def nodes(text: str) -> dict[str, str]:
    """Style and text of every node that is a box, by its first line."""
    found = re.findall(r"\\node\[([^]]*)\] \(n\d+\) at \([^)]*\) \{\$(.*)\};", text)
    return {body.split(" ")[0].rstrip("$"): f"{style}|{body}" for style, body in found}


def draws(text: str, style: str) -> int:
    return len(re.findall(rf"\\draw\[{style}\]", text))


def test_only_the_adjoints_that_have_been_reached_are_shown() -> None:
    graph = lecture()
    steps = va.sweep(graph, mode="backward")
    for shown in range(len(steps) + 1):
        text = tikz_state(graph, "backward", shown)
        assert text.count(r"\textcolor{mode}") == shown
        assert sum("now" in node.split("|")[0] for node in nodes(text).values()) == (shown > 0)
        assert draws(text, "lit") == (len(steps[shown - 1].edges) if shown else 0)
        assert draws(text, "(?:lit|edge)") == len(graph.edges)


def test_the_step_is_written_under_the_picture() -> None:
    assert r"&= 0.6366 \cdot 1" in tikz_state(lecture(), "backward", 3)
    assert "aligned" not in tikz_state(lecture(), "backward", 0)


def test_tangents_stand_on_the_nodes_in_forward_mode() -> None:
    text = tikz_state(lecture(), "forward", 4)
    assert r"\dot{x}_{4} = 2" in nodes(text)["x_{4}"]
    assert r"\dot" not in nodes(text)["x_{5}"]


def test_eliminated_vertices_are_dashed_and_fill_ins_double() -> None:
    graph = lecture()
    text = tikz_state(graph, "cross", 3, ("x5", "x6", "x8", "x7", "x4"))
    gone = {name for name, node in nodes(text).items() if "gone" in node.split("|")[0]}
    assert gone == {"x_{5}", "x_{6}", "x_{8}"}
    assert "now" in nodes(text)["x_{8}"].split("|")[0]
    assert draws(text, "fill in, lit") == 2  # x4 -> x9 and x7 -> x9
    assert draws(text, "fill in") == 1  # x3 -> x7
    assert r"\partial x_{9}/\partial x_{4} = 4.704" in text
    # The edge that was filled in before and goes now is still there, dashed like the others.
    assert draws(text, "fill in, lit, dashed") == 1
    assert draws(text, "lit, dashed") == 2


def test_before_the_first_elimination_nothing_is_dashed() -> None:
    text = tikz_state(lecture(), "cross", 0)
    assert draws(text, "edge") == len(lecture().edges)
    assert "(n1)" in text


def test_an_output_that_others_use_stays_when_it_is_eliminated() -> None:
    graph = lecture()
    graph = set_outputs(graph, [graph.id_of("x8"), graph.id_of("x9")])
    found = va.sweep(graph, mode="cross")
    assert "x8" in {step.name for step in found}
    text = tikz_state(graph, "cross")
    assert "gone" not in nodes(text)["x_{8}"].split("|")[0]
    for name in ("x1", "x2", "x3"):
        assert rf"\partial x_{{8}}/\partial x_{{{name[1:]}}}" in text


@pytest.mark.parametrize("mode", MODES)
def test_a_step_beyond_the_last_is_the_last(mode: str) -> None:
    graph = lecture()
    last = tikz_state(graph, mode)
    assert (
        tikz_state(graph, mode, 999)
        == last
        == tikz_state(graph, mode, len(va.sweep(graph, mode=mode)))
    )


@pytest.mark.parametrize("mode", MODES)
def test_every_step_is_balanced_ascii(mode: str) -> None:
    for shown in range(len(va.sweep(lecture(), mode=mode)) + 1):
        text = tex_state(lecture(), mode, shown)
        assert text.count("{") == text.count("}")
        assert text.count("$") % 2 == 0
        assert text.isascii()


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no pdflatex here")
@pytest.mark.parametrize("mode", MODES)
def test_the_picture_compiles(tmp_path: Path, mode: str) -> None:
    (tmp_path / "state.tex").write_text(tex_state(lecture(), mode, 3), encoding="utf-8")
    done = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "state.tex"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:]


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no LaTeX is installed here")
@pytest.mark.parametrize("mode", ["forward", "backward", "cross"])
def test_any_name_and_any_array_compiles(tmp_path: Path, mode: str) -> None:
    """Special characters, letters that pdflatex has no font for, long names, matrices."""
    plain = at("a_long_name_of_an_input*größe_1 + λ*x_außen", a_long_name_of_an_input=1.0,
               größe_1=2.0, λ=3.0, x_außen=4.0)  # fmt: skip
    matrix = plain_matrix()
    hostile = renamed(lecture(), "x4", '50%_&#{}~^\\ö∂ "`$\n日本')
    for number, graph in enumerate((plain, matrix, hostile)):
        state, trace = tmp_path / f"state{number}.tex", tmp_path / f"trace{number}.tex"
        state.write_text(tex_state(graph, mode), encoding="utf-8")
        trace.write_text(trace_tex(graph, mode), encoding="utf-8")
        for source in (state, trace):
            done = subprocess.run(
                ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", source.name],
                cwd=tmp_path,
                capture_output=True,
                text=True,
                errors="replace",
                check=False,
            )
            assert done.returncode == 0, done.stdout[-2000:]
            assert "Missing character" not in source.with_suffix(".log").read_text("latin-1")
            assert source.with_suffix(".pdf").stat().st_size > 1000


def plain_matrix() -> Graph:
    graph = va.parse("f = sum((X@w)**2)")
    for name, value in (("X", np.arange(6.0).reshape(3, 2)), ("w", np.array([1.0, -2.0]))):
        graph = set_setting(graph, graph.id_of(name), "value", value)
    return graph
