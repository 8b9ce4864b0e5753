"""The names that programs outside this repository rely on."""

from __future__ import annotations

import importlib
import inspect
import re
import subprocess
import sys

import pytest

import visualad as va

CONTRACT = (
    "parse",
    "trace",
    "load",
    "save",
    "evaluate",
    "gradient",
    "jacobian",
    "hessian",
    "jvp",
    "vjp",
    "sweep",
    "cost",
    "linearize",
    "LinearizedGraph",
    "elimination_order",
    "check",
    "train",
    "SGD",
    "Adam",
    "datasets",
    "mlp",
    "node",
    "to_source",
    "testing",
    "VisualADError",
    "ParseError",
    "GraphError",
    "ShapeError",
    "FileError",
    "PluginError",
    "BackendError",
)


@pytest.mark.parametrize("name", CONTRACT)
def test_every_promised_name_exists(name: str) -> None:
    assert name in va.__all__
    assert name in dir(va)
    assert getattr(va, name) is not None


@pytest.mark.parametrize("name", sorted(set(va.__all__) - {"__version__"}))
def test_every_public_name_is_documented(name: str) -> None:
    assert inspect.getdoc(getattr(va, name))


def test_what_does_not_exist_yet_is_no_stub() -> None:
    for name in ("to_onnx", "from_onnx", "grade", "no_such_name"):
        with pytest.raises(AttributeError, match=name):
            getattr(va, name)


def test_every_error_is_a_visualad_error() -> None:
    for name in va.__all__:
        if name.endswith("Error"):
            assert issubclass(getattr(va, name), va.VisualADError)


def test_type_checkers_see_the_same_names_as_the_interpreter() -> None:
    source = inspect.getsource(va)
    imported = set(re.findall(r"^    from \S+ import (\w+) as \1$", source, re.MULTILINE))
    assert imported == set(va.__all__) - {"__version__"}


def test_a_public_name_is_the_one_of_its_module() -> None:
    for name, home in va._HOMES.items():
        assert getattr(va, name) is getattr(importlib.import_module(home), name)


def test_from_visualad_import_everything_works() -> None:
    program = "from visualad import *; print(parse('x*y').inputs, __version__)"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == f"('x', 'y') {va.__version__}\n"


def test_the_version_is_the_distributions() -> None:
    from importlib.metadata import version

    assert va.__version__ == version("visualad")
