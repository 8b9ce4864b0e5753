"""The benchmarks' own arithmetic. Nothing is timed here."""

from __future__ import annotations

import pytest

from benchmarks import figures, goals, page
from benchmarks.figures import Figures
from benchmarks.ours import NUMPY
from benchmarks.rounds import Times
from benchmarks.tasks import modules, tasks
from benchmarks.tasks.scalar import program

EAGER = "PyTorch eager"
TASK = "perceptron a10 float64"


def measured(ours: list[float], theirs: list[float]) -> Figures:
    found = Figures({"date": "2000-01-01", "machine": "m", "versions": {}, "runs": []})
    found.add(TASK, 1, Times({NUMPY: ours, EAGER: theirs}, {}))
    return found


def test_a_ratio_is_the_median_of_the_ratios_within_the_rounds():
    # In the second round the machine was three times slower, for both.
    times = Times({"a": [1.0, 3.0, 1.0], "b": [5.0, 15.0, 6.0]}, {})
    assert times.ratio("a", "b") == 5.0
    assert times.median("a") == 1.0


def test_a_ratio_that_fell_by_more_than_15_percent_is_shown():
    before = measured([1.0], [20.0])
    assert figures.worse(before, measured([1.0], [18.0])) == []
    ((what, was, now),) = figures.worse(before, measured([1.0], [17.0]))
    assert (was, now) == (20.0, 17.0)
    assert what == f"{TASK}, 1 thread: {NUMPY} against {EAGER}"


def test_waiting_is_compared_on_the_same_machine_only():
    before, now = measured([1.0], [20.0]), measured([1.0], [20.0])
    before.waiting, now.waiting = {"start": 100.0}, {"start": 130.0}
    assert figures.worse(before, now) == [("start", 100.0, 130.0)]
    now.facts["machine"] = "another"
    assert figures.worse(before, now) == []


def test_results_are_read_back_as_they_were_written(tmp_path, monkeypatch):
    monkeypatch.setattr(figures, "RESULTS", tmp_path)
    found = measured([1.0], [20.0])
    found.save()
    later = Figures({**found.facts, "runs": ["again"]}, waiting={"start": 1.0})
    later.save()
    read = figures.latest()
    assert read is not None
    assert read.ratio(TASK, NUMPY, EAGER) == 20.0
    assert read.waiting == {"start": 1.0}
    assert read.facts["runs"] == ["again"]


@pytest.mark.parametrize(("theirs", "holds"), [(14.9, False), (15.0, True)])
def test_a_goal_holds_from_its_bar_on(theirs, holds):
    found = measured([1.0], [theirs])
    (goal,) = (g for g in goals.GOALS if g.measured(found) is not None)
    assert goal.row == 7
    assert goal.holds(theirs) is holds


def test_every_goal_speaks_of_contestants_and_tasks_that_exist():
    everything = Figures({}, {}, {})
    for module in modules():
        for name, task in tasks(module).items():
            names = list(task.contestants)
            everything.add(name, 1, Times({who: [2.0] for who in names}, {}))
    timed = [g for g in goals.GOALS if g.row not in {12, 13, 14, 15}]
    assert [g.what for g in timed if g.measured(everything) is None] == []


def test_the_page_shows_the_newest_results():
    found = figures.latest()
    assert found is not None
    text = page.PAGE.read_text(encoding="utf-8")
    assert page.renewed(text, found) == text, "run python -m benchmarks.page"


def test_every_node_of_the_scalar_program_reaches_its_last_one():
    inputs, lines = program(300)
    reached = {len(inputs) + len(lines) - 1}
    for place in range(len(lines) - 1, -1, -1):
        op, first, second = lines[place]
        if len(inputs) + place in reached:
            reached |= {first} if op == "sin" else {first, second}
    assert len(reached) == len(inputs) + len(lines)
