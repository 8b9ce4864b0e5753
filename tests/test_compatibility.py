"""The window must not be started with a Qt that is known to crash under this Python."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from visualad import compatibility


def with_versions(monkeypatch: pytest.MonkeyPatch, python: tuple[int, int], qt: str | None) -> None:
    monkeypatch.setattr(compatibility, "_qt_version", lambda: qt)
    monkeypatch.setattr(compatibility.sys, "version_info", (*python, 0, "final", 0))


@pytest.mark.parametrize("qt", ["6.12.0", "6.12.1", "6.13.0", "7.0.0"])
def test_a_qt_that_aborts_is_named_together_with_a_way_out(monkeypatch, qt):
    with_versions(monkeypatch, (3, 11), qt)
    sentence = compatibility.check_qt_version()
    assert sentence is not None
    assert qt in sentence
    assert "3.11" in sentence
    assert "pip install" in sentence


@pytest.mark.parametrize(
    ("python", "qt"),
    [((3, 11), "6.11.3"), ((3, 11), "6.9.0"), ((3, 12), "6.12.0"), ((3, 13), "6.13.1")],
)
def test_combinations_that_work_pass_in_silence(monkeypatch, python, qt):
    with_versions(monkeypatch, python, qt)
    assert compatibility.check_qt_version() is None


def test_without_qt_there_is_nothing_to_warn_of(monkeypatch):
    with_versions(monkeypatch, (3, 11), None)
    assert compatibility.check_qt_version() is None


def test_the_installed_combination_passes():
    assert compatibility.check_qt_version() is None


def test_the_check_does_not_import_qt():
    program = (
        "import sys\n"
        "from visualad.compatibility import check_qt_version\n"
        "check_qt_version()\n"
        "assert not any(name.split('.')[0] == 'PySide6' for name in sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


def test_the_installed_qt_survives_many_calls_without_a_result():
    """With a Qt that loses references to None this aborts after some thousand calls."""
    program = (
        "from PySide6.QtGui import QGuiApplication, QImage, QPainter\n"
        "application = QGuiApplication([])\n"
        "image = QImage(8, 8, QImage.Format.Format_ARGB32)\n"
        "painter = QPainter(image)\n"
        "for _ in range(200_000):\n"
        "    painter.drawRect(1, 1, 2, 2)\n"
        "painter.end()\n"
        "print('alive')\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    assert result.stdout.strip() == "alive", result.stderr[-2000:]
    assert result.returncode == 0
