"""The trace table as CSV, Markdown and LaTeX, re-read and compared with the sweep."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

import visualad as va
from visualad.errors import FileError
from visualad.exchange.formats import Request, write
from visualad.exchange.trace_table import trace_table
from visualad.exchange.trace_text import trace_csv, trace_markdown, trace_tabular, trace_tex
from visualad.graph.edits import rename, set_setting
from visualad.graph.model import Graph

LECTURE = "(x1*x2*sin(x3) + exp(x1*x2)) / x3"
BAYDIN = "log(x1) + x1*x2 - sin(x2)"


def at(text: str, **values: float) -> Graph:
    graph = va.parse(text)
    for name, value in values.items():
        graph = set_setting(graph, graph.id_of(name), "value", value)
    return graph


def lecture() -> Graph:
    return at(LECTURE, x1=1.5, x2=0.8, x3=2.0)


def read_csv(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def markdown_cells(text: str) -> list[list[str]]:
    lines = [line for line in text.splitlines() if not set(line) <= set("|-: ")]
    return [[c.strip() for c in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]


def test_csv_holds_the_numbers_of_both_sweeps_exactly() -> None:
    graph = lecture()
    rows = read_csv(trace_csv(graph))
    forward, backward = va.sweep(graph, mode="forward"), va.sweep(graph, mode="backward")
    assert [row["node"] for row in rows] == [graph.nodes_by_id[i].name for i in graph.order]
    for row in rows:
        assert float(row["value"]) == forward.values[row["node"]]
        assert float(row["tangent_value"]) == forward.tangents[row["node"]]
        assert float(row["adjoint_value"]) == backward.adjoints[row["node"]]


def test_partial_sums_grow_to_the_result_as_the_contributions_arrive() -> None:
    graph = lecture()
    row = next(row for row in read_csv(trace_csv(graph)) if row["node"] == "x4")
    step = next(step for step in va.sweep(graph) if step.name == "x4")
    sums = json.loads(row["adjoint_sums"])
    assert sums == [term.partial_sum for term in step.terms]
    assert sums[-1] == float(row["adjoint_value"])
    assert sums[0] == step.terms[0].contribution


def test_the_published_table_of_baydin_and_others() -> None:
    # Tables 2 and 3 of JMLR 18 (153): y = ln x1 + x1 x2 - sin x2 at (2, 5).
    rows = read_csv(trace_csv(at(BAYDIN, x1=2.0, x2=5.0)))
    by_operation = {row["operation"]: row for row in rows}
    values = {row["node"]: round(float(row["value"]), 3) for row in rows}
    assert by_operation["log(x1)"]["value"].startswith("0.693")
    assert float(by_operation["log(x1)"]["tangent_value"]) == 0.5
    assert float(by_operation["x1*x2"]["tangent_value"]) == 5.0
    assert values[rows[-1]["node"]] == 11.652
    assert float(rows[-1]["tangent_value"]) == 5.5
    adjoints = {row["node"]: float(row["adjoint_value"]) for row in rows}
    assert adjoints["x1"] == 5.5
    assert adjoints["x2"] == pytest.approx(1.716, abs=5e-4)


def test_a_mode_leaves_the_other_columns_out() -> None:
    (first, *_) = read_csv(trace_csv(lecture(), "backward"))
    assert "adjoint_value" in first
    assert "tangent_value" not in first


def test_cross_mode_lists_every_product_with_the_cost_so_far() -> None:
    graph = lecture()
    rows = read_csv(trace_csv(graph, "cross", "forward"))
    swept = va.sweep(graph, mode="cross", order="forward")
    assert len(rows) == sum(len(step.fill_ins) for step in swept)
    assert int(rows[-1]["multiplications"]) == swept.cost.multiplications == 13
    last = {row["edge"]: float(row["after"]) for row in rows}
    assert last["dx9/dx1"] == pytest.approx(float(swept.jacobian["x9", "x1"]))


def test_markdown_has_as_many_cells_in_every_row() -> None:
    for mode in (None, "forward", "backward", "cross"):
        cells = markdown_cells(trace_markdown(lecture(), mode))
        assert len({len(row) for row in cells}) == 1
    headings, *body = markdown_cells(trace_markdown(lecture()))
    assert "tangent (seed ẋ₁ = 1)" in headings
    assert "adjoint (seed ∂f/∂f = 1)" in headings
    x4 = next(row for row in body if row[1].startswith("x₄"))
    assert x4[1:3] == ["x₄ = x₁·x₂", "1.2"]
    assert x4[-2:] == ["2.115", "0.4546, 2.115"]


def test_signs_of_the_table_in_a_name_stay_in_their_cell() -> None:
    graph = rename(at("x*y", x=1.0, y=2.0), va.parse("x*y").order[-1], "a_b")
    cells = markdown_cells(trace_markdown(graph))
    assert len({len(row) for row in cells}) == 1


def test_arrays_are_lists_in_csv_and_words_elsewhere() -> None:
    graph = va.mlp([2, 3, 1], seed=1, loss="mean_squared_error")
    graph = set_setting(graph, graph.id_of("X"), "value", np.ones((4, 2)))
    graph = set_setting(graph, graph.id_of("Y"), "value", np.ones((4, 1)))
    rows = {row["node"]: row for row in read_csv(trace_csv(graph, "backward"))}
    assert np.shape(json.loads(rows["W1"]["adjoint_value"])) == (3, 2)
    assert "3×2 array" in trace_markdown(graph, "backward")


def test_a_graph_without_numbers_is_refused_in_a_sentence() -> None:
    with pytest.raises(va.VisualADError):
        trace_table(va.parse("1 + 2"))


def test_write_takes_the_table_from_the_ending_or_the_wish(tmp_path: Path) -> None:
    graph = lecture()
    write(graph, tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_text(encoding="utf-8") == trace_csv(graph)
    write(graph, tmp_path / "t.md", Request(mode="forward"))
    assert (tmp_path / "t.md").read_text(encoding="utf-8") == trace_markdown(graph, "forward")
    write(graph, tmp_path / "t.tex", Request(what="trace"))
    assert r"\toprule" in (tmp_path / "t.tex").read_text(encoding="utf-8")
    write(graph, tmp_path / "g.tex")
    assert "tikzpicture" in (tmp_path / "g.tex").read_text(encoding="utf-8")


def test_a_format_says_which_others_show_what_it_cannot(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"\.tex or \.csv or \.md"):
        write(lecture(), tmp_path / "t.svg", Request(what="trace"))
    assert not list(tmp_path.iterdir())


def test_the_tabular_is_balanced() -> None:
    for mode in (None, "forward", "backward", "cross"):
        text = trace_tabular(lecture(), mode)
        columns = len(re.search(r"\{([lr]+)\}", text)[1])
        body = [line for line in text.splitlines() if line.endswith(r"\\")]
        assert {len(re.split(r"(?<!\\)&", line)) for line in body} == {columns}
        assert text.count("$") % 2 == 0
        assert text.isascii()


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no pdflatex here")
@pytest.mark.parametrize("mode", [None, "cross"])
def test_the_latex_compiles(tmp_path: Path, mode: str | None) -> None:
    (tmp_path / "trace.tex").write_text(trace_tex(lecture(), mode), encoding="utf-8")
    done = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "trace.tex"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:]
    assert "Overfull" not in done.stdout
