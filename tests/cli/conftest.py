from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from visualad.cli import main

LECTURE = "(x1*x2*sin(x3) + exp(x1*x2)) / x3"
POINT = "x1=1,x2=2,x3=pi/2"


@dataclass(frozen=True)
class Result:
    """What a command left behind."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Result]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], plugins_unmirrored: None) -> Run:
    """Run a command line inside this process."""

    def run_it(*arguments: str | Path) -> Result:
        capsys.readouterr()
        status = main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        assert "Traceback" not in captured.err
        return Result(status, captured.out, captured.err)

    return run_it


@pytest.fixture
def lecture_file(tmp_path: Path) -> Path:
    """The lecture's function with its point, as a file."""
    import visualad as va
    from visualad.graph.edits import set_settings

    graph = va.parse(LECTURE)
    values = {"x1": 1.0, "x2": 2.0, "x3": 1.5707963267948966}
    graph = set_settings(graph, {graph.id_of(n): {"value": v} for n, v in values.items()})
    path = tmp_path / "lecture.vad"
    va.save(graph, path)
    return path
