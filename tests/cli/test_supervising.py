"""A plugin that ends or keeps the process of a command: one sentence, and it is named."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from visualad.cli.supervising import BOUNCE

NODE = """\
import ctypes, os, signal, sys
import visualad as va

@va.node(category="Test")
def faulty(x):
    "Does what it should not."
    if isinstance(x, float):
        BODY
    return x * 1.0

@faulty.partials
def _(x, out):
    return 1.0
"""

Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    begun: list[subprocess.Popen[str]] = []

    def start_it(source: str, *command: str) -> subprocess.Popen[str]:
        file = tmp_path / "naughty.py"
        file.write_text(source)
        process = subprocess.Popen(
            [sys.executable, "-m", "visualad", "--plugin-path", str(file), *command],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        begun.append(process)
        return process

    yield start_it
    for process in begun:
        if process.poll() is None:
            process.kill()
        process.communicate()


EVAL = ("eval", "faulty(x)", "--at", "x=1", "--json")


@pytest.mark.parametrize(
    ("body", "how"),
    [("os._exit(0)", "exit status 0"), ("ctypes.string_at(0)", "signal SIGSEGV")],
)
@pytest.mark.skipif(sys.platform == "win32", reason="signals have no names there")
def test_a_plugin_that_ends_the_process_while_it_computes_is_named(
    start: Start, body: str, how: str
) -> None:
    process = start(NODE.replace("BODY", body), *EVAL)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (1, "")
    assert err == (
        f"The plugin 'naughty' ended the program ({how}); correct it, or leave it out with: "
        "visualad plugins disable naughty\n"
    )


def test_a_plugin_that_ends_the_process_while_it_loads_is_named(start: Start) -> None:
    process = start("import os\nos._exit(3)\n", "eval", "2*x", "--at", "x=1")
    _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "The plugin 'naughty' ended the program while it was loading (exit status 3)" in err
    assert err.count("\n") == 1


def test_a_plugin_that_calls_sys_exit_does_not_feign_success(start: Start) -> None:
    process = start(NODE.replace("BODY", "sys.exit(0)"), *EVAL)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert err == "The program was ended by sys.exit() in the plugin 'naughty' (line 8).\n"


@pytest.mark.skipif(sys.platform == "win32", reason="no single process can be interrupted there")
@pytest.mark.parametrize("stubborn", [False, True])
def test_ctrl_c_ends_an_endless_loop_in_a_plugin(start: Start, stubborn: bool) -> None:
    body = "signal.signal(signal.SIGINT, signal.SIG_IGN)" if stubborn else "pass"
    body += "; print('begun', flush=True)\n        while True: pass"
    process = start(NODE.replace("BODY", body), *EVAL)
    assert process.stderr is not None
    assert process.stderr.readline() == "begun\n"
    process.send_signal(signal.SIGINT)
    if stubborn:
        time.sleep(BOUNCE + 0.1)
        process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, "")
    if stubborn:
        assert err == "Interrupted; the plugin 'naughty' did not stop.\n"
    else:
        assert re.fullmatch(r"Interrupted in the plugin 'naughty' \(line [89]\)\.\n", err)
