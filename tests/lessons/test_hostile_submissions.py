"""Submissions that want more than they have earned, or the grader's time."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.cli.conftest import run  # noqa: F401 - a fixture
from tests.lessons.test_grading import answered, key_file, submit  # noqa: F401 - a fixture
from visualad.graph.model import Graph
from visualad.lessons import grading
from visualad.lessons.exercise import Answer, Exercise, add_blank, with_answer
from visualad.lessons.grading import alike, grade, open_key, submissions
from visualad.lessons.marking import Marker
from visualad.lessons.report import safe


def test_no_count_of_hints_earns_more_than_there_is(
    tmp_path: Path,
    key_file: Path,  # noqa: F811
    lecture: Graph,
    exercise: Exercise,
) -> None:
    given = with_answer(answered(exercise, "s"), "b1", Answer("5.34", attempts=-3, hints=-9))
    found = grade(submit(tmp_path / "s.vad", lecture, given), open_key(key_file))
    assert found.points == exercise.points
    assert any("cannot be true" in remark for remark in found.remarks)
    huge = with_answer(answered(exercise, "s"), "b1", Answer("5.34", attempts=10**60))
    found = grade(submit(tmp_path / "s.vad", lecture, huge), open_key(key_file))
    assert found.attempts < 10_000
    assert len("".join(found.remarks)) < 200


@pytest.mark.parametrize("text", ["nan", "inf", "0/0", "x3/0", "1e999", "9**9**9**9", "0*(1/0)"])
def test_what_is_no_number_is_never_right(
    text: str,
    tmp_path: Path,
    key_file: Path,  # noqa: F811
    lecture: Graph,
    exercise: Exercise,
) -> None:
    texts = dict.fromkeys(("b1", "b2", "b3", "b4", "b5"), text)
    found = grade(
        submit(tmp_path / "s.vad", lecture, answered(exercise, "s", **texts)), open_key(key_file)
    )
    assert found.points == 0


@pytest.mark.parametrize(
    ("kind", "node", "text"),
    [
        ("adjoint", "x4", "df_dx4"),
        ("adjoint", "x4", "df_dx1/x2"),  # found from it later in the sweep
        ("value", "x6", "x8 - x7"),
        ("value", "x6", "dx6_dx4"),
        ("partial", "x6", "df_dx4/df_dx6"),
    ],
)
def test_a_formula_may_not_use_what_follows_from_what_is_asked(
    kind: str, node: str, text: str, lecture: Graph
) -> None:
    place = {"source": "x4", "port": "x"} if kind == "partial" else {}
    exercise = add_blank(lecture, Exercise(), kind, node, accepts="formula", **place)
    mark = Marker(lecture, exercise).mark(exercise.blanks[0], text)
    assert not mark.is_right
    assert mark.verdict == "unreadable"


def test_an_adjoint_may_use_the_adjoints_that_are_known_by_then(lecture: Graph) -> None:
    exercise = add_blank(lecture, Exercise(), "adjoint", "x4", accepts="formula")
    mark = Marker(lecture, exercise).mark(exercise.blanks[0], "df_dx6*x6 + df_dx7*x5")
    assert mark.is_right


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes in folders here")
def test_what_never_ends_and_what_is_too_large_is_not_read(
    tmp_path: Path,
    key_file: Path,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    key = open_key(key_file)
    os.mkfifo(tmp_path / "pipe.vad")
    assert "no ordinary file" in grade(tmp_path / "pipe.vad", key).error
    monkeypatch.setattr(grading, "LARGEST", 1000)
    (tmp_path / "large.vad").write_bytes(b" " * 2000)
    assert "has at most" in grade(tmp_path / "large.vad", key).error
    assert "could not be opened" in grade(tmp_path / "none.vad", key).error


def test_folders_are_searched_to_the_bottom_and_each_file_counts_once(
    tmp_path: Path,
    key_file: Path,  # noqa: F811
    lecture: Graph,
    exercise: Exercise,
) -> None:
    (tmp_path / "Zoë_17").mkdir()
    (tmp_path / "odd.vad").mkdir()
    inner = submit(tmp_path / "Zoë_17" / "answers.vad", lecture, answered(exercise, "Zoë"))
    own = submit(tmp_path / "s.vad", lecture, answered(exercise, "S"))
    assert set(submissions([tmp_path, inner, own], key_file)) == {inner, own}
    assert submissions([key_file], key_file) == [key_file]  # asked for by name


def test_a_name_that_several_files_bear_is_remarked(
    tmp_path: Path,
    key_file: Path,  # noqa: F811
    lecture: Graph,
    exercise: Exercise,
) -> None:
    key = open_key(key_file)
    names = {"a": "Zoë  Ω", "b": "zoë ω", "c": "Other", "d": "", "e": ""}
    grades = [
        grade(submit(tmp_path / f"{file}.vad", lecture, answered(exercise, name)), key)
        for file, name in names.items()
    ]
    remarked = [bool(found.remarks) for found in alike(grades)]
    assert remarked == [True, True, False, False, False]


def test_the_report_never_takes_the_place_of_what_is_graded(
    tmp_path: Path,
    key_file: Path,  # noqa: F811
    lecture: Graph,
    exercise: Exercise,
    run,  # noqa: F811
) -> None:
    own = submit(tmp_path / "s.vad", lecture, answered(exercise, "s"))
    for target in (own, key_file):
        before = target.read_bytes()
        found = run("grade", own, "--key", key_file, "-o", target)
        assert found.status == 2
        assert target.read_bytes() == before


def test_a_long_or_broken_name_does_not_flood_the_table(
    tmp_path: Path,
    key_file: Path,  # noqa: F811
    lecture: Graph,
    exercise: Exercise,
    run,  # noqa: F811
) -> None:
    own = submit(tmp_path / "s.vad", lecture, answered(exercise, "N\n\x1b[31m" * 50_000))
    found = run("grade", own, "--key", key_file)
    assert found.status == 0
    assert "\x1b" not in found.out
    assert len(found.out) < 5000


def test_wide_signs_begin_no_formula_either() -> None:
    assert safe("\uff1d1+1")[0] == "'"
