"""Exported NumPy modules, run in a process without VisualAD and held against our numbers."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import visualad as va

LECTURE = "(x1*x2*sin(x3) + exp(x1*x2)) / x3"

# Reads the point from standard input; inf and nan travel as Python's JSON writes them.
RUN = """
import json, sys
sys.modules["visualad"] = None
import numpy as np
import exported
point = json.load(sys.stdin)
with np.errstate(all="ignore"):
    value, gradient = exported.f(**point), exported.gradient(**point)
value = value if isinstance(value, tuple) else (value,)
print(json.dumps([[np.asarray(v).tolist() for v in value],
                  {k: np.asarray(v).tolist() for k, v in gradient.items()}]))
"""


def run_exported(source: str, point: Mapping[str, Any], folder: Path) -> tuple[Any, Any]:
    """The value and the gradient that the module computes in a process of its own."""
    (folder / "exported.py").write_text(source, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", RUN],
        input=json.dumps({k: np.asarray(v).tolist() for k, v in point.items()}),
        capture_output=True,
        text=True,
        cwd=folder,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr + "\n" + source
    value, gradient = json.loads(done.stdout)
    return value, gradient


def assert_same(graph: Any, point: Mapping[str, Any], folder: Path) -> None:
    value, gradient = run_exported(va.to_source(graph, "numpy"), point, folder)
    expected = va.evaluate(graph, point)
    (output,) = graph.outputs
    np.testing.assert_allclose(value[0], expected[output], rtol=1e-13)
    for name, derivative in va.gradient(graph, point).items():
        np.testing.assert_allclose(gradient[name], derivative, rtol=1e-12, atol=1e-14)


def test_the_lectures_function_is_written_statement_by_statement(tmp_path: Path) -> None:
    source = va.to_source(va.parse(LECTURE), "numpy")
    for statement in ("x4 = x1 * x2", "x5 = np.sin(x3)", "x6 = np.exp(x4)", "x9 = x8 / x3"):
        assert f"\n    {statement}\n" in source
    assert "import visualad" not in source
    assert source.count("d_x4 = ") == 2  # two edges leave x4: its adjoint has two parts
    assert_same(va.parse(LECTURE), {"x1": 1.0, "x2": 2.0, "x3": np.pi / 2}, tmp_path)


def test_the_module_runs_alone_and_prints_value_and_gradient(tmp_path: Path) -> None:
    path = tmp_path / "lecture.py"
    graph = va.parse("x1*sin(x2)")
    path.write_text(va.to_source(graph, "numpy"), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-I", path], capture_output=True, text=True, timeout=60, check=True
    )
    assert "x4" in done.stdout or "x3" in done.stdout
    assert "x1" in done.stdout
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("text", "point"),
    [
        ("x*x + x", {"x": 1.5}),
        ("x - x", {"x": 1.5}),
        ("x**2 + 2**x + x**y", {"x": 1.5, "y": -0.5}),
        ("x**2", {"x": 0.0}),
        ("maximum(x, y) + minimum(x, 2*y) + abs(x) + relu(y)", {"x": 1.0, "y": 1.0}),
        ("sigmoid(x) + softplus(y) + gelu(x*y) + erf(x)", {"x": -800.0, "y": 2.0}),
        ("leaky_relu(x, slope=0.2) + elu(y)", {"x": -2.0, "y": -1.0}),
        ("silu(tanh(x)) / sqrt(y)", {"x": 0.3, "y": 2.0}),
        ("where(x > 0, sqrt(x), y)", {"x": -1.0, "y": 2.0}),
        ("sum(x*y)", {"x": [[1.0, 2.0], [3.0, 4.0]], "y": [0.5, -1.0]}),
        ("mean(exp(x) + y, axis=0) @ y", {"x": [[1.0, 2.0], [3.0, 4.0]], "y": [0.5, -1.0]}),
        ("sum(softmax(x) * y)", {"x": [[1.0, 2.0], [3.0, 1.0]], "y": [[1.0, 2.0], [0.5, -1.0]]}),
        (
            "mean_squared_error(sigmoid(linear(X, W, b)), Y)",
            {
                "X": [[1.0, 2.0], [3.0, 4.0], [0.5, -1.0]],
                "W": [[0.1, -0.2]],
                "b": [0.3],
                "Y": [[1.0], [0.0], [1.0]],
            },
        ),
    ],
)
def test_the_exported_gradient_is_ours(text: str, point: dict[str, Any], tmp_path: Path) -> None:
    point = {name: np.asarray(value, dtype=float) for name, value in point.items()}
    assert_same(va.parse(text), point, tmp_path)


def test_several_outputs_are_returned_together_and_weighted_in_the_gradient(
    tmp_path: Path,
) -> None:
    graph = va.parse("f = x*y\ng = x + f\nh = sin(x)", outputs=["f", "h"])
    source = va.to_source(graph, "numpy")
    value, gradient = run_exported(source, {"x": 0.5, "y": 3.0}, tmp_path)
    np.testing.assert_allclose(value, [1.5, np.sin(0.5)])
    assert gradient == {"x": 3.0, "y": 0.5}  # of f, the first, by default


def test_names_that_python_or_the_module_needs_are_changed(tmp_path: Path) -> None:
    graph = va.parse("f = np * d_x + point\ngradient = f * value")
    value, gradient = run_exported(
        va.to_source(graph, "numpy"),
        {"v_np": 2.0, "v_d_x": 3.0, "v_point": 1.0, "v_value": 5.0},
        tmp_path,
    )
    assert value == [35.0]
    assert gradient == {"np": 15.0, "point": 5.0, "d_x": 10.0, "value": 7.0}


def test_an_input_that_the_output_does_not_need_has_derivative_zero(tmp_path: Path) -> None:
    graph = va.parse("f = 2*x\ng = y", outputs=["f"])
    _, gradient = run_exported(va.to_source(graph, "numpy"), {"x": 1.0, "y": 2.0}, tmp_path)
    assert gradient == {"x": 2.0, "y": 0.0}


def test_parameters_keep_their_stored_values(tmp_path: Path) -> None:
    network = va.mlp([2, 3, 1], activation="tanh", seed=3)
    source = va.to_source(network, "numpy")
    (name,) = (n for n in network.inputs if network[n].settings.get("role", "inputs") == "inputs")
    point = {name: np.array([[0.5, -1.0], [1.0, 2.0]])}
    value, gradient = run_exported(source, point, tmp_path)
    full = {**point, **{p: network[p].value for p in network.parameters}}
    np.testing.assert_allclose(value[0], va.evaluate(network, full)[network.outputs[0]])
    assert set(gradient) == set(network.independents)


def test_every_operation_that_can_be_exported_is_valid_python() -> None:
    from visualad.ops import REGISTRY

    for operation in REGISTRY:
        if operation.leaf:
            continue
        ports = operation.ports_for({})
        names = ", ".join(f"a{i}" for i in range(len(ports)))
        source = va.to_source(va.parse(f"y = {operation.name}({names})"), "numpy")
        ast.parse(source)
        assert "visualad" not in source.partition('"""\n')[2], operation.name


def test_an_unfinished_graph_is_refused_in_one_sentence() -> None:
    from visualad.graph.edits import add_node

    graph = add_node(va.parse("x*y"), "sin")
    with pytest.raises(va.GraphError):
        va.to_source(graph, "numpy")
