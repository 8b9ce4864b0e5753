"""README and docs: what they show runs and gives what they say."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from visualad.cli import main
from visualad.cli.arguments import COMMANDS

ROOT = Path(__file__).parent.parent
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")])
NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?:e-?\d+)?")


def blocks(path: Path, language: str) -> list[str]:
    text = path.read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def numbers(value: Any) -> list[float]:
    if isinstance(value, dict):
        return [number for item in value.values() for number in numbers(item)]
    return np.ravel(np.asarray(value, dtype=float)).tolist()


def test_every_python_snippet_of_the_readme_runs_and_gives_what_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from visualad.ops import REGISTRY

    monkeypatch.chdir(tmp_path)
    known = {operation.name for operation in REGISTRY}
    namespace: dict[str, Any] = {}
    checked = 0
    try:
        for index, block in enumerate(blocks(ROOT / "README.md", "python")):
            # Declarations are read back from their source, so a snippet needs a file.
            path = tmp_path / f"snippet{index}.py"
            path.write_text(block, encoding="utf-8")
            exec(compile(block, path, "exec"), namespace)
            for expression, said in re.findall(r"^(\S.*?) +# -> (.*)$", block, re.MULTILINE):
                found = numbers(eval(expression, namespace))
                expected = [float(number) for number in NUMBER.findall(said)]
                assert found == pytest.approx(expected, abs=6e-6), expression
                checked += 1
    finally:
        for operation in REGISTRY:
            if operation.name not in known:
                REGISTRY.remove(operation.name)
    assert checked >= 6


@pytest.mark.usefixtures("plugins_unmirrored")
def test_every_command_of_the_readme_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    lines = [
        line
        for block in blocks(ROOT / "README.md", "")
        for line in block.splitlines()
        if line.startswith("visualad ") and ".vad" not in line
    ]
    assert len(lines) >= 4
    for line in lines:
        assert main(shlex.split(line)[1:]) == 0, line
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_files_that_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", text):
        assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_and_options_that_are_named_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for command in re.findall(r"`visualad (\w+)[ `]", text):
        assert command in COMMANDS, command
    source = (ROOT / "visualad" / "cli" / "arguments.py").read_text(encoding="utf-8")
    for option in re.findall(r"`(--[a-z0-9-]+)", text):
        assert f'"{option}"' in source or option in ("--help", "--version"), option


def test_rooms_that_are_named_exist() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    rooms = re.findall(r"^\| `(visualad/\w+)`", text, re.MULTILINE)
    assert len(rooms) >= 10
    for room in rooms:
        assert (ROOT / room).is_dir(), room
