from __future__ import annotations

import math
from pathlib import Path

import pytest

from scripts.example_graphs import EXAMPLES, FOLDER, Example, build
from visualad.graph.checks import problems
from visualad.graph.file import load, to_json
from visualad.graph.model import DATA


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.file)
def test_the_files_are_those_that_the_script_writes(example: Example) -> None:
    path = FOLDER / f"{example.file}.vad"
    assert path.read_text(encoding="utf-8") == to_json(build(example))


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.vad")), ids=lambda path: path.stem)
def test_every_example_can_be_computed_and_moved_by_sliders(path: Path) -> None:
    graph = load(path)
    assert not problems(graph)
    for settings in (graph[name].settings for name in graph.inputs if graph[name].op != DATA):
        assert settings["minimum"] <= settings["value"] <= settings["maximum"]


def test_the_lectures_graph_is_at_the_lectures_point() -> None:
    graph = load(FOLDER / "lecture.vad")
    assert [graph[name].value for name in graph.inputs] == [1.0, 2.0, math.pi / 2]
    assert [node.name for node in graph.nodes] == [f"x{i}" for i in range(1, 10)]
