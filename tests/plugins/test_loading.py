from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest

from visualad.ops.declaration import REGISTRY
from visualad.plugins import GROUPS, Plugin, load_plugins, loading

GOOD = """
import numpy as np
from visualad.ops.declaration import node

@node(category="Mine")
def cube_{tag}(x):
    "The cube of x."
    return x * x * x

@cube_{tag}.partials
def _(x, out):
    return 3 * x * x
"""


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Nothing loaded yet, an empty folder of the user, and the registry as it was afterwards."""
    monkeypatch.setattr(loading, "_done", {})
    monkeypatch.setattr(loading, "user_folder", lambda: tmp_path / "of-the-user")
    known = {operation.name for operation in REGISTRY}
    yield
    for operation in REGISTRY:
        if operation.name not in known:
            REGISTRY.remove(operation.name)
    for name in [name for name in sys.modules if name.startswith("visualad_plugin_")]:
        del sys.modules[name]


def plugin(folder: Path, name: str, source: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.py"
    path.write_text(source, encoding="utf-8")
    return path


def only(found: tuple[Plugin, ...], name: str) -> Plugin:
    (result,) = (one for one in found if one.name == name)
    return result


def test_a_file_on_the_plugin_path_registers_its_node_types(tmp_path: Path) -> None:
    path = plugin(tmp_path, "cubes", GOOD.format(tag="a"))
    found = only(load_plugins([path]), "cubes")
    assert (found.status, found.provides, found.error) == ("loaded", ("cube_a",), "")
    assert REGISTRY["cube_a"].plugin == str(path)


def test_a_folder_on_the_plugin_path_stands_for_the_plugins_in_it(tmp_path: Path) -> None:
    plugin(tmp_path, "one", GOOD.format(tag="b1"))
    plugin(tmp_path, "_private", "raise ValueError")
    package = plugin(tmp_path / "two", "__init__", GOOD.format(tag="b2"))
    assert package.exists()
    found = load_plugins([tmp_path])
    assert [(p.name, p.status) for p in found if p.origin.startswith(str(tmp_path))] == [
        ("one", "loaded"),
        ("two", "loaded"),
    ]


def test_the_environment_variable_and_the_users_folder_are_searched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = plugin(tmp_path / "first", "named", GOOD.format(tag="c1"))
    plugin(tmp_path / "of-the-user", "mine", GOOD.format(tag="c2"))
    monkeypatch.setenv(loading.PATH_VARIABLE, str(first.parent))
    found = load_plugins()
    assert only(found, "named").status == "loaded"
    assert only(found, "mine").status == "loaded"


def test_a_plugin_that_fails_is_named_with_its_line_and_the_others_load(tmp_path: Path) -> None:
    plugin(tmp_path, "broken", "x = 1\nraise ValueError('no luck')\n")
    plugin(tmp_path, "whole", GOOD.format(tag="d"))
    found = load_plugins([tmp_path])
    broken = only(found, "broken")
    assert broken.status == "failed"
    assert broken.error == "The plugin 'broken' failed in line 2 with ValueError: no luck."
    assert only(found, "whole").status == "loaded"
    assert "visualad_plugin_broken" not in sys.modules


def test_what_a_failing_plugin_registered_is_taken_back(tmp_path: Path) -> None:
    plugin(tmp_path, "half", GOOD.format(tag="e") + "\nraise RuntimeError('half way')\n")
    load_plugins([tmp_path])
    assert "cube_e" not in REGISTRY


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("import no_such_module_anywhere", "ModuleNotFoundError"),
        ("def f(:", "SyntaxError"),
        ("import sys\nsys.exit(3)", "SystemExit"),
        ("raise BaseExceptionGroup('many', [ValueError(1)])", "ExceptionGroup"),
    ],
)
def test_no_way_to_fail_stops_the_program(tmp_path: Path, source: str, words: str) -> None:
    plugin(tmp_path, "bad", source)
    found = only(load_plugins([tmp_path]), "bad")
    assert found.status == "failed"
    assert words in found.error
    assert "\n" not in found.error


def test_a_path_that_does_not_exist_is_reported(tmp_path: Path) -> None:
    found = only(load_plugins([tmp_path / "missing.py"]), "missing")
    assert found.status == "failed"
    assert "no file" in found.error


def test_a_plugin_is_run_once_however_often_it_is_asked_for(tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    path = plugin(tmp_path, "once", f"with open({str(mark)!r}, 'a') as file: file.write('x')")
    load_plugins([path])
    load_plugins([path, tmp_path])
    assert mark.read_text() == "x"


def test_a_plugin_file_cannot_hide_a_module_of_the_same_name(tmp_path: Path) -> None:
    import random

    plugin(tmp_path, "random", "value = 4")
    load_plugins([tmp_path])
    assert sys.modules["random"] is random


def test_a_taken_name_is_refused_with_the_owner(tmp_path: Path) -> None:
    plugin(tmp_path, "first", GOOD.format(tag="f"))
    plugin(tmp_path, "second", GOOD.format(tag="f"))
    found = only(load_plugins([tmp_path]), "second")
    assert found.status == "failed"
    assert "first.py" in found.error


def test_entry_points_of_node_types_are_loaded_and_others_only_listed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    entries = metadata.EntryPoints(
        [
            metadata.EntryPoint("good", "json", "visualad.nodes"),
            metadata.EntryPoint("bad", "no_such_module_anywhere", "visualad.nodes"),
            metadata.EntryPoint("later", "no_such_module_anywhere", "visualad.lessons"),
        ]
    )
    monkeypatch.setattr(loading.metadata, "entry_points", lambda: entries)
    found = load_plugins()
    assert {p.name: p.status for p in found} == {
        "good": "loaded",
        "bad": "failed",
        "later": "found",
    }
    assert {p.kind for p in found} <= set(GROUPS.values())


class Abacus:
    """A backend that can do nothing."""

    name = "abacus"
    description = "Wooden beads"

    def is_available(self) -> bool:
        return False

    def load(self, plan: object, parameters: object = None) -> object:
        raise AssertionError("nobody asks a backend that is not available")


def test_a_backend_from_an_entry_point_is_registered(monkeypatch: pytest.MonkeyPatch) -> None:
    registry = importlib.import_module("visualad.engine.backend")
    monkeypatch.setattr(registry, "_BACKENDS", dict(registry._BACKENDS))
    entries = metadata.EntryPoints(
        [
            metadata.EntryPoint("abacus", f"{__name__}:Abacus", "visualad.backends"),
            metadata.EntryPoint("number", "math:pi", "visualad.backends"),
        ]
    )
    monkeypatch.setattr(loading.metadata, "entry_points", lambda: entries)
    found = load_plugins()
    assert only(found, "abacus").status == "loaded"
    assert "abacus" in [known.name for known in registry.backends()]
    assert only(found, "number").status == "failed"
    assert "float" in only(found, "number").error
