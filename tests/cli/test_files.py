from __future__ import annotations

from pathlib import Path

import pytest

import visualad as va

from .conftest import LECTURE, POINT, Run

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.mark.parametrize("suffix", [".vad", ".py", ".tex", ".dot", ".svg"])
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
