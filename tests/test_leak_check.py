"""The check in conftest.py that no test leaves a thread, a timer, an animation or a window."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

LEAKING_TESTS = """
import threading

from PySide6.QtCore import QObject, QThread, QTimer, QVariantAnimation
from PySide6.QtWidgets import QMenu, QWidget

kept = []


def test_tidy(qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    timer = QTimer(window)
    timer.start(5)
    qtbot.wait(20)
    worker = threading.Thread(target=lambda: None)
    worker.start()


def test_cycle(qtbot):
    window = QWidget()
    window.itself = window
    timer = QTimer()
    timer.itself = timer
    timer.start(1000)


def test_window(qapp):
    kept.append(QWidget(objectName="forgotten"))
    kept[-1].show()


def test_timer(qapp):
    kept.append(QTimer())
    kept[-1].start(1000)


def test_animation(qapp):
    animation = QVariantAnimation(startValue=0.0, endValue=1.0, duration=60_000)
    animation.start()
    kept.append(animation)


def test_thread(qapp):
    event = threading.Event()
    worker = threading.Thread(target=event.wait, args=(20,), name="endless", daemon=True)
    worker.start()


def test_qthread(qapp):
    kept.append(QThread())
    kept[-1].start()


def test_without_qt():
    pass
"""


def test_what_a_test_leaves_behind_is_named_and_what_it_tidies_is_not(tmp_path: Path):
    conftest = Path(__file__).with_name("conftest.py").read_text(encoding="utf-8")
    (tmp_path / "conftest.py").write_text(f"{conftest}\nPATIENCE = 0.2\n", encoding="utf-8")
    (tmp_path / "test_leaking.py").write_text(LEAKING_TESTS)
    (tmp_path / "pytest.ini").write_text("[pytest]\nqt_api = pyside6\n")
    result = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", str(tmp_path)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
    )
    report = result.stdout
    failures = set(re.findall(r"ERROR at teardown of (\w+)", report))
    leaks = {"window", "timer", "animation", "thread", "qthread"}
    assert failures == {f"test_{leak}" for leak in leaks}
    assert "the window QWidget 'forgotten'" in report
    assert "a running QTimer" in report
    assert "a running QVariantAnimation" in report
    assert "the thread 'endless'" in report
    assert "a running QThread" in report
