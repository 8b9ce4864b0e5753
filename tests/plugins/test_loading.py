from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest

from visualad.ops.declaration import REGISTRY
from visualad.plugins import GROUPS, Plugin, contributions, load_plugins, loading, places
from visualad.plugins.choices import set_disabled

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
def fresh(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, isolated_settings: Path
) -> Iterator[None]:
    """Nothing installed or loaded, an empty folder of the user; afterwards all as it was."""
    monkeypatch.setattr(loading, "_of_this_process", [])
    monkeypatch.setattr(metadata, "entry_points", metadata.EntryPoints)
    monkeypatch.setattr(places, "user_folder", lambda: tmp_path / "of-the-user")
    before = contributions.snapshot()
    yield
    contributions.take_back(contributions.added_since(before))
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
    monkeypatch.setenv(places.PATH_VARIABLE, str(first.parent))
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
        ("import no_such_module_anywhere", "pip install no_such_module_anywhere"),
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


def test_entry_points_of_every_group_are_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    entries = metadata.EntryPoints(
        [
            metadata.EntryPoint("good", "json", "visualad.nodes"),
            metadata.EntryPoint("bad", "no_such_module_anywhere", "visualad.lessons"),
        ]
    )
    monkeypatch.setattr(metadata, "entry_points", lambda: entries)
    found = load_plugins()
    assert {p.name: p.status for p in found} == {"good": "loaded", "bad": "failed"}
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
    monkeypatch.setattr(registry, "BACKENDS", dict(registry.BACKENDS))
    entries = metadata.EntryPoints(
        [
            metadata.EntryPoint("abacus", f"{__name__}:Abacus", "visualad.backends"),
            metadata.EntryPoint("number", "math:pi", "visualad.backends"),
        ]
    )
    monkeypatch.setattr(metadata, "entry_points", lambda: entries)
    found = load_plugins()
    assert only(found, "abacus").status == "loaded"
    assert "abacus" in [known.name for known in registry.backends()]
    assert only(found, "number").status == "failed"
    assert "float" in only(found, "number").error


NEEDS = "from visualad import plugin\nplugin.require(api=99)\nraise SystemExit\n"
SHORT_RULE = GOOD.format(tag="g").replace("def _(x, out)", "def _(x)")


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (NEEDS, "needs version 99 of the plugin interface"),
        (SHORT_RULE, "has a partials rule with the wrong signature, (x): it is called as (x, out)"),
        (GOOD.format(tag="g").replace("(x):", "():"), "has no inputs"),
        (GOOD.format(tag="g").replace("(x):", "(x, *, slope):"), "without a default"),
        (GOOD.format(tag="g").replace('"Mine"', '"Mine", version=0'), "has the version 0"),
        ("import PIL_of_nobody.parts", "pip install PIL_of_nobody."),
        ("from visualad import no_such_name", "ImportError"),
    ],
)
def test_a_plugin_that_asks_for_too_much_is_refused_with_the_reason(
    tmp_path: Path, source: str, words: str
) -> None:
    path = plugin(tmp_path, "odd", source)
    found = only(load_plugins([path]), "odd")
    assert found.status == "failed"
    assert words in found.error
    assert "cube_g" not in REGISTRY


def test_a_changed_file_is_loaded_anew_and_a_removed_one_forgotten(tmp_path: Path) -> None:
    path = plugin(tmp_path, "cubes", GOOD.format(tag="h1"))
    loader = loading.Loader([path.parent])
    assert loader.update()
    assert "cube_h1" in REGISTRY
    assert not loader.update()
    path.write_text(GOOD.format(tag="h2"), encoding="utf-8")
    assert loader.update()
    assert "cube_h1" not in REGISTRY
    assert "cube_h2" in REGISTRY
    path.write_text("def f(:", encoding="utf-8")
    assert loader.update()
    assert loader.plugins[0].status == "failed"
    assert "cube_h2" not in REGISTRY
    path.unlink()
    assert loader.update()
    assert loader.plugins == ()


def test_a_name_may_move_from_one_file_to_another(tmp_path: Path) -> None:
    first = plugin(tmp_path, "b_first", GOOD.format(tag="i"))
    loader = loading.Loader([tmp_path])
    loader.update()
    first.rename(tmp_path / "a_second.py")
    loader.update()
    assert [p.status for p in loader.plugins] == ["loaded"]
    assert REGISTRY["cube_i"].plugin.endswith("a_second.py")


def test_a_plugin_that_is_switched_off_stays_off_until_it_is_switched_on(tmp_path: Path) -> None:
    path = plugin(tmp_path, "cubes", GOOD.format(tag="j"))
    loader = loading.Loader([path])
    loader.update()
    set_disabled(str(path), True)
    assert loader.update()
    assert [p.status for p in loader.plugins] == ["disabled"]
    assert "cube_j" not in REGISTRY
    assert [p.status for p in loading.Loader([path]).ensure()] == ["disabled"]
    set_disabled(str(path), False)
    assert loader.update()
    assert "cube_j" in REGISTRY


def test_a_plugin_that_was_shut_out_gets_another_chance_when_it_is_saved(tmp_path: Path) -> None:
    path = plugin(tmp_path, "cubes", GOOD.format(tag="k"))
    (found,) = places.find_plugins([path])
    loader = loading.Loader([path], shut_out={found.key: (found.fingerprint, "It crashed.")})
    loader.update()
    assert [(p.status, p.error) for p in loader.plugins] == [("failed", "It crashed.")]
    assert not loader.update()
    path.write_text(GOOD.format(tag="k") + "# better\n", encoding="utf-8")
    loader.update()
    assert [p.status for p in loader.plugins] == ["loaded"]


def test_safe_mode_loads_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = plugin(tmp_path, "cubes", GOOD.format(tag="l"))
    loader = loading.Loader([path], safe=True)
    loader.update()
    assert loader.plugins == ()
    monkeypatch.setenv(places.SAFE_VARIABLE, "1")
    assert load_plugins([path]) == ()


def test_an_interrupt_ends_the_loading_of_one_plugin_where_it_is_asked_for(tmp_path: Path) -> None:
    plugin(tmp_path, "a_long", "raise KeyboardInterrupt")
    plugin(tmp_path, "b_next", GOOD.format(tag="m"))
    loader = loading.Loader([tmp_path], interruptible=True)
    loader.update()
    assert [p.status for p in loader.plugins] == ["failed", "loaded"]
    assert "stopped while it was loading" in loader.plugins[0].error
    with pytest.raises(KeyboardInterrupt):
        loading.Loader([tmp_path]).update(again=[str(tmp_path / "a_long.py")])
