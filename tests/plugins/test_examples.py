"""The example plugins do what every node type must, through nothing but the public names."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import visualad as va
from visualad.ops.declaration import REGISTRY
from visualad.plugins import load_plugins, loading
from visualad.testing import check_op

EXAMPLES = sorted((Path(__file__).parents[2] / "plugins" / "examples").glob("*.py"))


@pytest.fixture(autouse=True)
def registry_as_before(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.setattr(loading, "_done", {})
    monkeypatch.setattr(loading, "user_folder", lambda: tmp_path)
    known = {operation.name for operation in REGISTRY}
    yield
    for operation in REGISTRY:
        if operation.name not in known:
            REGISTRY.remove(operation.name)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_loads_and_passes_the_check_of_every_node_type(path: Path) -> None:
    (plugin,) = load_plugins([path])
    assert plugin.status == "loaded", plugin.error
    assert plugin.provides
    for name in plugin.provides:
        check_op(name)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_uses_the_public_names_alone(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    modules = [a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names]
    modules += [str(n.module) for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)]
    assert set(modules) <= {"math", "numpy", "visualad"}


def test_node_types_of_plugins_take_part_in_formulas() -> None:
    load_plugins(EXAMPLES)
    graph = va.parse("sum(cumulative_sum(x) * rotate_x(x, softsign(x)))")
    at = {"x": [1.0, 2.0, 3.0]}
    backward = va.gradient(graph, at)["x"]
    for mode in ("forward", "cross"):
        assert va.gradient(graph, at, mode=mode)["x"] == pytest.approx(backward, rel=1e-12)
