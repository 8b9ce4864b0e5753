from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

from visualad.cli.arguments import UsageError
from visualad.cli.sources import is_file, parse_point, parse_value
from visualad.errors import FileError

from .conftest import Run


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.5", 1.5),
        ("-2", -2.0),
        ("1e-3", 0.001),
        ("pi/2", math.pi / 2),
        ("-pi", -math.pi),
        ("2*(1+3)**2", 32.0),
        ("sqrt(2)", math.sqrt(2)),
        ("e", math.e),
        ("tau", math.tau),
        ("inf", math.inf),
        ("-inf", -math.inf),
    ],
)
def test_a_value_may_be_arithmetic(text: str, value: float) -> None:
    assert parse_value(text) == pytest.approx(value, rel=1e-15)


def test_nan_is_a_value() -> None:
    assert math.isnan(parse_value("nan"))


def test_nested_lists_are_arrays() -> None:
    point = parse_point(["X=[[1,2],[3,pi]],b=[0.5],c=2"])
    np.testing.assert_array_equal(point["X"], [[1, 2], [3, math.pi]])
    np.testing.assert_array_equal(point["b"], [0.5])
    assert point["c"] == 2.0


def test_a_point_may_be_given_in_parts_the_last_one_winning() -> None:
    assert parse_point(["x=1, y=2", "y=3,"]) == {"x": 1.0, "y": 3.0}


def test_a_point_may_be_read_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "point.json"
    path.write_text(json.dumps({"x": 1, "X": [[1, 2]]}))
    point = parse_point([f"@{path},x=2"])
    assert point["x"] == 2.0
    np.testing.assert_array_equal(point["X"], [[1.0, 2.0]])


@pytest.mark.parametrize(
    "text",
    ["x", "=1", "x=", "x=1 2", "x=__import__('os')", "x=[1,2", "x=1;y=2", "x=[[1],[2,3]]", "x=y+1"],
)
def test_what_is_no_value_is_a_usage_error(text: str) -> None:
    with pytest.raises(UsageError, match=r"--at|length"):
        parse_point([text])


def test_very_deep_lists_are_refused() -> None:
    with pytest.raises(UsageError):
        parse_value("[" * 5000 + "]" * 5000)


@pytest.mark.parametrize("text", ["[1, 2]", '{"x": "one"}', '{"x": [[1], [2, 3]]}', "{"])
def test_a_file_that_is_no_point_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "point.json"
    path.write_text(text)
    with pytest.raises(FileError, match=r"point\.json"):
        parse_point([f"@{path}"])


def test_what_is_a_file_and_what_a_formula(tmp_path: Path) -> None:
    path = tmp_path / "graph"
    path.write_text("")
    assert is_file(str(path))
    assert is_file("missing.vad")
    assert not is_file("x1*x2")
    assert not is_file("x" * 10_000)
    assert not is_file("x\0y")


def test_a_file_brings_its_own_values_and_at_replaces_some(run: Run, lecture_file: Path) -> None:
    own = run("eval", lecture_file, "--json").json["values"]
    assert own["x9"] == pytest.approx(5.977258756447682)
    other = run("eval", lecture_file, "--at", "x1=1.5,x2=0.8,x3=2", "--json").json["values"]
    assert other["x9"] == pytest.approx(2.205635811)
    assert run("eval", lecture_file, "--at", "x1=0", "--json").json["values"]["x2"] == 2.0
