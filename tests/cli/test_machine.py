from __future__ import annotations

from pathlib import Path

import pytest

from visualad.cli import machine

from .conftest import Run


def test_backends_lists_numpy_as_available(run: Run) -> None:
    found = {one["name"]: one for one in run("backends", "--json").json["backends"]}
    assert found["numpy"]["available"] is True
    assert "numpy" in run("backends").out


def test_plugins_says_where_to_put_some(run: Run, tmp_path: Path) -> None:
    assert run("plugins", "list").status == 0
    assert "plugins" in run("plugins").out
    broken = tmp_path / "broken_plugin.py"
    broken.write_text("raise ValueError('no luck')")
    result = run("plugins", "--json", "--plugin-path", broken)
    assert result.status == 0
    (entry,) = (p for p in result.json["plugins"] if p["name"] == "broken_plugin")
    assert entry["status"] == "failed"
    assert "no luck" in entry["error"]
    assert "no luck" in run("plugins", "--plugin-path", broken).out


def test_a_broken_plugin_does_not_stop_a_command(run: Run, tmp_path: Path) -> None:
    broken = tmp_path / "another_broken_plugin.py"
    broken.write_text("1/0")
    assert run("eval", "x*y", "--at", "x=1,y=2", "--plugin-path", broken).status == 0


def test_doctor_names_what_is_here(run: Run) -> None:
    result = run("doctor", "--json")
    names = {row["name"] for row in result.json["checks"]}
    assert {"Python", "numpy", "PySide6-Essentials", "display"} <= names
    assert result.json["ok"] is (result.status == 0)


def test_doctor_fails_when_something_needed_is_missing(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "REQUIRED", ("numpy", "no-such-distribution"))
    result = run("doctor")
    assert result.status == 1
    assert "pip install no-such-distribution" in result.out


def test_doctor_repeats_why_this_qt_would_crash(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "check_qt_version", lambda: "This Qt crashes: take another.")
    result = run("doctor", "--json")
    assert result.json["ok"] is False
    assert any("take another" in row["detail"] for row in result.json["checks"])


def test_a_library_that_qt_lacks_is_named_before_qt_aborts(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("DISPLAY", ":77")
    for name in ("WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(machine, "X11_LIBRARIES", {"libnosuch.so.1": "libnosuch1"})
    result = run("window")
    assert result.status == 1
    assert "libnosuch1" in result.err
    assert "apt install libnosuch1" in run("doctor").out
