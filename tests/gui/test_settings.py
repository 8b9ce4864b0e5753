from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QByteArray

from visualad.gui import settings
from visualad.gui.recent import RecentFiles
from visualad.gui.settings import MOST_RECENT, Settings


@pytest.fixture
def path(qapp, tmp_path: Path) -> Path:
    return tmp_path / "window.ini"


def test_what_was_set_is_there_the_next_time(path: Path) -> None:
    first = Settings(path)
    first.theme = "dark"
    first.hint_seen = True
    first.reduced_motion = True
    first.recent = ["/a.vad", "/b.vad"]
    first.store_window(QByteArray(b"geometry"), QByteArray(b"layout"))
    second = Settings(path)
    assert (second.theme, second.hint_seen, second.reduced_motion) == ("dark", True, True)
    assert second.recent == ["/a.vad", "/b.vad"]
    assert second.geometry == QByteArray(b"geometry")
    assert second.layout == QByteArray(b"layout")


def test_nonsense_in_the_file_counts_as_never_set(path: Path) -> None:
    path.write_text(
        "[General]\ntheme=pink\nhint_seen=perhaps\nrecent=/only.vad\ngeometry=7\n",
        encoding="utf-8",
    )
    found = Settings(path)
    assert (found.theme, found.hint_seen) == ("light", False)
    assert found.recent == ["/only.vad"]
    assert found.geometry.isEmpty()


def test_the_settings_lie_in_the_folder_of_the_user(qapp, isolated_settings: Path) -> None:
    assert Settings().path.is_relative_to(isolated_settings)


def test_the_wish_of_the_system_holds_until_another_is_set(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "system_reduces_motion", lambda: True)
    found = Settings(path)
    assert found.reduced_motion
    found.reduced_motion = False
    assert not Settings(path).reduced_motion


def test_recent_files_come_latest_first_without_repetition(path: Path, qtbot) -> None:
    recent = RecentFiles(Settings(path))
    for number in range(MOST_RECENT + 3):
        recent.add(Path(f"/{number}.vad"))
    recent.add(Path("/5.vad"))
    assert len(recent.paths) == MOST_RECENT
    assert recent.paths[0] == Path("/5.vad")
    with qtbot.waitSignal(recent.changed):
        recent.remove(Path("/5.vad"))
    assert Path("/5.vad") not in recent.paths
    recent.clear()
    assert recent.paths == []
