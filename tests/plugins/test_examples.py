"""The example plugins do what every node type must, through nothing but the public names."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import numpy as np
import pytest

import visualad as va
from visualad import plugin
from visualad.exchange import formats
from visualad.exchange.extensions import read_graph_file
from visualad.graph.edits import set_settings
from visualad.plugins import GROUPS, contributions, load_plugins, loading, places
from visualad.plugins.lessons import lesson_graph
from visualad.plugins.panels import Curves, Rows, View, Words, panel_blocks
from visualad.testing import check_op, examine
from visualad.training.optimizers import optimizer_from

EXAMPLES = sorted((Path(__file__).parents[2] / "plugins" / "examples").glob("*.py"))
NODES = {"cumulative_sum", "mish", "rotate_x", "softsign"}


@pytest.fixture(autouse=True)
def registries_as_before(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, isolated_settings: Path
) -> Iterator[None]:
    monkeypatch.setattr(loading, "_of_this_process", [])
    monkeypatch.setattr(metadata, "entry_points", metadata.EntryPoints)
    monkeypatch.setattr(places, "user_folder", lambda: tmp_path)
    before = contributions.snapshot()
    yield
    contributions.take_back(contributions.added_since(before))


def test_there_is_an_example_of_every_kind() -> None:
    found = load_plugins(EXAMPLES)
    assert [p.error for p in found] == [""] * len(EXAMPLES)
    assert {kind for p in found for kind in p.kind.split(", ")} == set(GROUPS.values())
    assert {n for p in found if p.kind == "node types" for n in p.provides} == NODES
    for name in NODES:
        check_op(name)


PLUGINS = Path(__file__).parents[2] / "plugins"
SHIPPED = sorted(
    path.relative_to(PLUGINS)
    for path in PLUGINS.rglob("*.py")
    if not {"tests", "build"} & set(path.relative_to(PLUGINS).parts)
)


def test_all_that_ships_is_held_to_the_public_interface() -> None:
    assert {path.parts[0] for path in SHIPPED} == {"examples", "visualad-cuda", "visualad-numba"}
    assert {path.stem for path in SHIPPED} >= {e.stem for e in EXAMPLES} | {"backend", "lowering"}


@pytest.mark.parametrize("path", SHIPPED, ids=str)
def test_plugins_that_ship_use_nothing_of_visualad_but_the_public_interface(path: Path) -> None:
    tree = ast.parse((PLUGINS / path).read_text(encoding="utf-8"))
    public = {
        "visualad": {*va.__all__, "plugin"},
        "visualad.plugin": set(plugin.__all__),
        "visualad.testing": {"check_op", "examine"},
    }
    known: dict[str, str] = {}  # names by which the file knows these modules
    for step in ast.walk(tree):
        if isinstance(step, ast.Import):
            for each in step.names:
                if each.name.partition(".")[0] == "visualad":
                    assert each.name in public
                    known[each.asname or each.name] = each.name
        elif isinstance(step, ast.ImportFrom) and str(step.module).partition(".")[0] == "visualad":
            assert step.level == 0
            assert {each.name for each in step.names} <= public[str(step.module)]
            for each in step.names:
                if f"{step.module}.{each.name}" in public:
                    known[each.asname or each.name] = f"{step.module}.{each.name}"
        elif isinstance(step, ast.Constant) and isinstance(step.value, str):
            assert not re.fullmatch(r"visualad\.[a-z_.]+", step.value) or step.value in public
    for step in ast.walk(tree):
        if isinstance(step, ast.Attribute) and isinstance(step.value, ast.Name):
            module = known.get(step.value.id)
            assert module is None or step.attr in public[module], step.lineno


def test_the_example_data_set_and_optimiser_train_a_network_with_the_example_backend() -> None:
    load_plugins(EXAMPLES)
    data = va.datasets.load("moons", n=60, seed=1)
    graph = va.mlp([2, 6, 1], activation="tanh", seed=1)
    settings = {"optimizer": "lion", "learning_rate": 0.02}
    trained = {}
    for backend in ("numpy", "plain"):
        run = va.train(
            graph,
            data,
            optimizer=optimizer_from(settings),
            epochs=15,
            batch_size=10,
            backend=backend,
        )
        trained[backend] = run.history.train
    assert trained["plain"] == pytest.approx(trained["numpy"], rel=1e-9)
    assert trained["plain"][-1] < 0.5 * trained["plain"][0]


def test_the_example_importer_exporter_and_lesson_give_graphs_and_text(tmp_path: Path) -> None:
    load_plugins(EXAMPLES)
    path = tmp_path / "f.formula"
    path.write_text("a*sin(b)", encoding="utf-8")
    graph = read_graph_file(path)
    assert graph == va.parse("a*sin(b)")
    formats.write(graph, tmp_path / "f.inputs")
    assert (tmp_path / "f.inputs").read_text() == "inputs: a, b\noutputs: v2\n"
    lesson = lesson_graph("product_rule")
    assert va.gradient(lesson, {"x": 2.0})["x"] == pytest.approx(4 * np.cos(2) + 4 * np.sin(2))


def test_the_example_panel_gives_a_table_of_sizes() -> None:
    load_plugins(EXAMPLES)
    graph = set_settings(va.parse("x**2"), {"x": {"value": 3.0}})
    words, rows, curves = panel_blocks("sizes", View(graph))
    assert isinstance(words, Words)
    assert isinstance(rows, Rows)
    assert ("x", "number", 3.0) in rows.rows
    assert isinstance(curves, Curves)


def test_node_types_of_plugins_take_part_in_formulas() -> None:
    load_plugins(EXAMPLES)
    graph = va.parse("sum(cumulative_sum(x) * rotate_x(x, softsign(x)))")
    at = {"x": [1.0, 2.0, 3.0]}
    backward = va.gradient(graph, at)["x"]
    for mode in ("forward", "cross"):
        assert va.gradient(graph, at, mode=mode)["x"] == pytest.approx(backward, rel=1e-12)


def test_the_node_types_of_the_authors_page_are_right(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "plugins.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    path = tmp_path / "homework.py"
    path.write_text("\n".join(blocks), encoding="utf-8")
    (plugin,) = load_plugins([path])
    assert plugin.error == ""
    assert plugin.provides == ("swish", "running_total", "log_sum_exp")
    for name in plugin.provides:
        check_op(name)
    rows = re.findall(r"^\| ([\w ,]+?) \| [^|]+\|$", table_of_tests(page), re.MULTILINE)
    named = {test.strip() for row in rows for test in row.split(",")}
    assert named == {finding.test for finding in examine("swish")}


def table_of_tests(page: str) -> str:
    """The table of the automatic tests."""
    start = page.index("| declaration |")
    return page[start : page.index("\n\n", start)]
