"""How the command line starts, refuses and ends; what each command prints stands beside this."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import visualad
from visualad.cli import running
from visualad.cli.arguments import COMMANDS

from .conftest import LECTURE, POINT, Run

HEAVY = ("numpy", "rich", "PySide6", "msgspec", "platformdirs", "pyqtgraph", "ziamath")
QT = ("PySide6", "shiboken6", "pyqtgraph", "ziamath", "visualad.gui")


def modules_after(*arguments: str) -> set[str]:
    """The modules that a fresh interpreter has imported after this command."""
    program = (
        "import sys\n"
        "from visualad.cli import main\n"
        f"main({list(arguments)!r})\n"
        "sys.stderr.write(chr(10).join(['@', *sys.modules]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    return set(done.stderr.partition("@")[2].split())


@pytest.mark.parametrize(
    "arguments", [("--version",), ("--help",), ("grad", "--help"), ("nonsense",)]
)
def test_what_needs_nothing_heavy_imports_nothing_heavy(arguments: tuple[str, ...]) -> None:
    modules = modules_after(*arguments)
    assert "visualad.cli.arguments" in modules
    assert not modules & set(HEAVY)
    assert len(modules) < 120


def test_importing_visualad_imports_nothing_heavy() -> None:
    program = (
        "import sys; before = set(sys.modules); import visualad; print(*set(sys.modules)-before)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    loaded = set(done.stdout.split())
    assert "visualad" in loaded
    assert len(loaded) < 40
    assert not loaded & set(HEAVY)


@pytest.mark.parametrize(
    "arguments",
    [
        ("show", LECTURE),
        ("grad", LECTURE, "--at", POINT, "--steps"),
        ("cost", LECTURE),
        ("plugins",),
        ("backends",),
        ("doctor",),
    ],
)
def test_commands_without_a_picture_do_not_import_qt(arguments: tuple[str, ...]) -> None:
    modules = modules_after(*arguments)
    assert "visualad.cli.arguments" in modules
    assert not modules & set(QT)


def test_version_prints_name_and_number(run: Run) -> None:
    result = run("--version")
    assert (result.status, result.out) == (0, f"visualad {visualad.__version__}\n")


def test_help_names_every_command(run: Run) -> None:
    result = run("--help")
    assert result.status == 0
    for name, command in COMMANDS.items():
        assert (name in result.out) == bool(command.help) or name == "window"


@pytest.mark.parametrize(
    "arguments",
    [
        ("grads",),
        ("grad",),
        ("grad", "x*y", "--mode", "sideways"),
        ("grad", "x*y", "--at", "x=1,y=2", "--unknown"),
        ("grad", "x*y", "--at", "x1"),
        ("grad", "x*y", "--at", "x=one two,y=2"),
        ("grad", "x*y", "--at", "x=z,y=2"),
        ("grad", "x*y", "--at", "x=[[1,2],[3]],y=2"),
        ("grad", "x*y", "--at", "x=1,y=2", "--order", "markowitz"),
        ("screenshot", "a.vad", "b.png", "--size", "big"),
        ("train", "a.vad", "--epochs", "-3"),
        ("train", "a.vad", "--learning-rate", "0"),
    ],
)
def test_a_usage_error_is_one_sentence_and_status_2(run: Run, arguments: tuple[str, ...]) -> None:
    result = run(*arguments)
    assert result.status == 2
    assert result.out == ""
    assert result.err.count("\n") == 1
    assert result.err.startswith("visualad: ")


@pytest.mark.parametrize(
    "arguments",
    [
        ("eval", "x1*("),
        ("eval", "x1*x2", "--at", "x1=1"),
        ("eval", "x1*x2", "--at", "x1=1,x2=2,x3=3"),
        ("eval", "nosuchfunction(x)", "--at", "x=1"),
        ("eval", "missing.vad"),
        ("eval", "x", "--at", "@missing.json"),
        ("convert", "x*y", "out.xyz"),
        ("screenshot", "x*y", "out.jpg"),
    ],
)
def test_any_other_error_is_one_sentence_and_status_1(
    run: Run, arguments: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for extra in ((), ("--json",)):
        result = run(*arguments, *extra)
        assert result.status == 1
        assert result.out == ""
        assert result.err.count("\n") == 1


def test_missing_inputs_are_named(run: Run) -> None:
    result = run("eval", LECTURE, "--at", "x2=1")
    assert result.err == "No value for x1, x3: give it with --at x1=1,x3=1.\n"


def test_a_name_that_is_no_input_is_named_with_the_inputs(run: Run) -> None:
    result = run("eval", "x1*x2", "--at", "x1=1,x2=1,z=1")
    assert "'z'" in result.err
    assert "x1, x2" in result.err


def test_a_mistake_of_ours_ends_in_one_sentence_that_says_how_to_learn_more(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: object) -> None:
        raise ZeroDivisionError("float division by zero")

    monkeypatch.setattr("visualad.cli.inspecting.show", fail)
    result = run("show", "x*y")
    assert result.status == 1
    assert result.err.count("\n") == 1
    assert "ZeroDivisionError" in result.err
    assert "--debug" in result.err


def test_debug_shows_the_traceback(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("visualad.cli.inspecting.show", fail)
    assert running.run(["show", "x*y", "--debug"]) == 1
    assert "Traceback" in capsys.readouterr().err


def test_an_interrupt_has_status_130(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("visualad.cli.inspecting.show", interrupt)
    result = run("show", "x*y")
    assert (result.status, result.err) == (130, "Interrupted.\n")


@pytest.mark.skipif(sys.platform == "win32", reason="pipes end differently there")
def test_a_reader_that_goes_away_is_no_error() -> None:
    program = "from visualad.cli import main; import sys; sys.exit(main(sys.argv[1:]))"
    wide = " + ".join(f"sin(x{i})" for i in range(2000))
    process = subprocess.Popen(
        [sys.executable, "-c", program, "show", wide],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    errors = process.stderr.read()
    process.stderr.close()
    assert process.wait(timeout=60) == 1
    assert errors == ""


def test_without_standard_streams_nothing_is_said_and_nothing_fails() -> None:
    program = "import sys; sys.stdout = sys.stderr = None; from visualad.cli import main; "
    for arguments, status in ((("show", "x*y"), 0), (("show", "x*"), 1)):
        done = subprocess.run(
            [sys.executable, "-c", program + f"sys.exit(main({list(arguments)!r}))"],
            capture_output=True,
            timeout=60,
            check=False,
        )
        assert (done.returncode, done.stdout, done.stderr) == (status, b"", b"")


def test_options_of_every_command_may_stand_before_or_after_it(run: Run) -> None:
    before = run("--json", "eval", "x*y", "--at", "x=2,y=3")
    after = run("eval", "x*y", "--at", "x=2,y=3", "--json")
    assert before.json == after.json


def test_a_formula_may_begin_with_a_minus(run: Run) -> None:
    result = run("eval", "-x**2", "--at", "x=3", "--json")
    assert next(iter(result.json["outputs"].values())) == -9


def test_without_a_display_the_window_names_what_works_instead(
    run: Run, monkeypatch: pytest.MonkeyPatch, lecture_file: Path
) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    for arguments in ((), (lecture_file,)):
        result = run(*arguments)
        assert result.status == 1
        assert result.err.count("\n") == 1
        assert "make run" in result.err
        assert "visualad screenshot" in result.err


def test_python_m_visualad_is_the_same_program() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "visualad", "--version"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        env={**os.environ, "PYTHONWARNINGS": "error"},
    )
    assert done.stdout == f"visualad {visualad.__version__}\n"
