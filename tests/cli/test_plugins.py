"""Plugins on the command line: listed, written, tested; bad ones cost a sentence each."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from visualad.plugins import contributions, loading

from .conftest import Run

EXAMPLES = Path(__file__).parents[2] / "plugins" / "examples"

WRONG = """
import visualad as va

@va.node(category="Mine")
def wrong(x):
    "The square of x."
    return x * x

@wrong.partials
def _(x, out):
    return 3 * x
"""


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch, isolated_settings: Path):
    monkeypatch.setattr(loading, "_of_this_process", [])
    before = contributions.snapshot()
    yield
    contributions.take_back(contributions.added_since(before))


def of_files(run: Run) -> list[dict[str, Any]]:
    """What `visualad plugins` tells of files, whatever distributions are installed."""
    listed = run("plugins", "--json").json["plugins"]
    return [plugin for plugin in listed if plugin["origin"].endswith(".py")]


def test_a_new_plugin_passes_its_tests_and_is_found(run: Run, tmp_path: Path) -> None:
    written = run("plugins", "new", "softplus", "--json")
    path = Path(written.json["wrote"])
    assert path.name == "softplus.py"
    # VisualAD has a softplus of its own.
    checked = run("plugins", "check", path, "--json")
    assert checked.status == 0
    assert checked.json["ok"] is True
    findings = checked.json["node_types"]["my_softplus"]
    assert {f["test"] for f in findings if f["passed"]} >= {
        "value",
        "purity",
        "complex step",
        "central differences",
        "jvp against vjp",
        "second derivatives",
        "float32 and float64",
        "batches and broadcasts",
        "the three modes",
        "formula",
        "LaTeX",
    }
    assert "all is well" in run("plugins", "check", path).out
    (listed,) = of_files(run)
    assert (listed["status"], listed["provides"]) == ("loaded", ["my_softplus"])
    assert run("plugins", "new", "softplus").status == 1
    assert run("plugins", "new", "for").status == 1
    result = run("eval", "my_softplus(x)", "--at", "x=0", "--json")
    assert result.status == 0, result.err
    tested = [sys.executable, "-m", "pytest", "-q", str(path), "-p", "no:cacheprovider"]
    assert subprocess.run(tested, cwd=tmp_path, check=False).returncode == 0


def test_check_says_what_is_wrong_and_at_which_input(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "wrong.py"
    path.write_text(WRONG, encoding="utf-8")
    result = run("plugins", "check", path)
    assert result.status == 1
    assert "FAILED" in result.out
    assert "has the derivative" in result.out
    assert "at x = " in result.out
    document = run("plugins", "check", path, "--json").json
    assert document["ok"] is False
    failed = {f["test"] for f in document["node_types"]["wrong"] if f["passed"] is False}
    assert "complex step" in failed


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("import nothing_of_that_name", "pip install nothing_of_that_name"),
        ("import os; os._exit(4)", "was shut out because it ended the kernel process"),
    ],
)
def test_check_survives_a_plugin_that_does_not_load(
    run: Run, tmp_path: Path, source: str, words: str
) -> None:
    path = tmp_path / "bad.py"
    path.write_text(source, encoding="utf-8")
    result = run("plugins", "check", path)
    assert result.status == 1
    assert words in result.err


def test_the_tests_of_a_plugin_end_when_its_function_does_not(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("visualad.cli.plugins.CHECK_PATIENCE", 1.5)
    path = tmp_path / "loop.py"
    loop = (
        "    while isinstance(x, (float, np.generic, np.ndarray)):\n        pass\n    return x * x"
    )
    path.write_text("import numpy as np\n" + WRONG.replace("    return x * x", loop))
    result = run("plugins", "check", path)
    assert result.status == 1
    assert "did not come to their end within 1.5 s" in result.err


def test_a_bad_plugin_costs_a_sentence_and_its_prints_stay_out_of_the_output(
    run: Run, tmp_path: Path
) -> None:
    (tmp_path / "a_bad.py").write_text("print('noise')\n1/0")
    (tmp_path / "b_bad.py").write_text("import nothing_of_that_name")
    result = run("eval", "x*y", "--at", "x=1,y=2", "--json", "--plugin-path", tmp_path)
    assert result.status == 0
    assert json.loads(result.out)
    assert "The plugin 'a_bad' failed in line 2 with ZeroDivisionError" in result.err
    assert "pip install nothing_of_that_name" in result.err
    (tmp_path / "c_loud.py").write_text(
        WRONG.replace("    return x * x", "    print('x')\n    return x")
    )
    loud = run("eval", "wrong(x)", "--at", "x=2", "--json", "--plugin-path", tmp_path)
    assert loud.json
    assert "x\n" in loud.err
    quiet = run("eval", "x*y", "--at", "x=1,y=2", "--safe-mode", "--plugin-path", tmp_path)
    assert quiet.err == ""


def test_a_plugin_is_switched_off_and_on_again(run: Run) -> None:
    run("plugins", "new", "mine")
    assert run("plugins", "disable", "mine").status == 0
    (listed,) = of_files(run)
    assert listed["status"] == "disabled"
    run("plugins", "enable", "mine")
    (listed,) = of_files(run)
    assert listed["status"] == "loaded"
    assert run("plugins", "disable", "nobody").status == 1


@pytest.mark.parametrize(
    "arguments", [("plugins", "new"), ("plugins", "check"), ("plugins", "list", "x")]
)
def test_a_command_without_its_subject_is_a_usage_error(run: Run, arguments) -> None:
    assert run(*arguments).status == 2


def test_importers_exporters_and_data_of_plugins_serve_the_command_line(
    run: Run, tmp_path: Path
) -> None:
    source, target = tmp_path / "f.formula", tmp_path / "f.inputs"
    source.write_text("a*sin(b)", encoding="utf-8")
    result = run("convert", source, target, "--plugin-path", EXAMPLES / "formula_file.py")
    assert result.status == 0, result.err
    assert target.read_text().startswith("inputs: a, b")
