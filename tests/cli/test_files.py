from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import visualad as va
from visualad.graph.edits import set_settings
from visualad.graph.model import Graph
from visualad.lessons.exercise import Answer, Exercise, add_blank, with_answer, with_exercise

from .conftest import LECTURE, POINT, Run

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.mark.parametrize("suffix", [".vad", ".py", ".tex", ".dot", ".svg", ".html"])
def test_convert_writes_what_the_name_ends_in(run: Run, tmp_path: Path, suffix: str) -> None:
    out = tmp_path / f"out{suffix}"
    result = run("convert", LECTURE, out, "--at", POINT)
    assert (result.status, result.err) == (0, "")
    assert f"Wrote {out}." in result.out
    text = out.read_text(encoding="utf-8")
    assert "x9" in text or "x₉" in text or "x_{9}" in text


def test_convert_as_json_names_the_file(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "out.svg"
    assert run("convert", LECTURE, out, "--json").json == {
        "wrote": str(out),
        "bytes": out.stat().st_size,
    }


def test_a_formula_becomes_a_file_with_its_point(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "out.vad"
    run("convert", LECTURE, out, "--at", POINT)
    assert va.load(out)["x2"].value == 2.0
    assert run("eval", out, "--json").json["values"]["x9"] == pytest.approx(5.977258756447682)


def test_an_ending_that_is_no_format_is_refused_with_those_that_are(
    run: Run, tmp_path: Path
) -> None:
    result = run("convert", LECTURE, tmp_path / "out.docx")
    assert result.status == 1
    for ending in (".py", ".svg", ".png"):
        assert ending in result.err


def exercise_file(path: Path, answer: str = "") -> Path:
    """The lecture, which asks for the adjoint of x4."""
    graph = with_point_of_lecture()
    exercise = add_blank(graph, Exercise(mode="backward"), "adjoint", node=graph.id_of("x4"))
    exercise = with_answer(exercise, "b1", Answer(answer)) if answer else exercise
    va.save(with_exercise(graph, exercise), path)
    return path


def with_point_of_lecture() -> Graph:
    graph = va.parse(LECTURE)
    point = {"x1": 1.0, "x2": 2.0, "x3": np.pi / 2}
    return set_settings(graph, {graph.id_of(n): {"value": x} for n, x in point.items()})


@pytest.mark.parametrize("name", ["t.csv", "t.md", "t.html", "t.tex", "t.gif", "t.pdf"])
def test_what_would_tell_the_answers_of_an_exercise_is_refused(
    run: Run, tmp_path: Path, name: str
) -> None:
    asks = exercise_file(tmp_path / "asks.vad")
    result = run("convert", asks, tmp_path / name, "--mode", "backward")
    assert result.status == 1
    assert "--with-answers" in result.err
    assert result.err.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["asks.vad"]


def test_the_teacher_converts_an_exercise_with_its_answers(run: Run, tmp_path: Path) -> None:
    asks = exercise_file(tmp_path / "asks.vad")
    out = tmp_path / "t.csv"
    assert run("convert", asks, out, "--mode", "backward", "--with-answers").status == 0
    assert "5.34" in out.read_text(encoding="utf-8")  # ∂f/∂x4
    assert run("convert", asks, tmp_path / "copy.vad", "--with-answers").status == 0
    assert va.load(tmp_path / "copy.vad").exercise


def test_an_exercise_that_is_answered_has_no_secrets(run: Run, tmp_path: Path) -> None:
    done = exercise_file(tmp_path / "done.vad", answer="5.34")
    assert run("convert", done, tmp_path / "t.csv", "--mode", "backward").status == 0
    wrong = exercise_file(tmp_path / "wrong.vad", answer="7")
    assert run("convert", wrong, tmp_path / "w.csv", "--mode", "backward").status == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    "arguments",
    [
        ("convert", "{file}", "{out}"),
        ("screenshot", "{file}", "{out}", "--size", "900x600", "--mode", "backward", "--step", "3"),
        ("screenshot", "{file}", "{out}", "--theme", "dark", "--scale", "0.5"),
    ],
)
def test_pictures_are_drawn_without_a_display(
    lecture_file: Path, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    # In a process of its own: Qt's application must not outlive the test.
    import subprocess
    import sys

    out = tmp_path / "out.png"
    given = [word.format(file=lecture_file, out=out) for word in arguments]
    done = subprocess.run(
        [sys.executable, "-m", "visualad", *given],
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert out.read_bytes().startswith(PNG)


@pytest.mark.parametrize(
    ("name", "options", "has"),
    [
        ("t.csv", (), "tangent_value,"),
        ("t.csv", ("--mode", "cross", "--order", "x4,x5,x6,x7,x8"), "dx9/dx2"),
        ("t.md", ("--mode", "backward"), "| ---: |"),
        ("t.tex", ("--what", "trace"), r"\midrule"),
    ],
)
def test_the_trace_table_is_written(
    run: Run, tmp_path: Path, name: str, options: tuple[str, ...], has: str
) -> None:
    out = tmp_path / name
    result = run("convert", LECTURE, out, "--at", POINT, *options)
    assert (result.status, result.err) == (0, "")
    assert has in out.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "options", "says"),
    [
        ("t.svg", ("--what", "trace"), ".csv"),
        ("t.gif", ("--what", "trace"), ".csv"),
        ("t.png", ("--what", "sweep"), ".gif"),
        ("t.csv", ("--what", "graph"), ".svg"),
        ("t.csv", ("--step", "3"), "--step"),
        ("t.png", ("--step", "3"), "--mode"),
        ("t.tex", ("--step", "3"), "--mode"),
        ("t.tex", ("--what", "trace", "--step", "3"), "--step"),
        ("t.csv", ("--mode", "forward", "--order", "best"), "--mode cross"),
    ],
)
def test_what_a_format_cannot_show_is_refused(
    run: Run, tmp_path: Path, name: str, options: tuple[str, ...], says: str
) -> None:
    result = run("convert", LECTURE, tmp_path / name, "--at", POINT, *options)
    assert result.status in (1, 2)
    assert says in result.err
    assert result.err.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_a_step_is_drawn_with_tikz(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "state.tex"
    for mode in ("forward", "backward", "cross"):
        result = run("convert", LECTURE, out, "--at", POINT, "--mode", mode, "--step", "3")
        assert (result.status, result.err) == (0, "")
        assert f"{{mode}}{{{mode}}}" in out.read_text(encoding="utf-8")


def test_an_input_without_value_is_asked_for(run: Run, tmp_path: Path) -> None:
    for name in ("t.csv", "t.html", "t.tex"):
        result = run("convert", LECTURE, tmp_path / name, "--at", "x1=1,x2=2", "--mode", "backward")
        assert result.status == 1
        assert "--at x3=1" in result.err
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "options", "begins"),
    [
        ("sweep.pdf", ("--mode", "backward"), b"%PDF"),
        ("sweep.gif", ("--mode", "cross", "--order", "forward"), b"GIF89a"),
        ("state.svg", ("--mode", "forward", "--step", "4"), b"<?xml"),
        ("graph.pdf", (), b"%PDF"),
    ],
)
def test_films_and_states_are_drawn_without_a_display(
    lecture_file: Path, tmp_path: Path, name: str, options: tuple[str, ...], begins: bytes
) -> None:
    import subprocess
    import sys

    if name.endswith(".gif"):
        pytest.importorskip("PIL")
    out = tmp_path / name
    done = subprocess.run(
        [sys.executable, "-m", "visualad", "convert", lecture_file, out, *options],
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert out.read_bytes().startswith(begins)


def test_a_perceptron_goes_to_classes_and_back(run: Run, tmp_path: Path) -> None:
    file, classes, back = (tmp_path / name for name in ("g.vad", "g.py", "back.vad"))
    va.save(va.mlp([2, 3, 1], data={"name": "circle", "n": 20}), file)
    assert run("convert", file, classes).status == 0
    assert "class Linear:" in classes.read_text(encoding="utf-8")
    assert run("convert", classes, back).status == 0
    assert back.read_bytes() == file.read_bytes()
    assert run("convert", file, classes, "--style", "functions").status == 0
    refused = run("convert", classes, back)
    assert refused.status == 1
    assert "# network: 1" in refused.err
    assert run("convert", file, tmp_path / "g.svg", "--style", "classes").status == 2
