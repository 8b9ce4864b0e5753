# ruff: noqa: PLW0108 - what is traced is written as a user would write it
from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from visualad.errors import GraphError
from visualad.graph.formula import formula
from visualad.graph.parser import parse
from visualad.graph.tracing import trace
from visualad.ops.declaration import REGISTRY

LECTURE = "(x1*x2*sin(x3) + exp(x1*x2))/x3"


def lecture(x1: Any, x2: Any, x3: Any) -> Any:
    return (x1 * x2 * np.sin(x3) + np.exp(x1 * x2)) / x3


def test_the_lectures_function_gives_the_lectures_graph() -> None:
    assert trace(lecture) == parse(LECTURE)
    assert trace(lecture, merge_equal=False) == parse(LECTURE, merge_equal=False)


@pytest.mark.parametrize(
    ("function", "text"),
    [
        (lambda x, y: 2 * x - y / 3.0, "2*x - y/3"),
        (lambda x: x**2 + 2**x, "x**2 + 2**x"),
        (lambda x: -abs(+x), "-abs(x)"),
        (lambda x: np.where(x > 0, x, 0.1 * x), "where(x > 0, x, 0.1*x)"),
        (lambda x, y: np.maximum(x, y) * np.float32(2), "maximum(x, y)*2"),
        (lambda A, B: np.matmul(A, B) + A @ B.T, "A@B + A@transpose(B)"),
        (lambda x: np.sum(x, axis=(0, 1), keepdims=True), "sum(x, axis=(0, 1), keepdims=True)"),
        (
            lambda x: x.sum(axis=0) + x.mean() + x.max(1),
            "sum(x, axis=0) + mean(x) + max(x, axis=1)",
        ),
        (lambda x: np.amax(x, 0), "max(x, axis=0)"),
        (lambda x: x.reshape(2, 3), "reshape(x, shape=(2, 3))"),
        (lambda x: np.reshape(x, (2, 3)), "reshape(x, shape=(2, 3))"),
        (lambda x: np.concatenate([x, x * 2], axis=1), "concatenate(x, x*2, axis=1)"),
        (lambda x: np.transpose(x, (1, 0)), "transpose(x, axes=(1, 0))"),
        (lambda x: np.clip(x, -1, 2), "clip(x, minimum=-1.0, maximum=2.0)"),
        (lambda x: np.arctan2(x, 1.0), "atan2(x, 1)"),
        (lambda x: REGISTRY["sigmoid"](x), "sigmoid(x)"),
        (lambda x: REGISTRY["leaky_relu"](x, slope=0.2), "leaky_relu(x, slope=0.2)"),
        (lambda x, *, y: x * y, "x*y"),
        (lambda x, power=3: x**power, "x**3"),
        (lambda x: (np.cos(x), 2 * x), "cos(x)\n2*x"),
        (lambda x: {"f": np.cos(x), "g": 2 * x}, "f = cos(x)\ng = 2*x"),
    ],
)
def test_numpy_code_becomes_operations(function: Callable[..., Any], text: str) -> None:
    assert trace(function) == parse(text)


def test_arrays_in_the_function_are_constants() -> None:
    graph = trace(lambda x: np.array([1.0, 2.0]) * x)
    assert np.array_equal(graph["c1"].value, [1.0, 2.0])
    assert formula(graph) == "c1*x"


def test_an_unused_parameter_is_still_an_input() -> None:
    assert trace(lambda x, y: np.sin(x)).inputs == ("x", "y")


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda x: x if x > 0 else -x, "np.where"),
        (lambda x: math.sin(x), "np.sin and others instead of math.sin"),
        (lambda x: float(x), "no plain number"),
        (lambda x: np.arccosh(x), "did you mean np.arccos"),
        (lambda x: np.prod(x), "np.prod is declared by no node type"),
        (lambda x: x // 2, "np.floor_divide"),
        (lambda x: np.add.reduce(x), "np.add.reduce"),
        (lambda x: np.sum(x, dtype=float), "'dtype'"),
        (lambda x: np.add(x, 1, out=np.zeros(1)), "'out'"),
        (lambda x: np.mean(x, axis=x), "plain value"),
        (lambda x: np.where(x > 0), "condition, x, y"),
        (lambda x: np.array([x, x]), "cannot be put into an array"),
        (lambda x: x[0], "cannot be picked"),
        (lambda x: list(x), "cannot be picked"),
        (lambda x: x.shape, "shape of an input is not known"),
        (lambda x: x.cumsum(), "'.cumsum'"),
        (lambda x: None, "returns nothing"),
        (lambda x: [], "returns nothing"),
        (lambda x: "text", "cannot be part of a graph"),
        (lambda x: x + "text", "cannot be part of a graph"),
        (lambda x: undefined, "could not be traced: name 'undefined'"),  # type: ignore[name-defined] # noqa: F821
        (lambda *x: 1, "no fixed number"),
        (lambda pi: pi, "constant"),
        (lambda x: {"x": x}, "name of an input"),
    ],
)
def test_what_cannot_be_traced_is_refused_in_words(
    function: Callable[..., Any], words: str
) -> None:
    with pytest.raises(GraphError) as caught:
        trace(function)
    assert words in caught.value.message
