"""Submissions are graded by the key's graph; broken, changed and hostile files do no harm."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from tests.cli.conftest import run  # noqa: F401 - a fixture
from visualad.errors import FileError
from visualad.graph import edits
from visualad.graph.file import from_json, load, save, to_json
from visualad.graph.model import Graph
from visualad.lessons.exercise import (
    Answer,
    Exercise,
    Settings,
    add_blank,
    exercise_of,
    remove_blank,
    with_answer,
    with_exercise,
    without_answers,
)
from visualad.lessons.grading import grade, open_key
from visualad.lessons.report import csv_text, safe

ANSWERS = {"b1": "5.34", "b2": "7.389", "b3": "exp(x4)", "b4": "-x8/x3**2", "b5": "0.6366"}


def answered(exercise: Exercise, student: str, **texts: str) -> Exercise:
    for id_, text in {**ANSWERS, **texts}.items():
        exercise = with_answer(exercise, id_, Answer(text, attempts=1))
    import msgspec

    return msgspec.structs.replace(exercise, student=student)


@pytest.fixture
def key_file(tmp_path: Path, lecture: Graph, exercise: Exercise) -> Path:
    path = tmp_path / "key.vad"
    save(with_exercise(lecture, exercise), path)
    return path


def submit(path: Path, graph: Graph, exercise: Exercise) -> Path:
    save(with_exercise(graph, exercise), path)
    return path


def test_an_exercise_survives_the_file_exactly(lecture: Graph, exercise: Exercise) -> None:
    full = answered(exercise, "Zoë Ωmega", b1="5,34")
    graph = with_exercise(lecture, full)
    again = from_json(to_json(graph))
    assert again == graph
    assert exercise_of(again) == full
    assert exercise_of(with_exercise(again, None)) is None
    assert without_answers(full) == exercise
    assert [b.id for b in remove_blank(full, "b2").blanks] == ["b1", "b3", "b4", "b5"]
    assert "5.34063" not in to_json(graph)  # right answers are not in the file


def test_a_file_without_an_exercise_is_as_before(lecture: Graph) -> None:
    assert "exercise" not in to_json(lecture)


@pytest.mark.parametrize(
    ("stored", "said"),
    [
        ({"blanks": 3}, "blanks"),
        ({"blanks": [{"id": "b1", "kind": "guess", "node": "x4"}]}, "guess"),
        ({"blanks": [{"id": "a", "kind": "value", "node": "x4"}] * 2}, "two blanks 'a'"),
        ({"mode": "sideways"}, "sideways"),
        ({"settings": {"relative": -1}}, "relative"),
    ],
)
def test_what_is_no_exercise_is_refused_in_words(
    lecture: Graph, stored: dict[str, object], said: str
) -> None:
    with pytest.raises(FileError, match=said):
        exercise_of(edits.set_exercise(lecture, stored))


def test_blanks_that_the_mode_lacks_are_refused(lecture: Graph, exercise: Exercise) -> None:
    with pytest.raises(FileError, match="tangent, which backward mode does not have"):
        add_blank(lecture, exercise, "tangent", "x4")
    with pytest.raises(FileError, match="not there any more"):
        add_blank(lecture, exercise, "partial", "x9", source="x4", port="x")
    assert add_blank(lecture, exercise, "value", "x6") == exercise  # asked already


def test_a_class_is_graded(
    tmp_path: Path,
    key_file: Path,
    lecture: Graph,
    exercise: Exercise,
    run,  # noqa: F811
) -> None:
    good = submit(tmp_path / "good.vad", lecture, answered(exercise, "Jürgen Groß"))
    poor = submit(tmp_path / "poor.vad", lecture, answered(exercise, "=cmd|' /C calc'!A0", b1="-5"))
    (tmp_path / "broken.vad").write_text("{")
    report = tmp_path / "report.csv"
    found = run(
        "grade", good, poor, tmp_path / "broken.vad", tmp_path / "none.vad",
        "--key", key_file, "-o", report,
    )  # fmt: skip
    assert found.status == 0
    text = report.read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["status"] for row in rows] == ["graded", "graded", "failed", "failed"]
    assert [row["points"] for row in rows] == ["5", "4", "0", "0"]
    assert rows[0]["student"] == "Jürgen Groß"
    assert [row["row"] for row in rows] == ["1", "2", "3", "4"]
    assert report.read_bytes().startswith(b"\xef\xbb\xbf")  # so that spreadsheets see Unicode
    assert rows[1]["student"] == "'=cmd|' /C calc'!A0"
    assert rows[1]["b1 ∂f/∂x₄: answer"] == "'-5"
    assert rows[1]["b1 ∂f/∂x₄: mark"] == "wrong"
    assert "ends too early" in rows[2]["remarks"]
    assert "could not be opened" in rows[3]["remarks"]
    document = run("grade", good, tmp_path / "broken.vad", "--key", key_file, "--json").json
    assert [s["points"] for s in document["submissions"]] == [5.0, 0.0]
    assert document["submissions"][0]["blanks"][0]["mark"] == "right"


def test_the_status_says_when_nothing_could_be_graded(
    tmp_path: Path,
    key_file: Path,
    run,  # noqa: F811
) -> None:
    (tmp_path / "broken.vad").write_text("{")
    assert run("grade", tmp_path / "broken.vad", "--key", key_file).status == 1
    nokey = run("grade", key_file, "--key", tmp_path / "broken.vad")
    assert nokey.status == 1
    assert len(nokey.err.strip().splitlines()) == 1
    assert run("grade", key_file).status == 2


def test_a_folder_stands_for_the_files_in_it(
    tmp_path: Path,
    key_file: Path,
    lecture: Graph,
    exercise: Exercise,
    run,  # noqa: F811
) -> None:
    folder = tmp_path / "class"
    folder.mkdir()
    for number in (10, 2, 1):
        submit(folder / f"s{number}.vad", lecture, answered(exercise, f"student {number}"))
    found = run("grade", folder, "--key", key_file, "--json").json
    assert [s["student"] for s in found["submissions"]] == ["student 1", "student 2", "student 10"]


def test_a_key_must_have_an_exercise(tmp_path: Path, lecture: Graph, exercise: Exercise) -> None:
    save(lecture, tmp_path / "plain.vad")
    with pytest.raises(FileError, match="holds no exercise"):
        open_key(tmp_path / "plain.vad")
    save(with_exercise(edits.remove(lecture, ["x6"]), exercise), tmp_path / "cut.vad")
    with pytest.raises(FileError, match="cannot be used"):
        open_key(tmp_path / "cut.vad")


def test_changed_graphs_are_reported_and_marked_by_the_key(
    tmp_path: Path, key_file: Path, lecture: Graph, exercise: Exercise
) -> None:
    key = open_key(key_file)
    own = answered(exercise, "s")
    path = tmp_path / "s.vad"

    def graded(graph: Graph, given: Exercise = own):
        return grade(submit(path, graph, given), key)

    assert graded(lecture).graph == "unchanged"
    assert graded(edits.move(lecture, {"x4": (5, 5)})).graph == "unchanged"
    moved = graded(edits.set_setting(lecture, "x1", "value", 3.0))
    assert (moved.graph, moved.points) == ("other values", 5.0)
    renamed = graded(edits.rename(lecture, "x4", "p"), answered(exercise, "s", b3="exp(p)"))
    assert (renamed.graph, renamed.points) == ("renamed", 5.0)
    assert "x4 to p" in renamed.remarks[0]
    easier = edits.connect(lecture, "x1", "x6", "x", replace=True)
    changed = graded(easier, answered(exercise, "s", b2="2.718"))
    assert (changed.graph, changed.points) == ("changed", 4.0)
    assert "x6" in changed.remarks[0]
    assert graded(edits.add_node(lecture, "sin")).graph == "changed"


def test_a_student_cannot_loosen_the_rules(
    tmp_path: Path, key_file: Path, lecture: Graph, exercise: Exercise
) -> None:
    import msgspec

    loose = msgspec.structs.replace(exercise, settings=Settings(relative=100.0))
    loose = with_answer(loose, "b1", Answer("9", attempts=7))
    found = grade(submit(tmp_path / "s.vad", lecture, loose), open_key(key_file))
    assert found.points == 0
    assert any("exercise itself was changed" in remark for remark in found.remarks)
    assert any("more attempts than allowed" in remark for remark in found.remarks)


def test_unanswered_blanks_stay_unanswered(
    tmp_path: Path, key_file: Path, lecture: Graph, exercise: Exercise
) -> None:
    found = grade(submit(tmp_path / "s.vad", lecture, exercise), open_key(key_file))
    assert {mark.verdict for mark in found.marks} == {"unanswered"}


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "  =1", "\t=1", "\r=1", "\x00=1"])
def test_no_cell_is_a_formula(text: str) -> None:
    assert safe(text)[0] == "'"


def test_every_row_has_every_column(
    tmp_path: Path, key_file: Path, lecture: Graph, exercise: Exercise
) -> None:
    key = open_key(key_file)
    evil = answered(exercise, 'a,"b"\nc;d', b1="\ud800")
    grades = [grade(submit(tmp_path / "s.vad", lecture, evil), key), grade("none.vad", key)]
    rows = list(csv.reader(io.StringIO(csv_text(grades, key))))
    assert len({len(row) for row in rows}) == 1
    assert len(rows) == 3
    assert json.dumps(rows)


def test_the_key_can_be_graded_against_itself(key_file: Path) -> None:
    assert load(key_file).exercise
    assert grade(key_file, open_key(key_file)).points == 0
