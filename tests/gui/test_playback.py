from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication

from visualad.gui import playback
from visualad.gui.playback import Playback


@pytest.fixture
def film(qapp: QApplication) -> Iterator[Playback]:
    made = Playback()
    made.set_length(4, rewind=True)
    yield made
    made.pause()


def test_it_begins_before_the_first_step(film: Playback) -> None:
    assert (film.index, film.progress) == (-1, 1.0)


def test_stepping_stays_within_the_film(film: Playback) -> None:
    film.step(-1)
    assert film.index == -1
    for _ in range(9):
        film.step(1)
    assert film.index == 3


def test_playing_visits_every_step_and_stops_at_the_end(film: Playback, qtbot) -> None:
    film.set_speed(4)
    seen: list[int] = []
    film.step_changed.connect(seen.append)
    with qtbot.waitSignal(film.playing_changed, check_params_cb=lambda on: not on, timeout=5000):
        film.play()
        assert film.is_playing
    assert seen == [0, 1, 2, 3]
    assert film.progress == 1.0


def test_pulses_travel_from_0_to_1(film: Playback, qtbot) -> None:
    film.set_speed(4)
    seen: list[float] = []
    film.progress_changed.connect(seen.append)
    film.play()
    qtbot.waitUntil(lambda: film.index == 1)
    film.pause()
    first = seen[: seen.index(0.0, 1)] if 0.0 in seen[1:] else seen
    assert first[0] == 0.0
    assert first == sorted(first)
    assert max(first) < 1.0


def test_a_step_lasts_its_time_divided_by_the_speed(
    film: Playback, qtbot, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [100.0]
    monkeypatch.setattr(playback.time, "monotonic", lambda: clock[0])
    film.play()
    film._timer.stop()
    for _ in range(8):
        clock[0] += 0.09
        film._frame()
    assert film.index == 0
    assert film.progress == pytest.approx(0.72 / 0.8)
    clock[0] += 0.09
    film._frame()
    assert film.index == 1
    film.set_speed(2)
    for _ in range(5):
        clock[0] += 0.09
        film._frame()
    assert film.index == 2


def test_with_reduced_motion_nothing_travels(film: Playback, qtbot) -> None:
    film.reduced_motion = True
    film.set_speed(4)
    seen: list[float] = []
    film.progress_changed.connect(seen.append)
    film.play()
    qtbot.waitUntil(lambda: film.index == 2)
    film.pause()
    assert set(seen) == {1.0}


def test_pausing_stays_where_it_is_and_playing_goes_on_from_there(film: Playback, qtbot) -> None:
    film.play()
    qtbot.waitUntil(lambda: film.progress > 0.05 and film.index == 0)
    film.pause()
    where = film.progress
    qtbot.wait(60)
    assert film.progress == where
    film.play()
    qtbot.waitUntil(lambda: film.progress > where)
    assert film.index == 0


def test_playing_at_the_end_begins_anew(film: Playback) -> None:
    film.go_to(3)
    film.play()
    assert film.index == 0


def test_a_shorter_film_shows_its_last_step(film: Playback) -> None:
    film.go_to(3)
    film.set_length(2, rewind=False)
    assert film.index == 1


@pytest.mark.parametrize(("asked", "got"), [(0.0, 0.25), (1.5, 1.5), (100, 4.0)])
def test_speed_stays_within_its_bounds(film: Playback, asked: float, got: float) -> None:
    film.set_speed(asked)
    assert film.speed == got


def test_an_empty_film_does_not_play(qapp: QApplication) -> None:
    film = Playback()
    film.play()
    assert not film.is_playing


def test_a_film_that_repeats_begins_again(film: Playback, qtbot) -> None:
    film.set_speed(4)
    film.set_loops(True)
    seen: list[int] = []
    film.step_changed.connect(seen.append)
    film.play()
    qtbot.waitUntil(lambda: seen.count(0) == 2, timeout=8000)
    assert seen[:6] == [0, 1, 2, 3, -1, 0]
    assert film.is_playing


def test_before_a_sum_the_film_waits_for_a_press(film: Playback, qtbot) -> None:
    film.set_speed(4)
    film.hold_of = lambda index: 0.6 if index == 1 else None
    film.set_holds(True)
    film.play()
    qtbot.waitUntil(lambda: film.is_held, timeout=5000)
    assert (film.index, film.progress, film.is_playing) == (1, 0.6, False)
    film.play()
    assert (film.progress, film.is_held) == (1.0, False)
    qtbot.waitUntil(lambda: film.index == 3 and not film.is_playing, timeout=5000)


@pytest.mark.parametrize("still", [False, True])
def test_stepping_shows_the_summands_and_then_the_sum(film: Playback, still: bool) -> None:
    film.reduced_motion = still
    film.hold_of = lambda index: 0.6 if index == 1 else None
    film.set_holds(True)
    seen = []
    for _ in range(4):
        film.step(1)
        seen.append((film.index, film.progress, film.is_held))
    assert seen == [(0, 1.0, False), (1, 0.6, True), (1, 1.0, False), (2, 1.0, False)]
    film.step(-1)
    assert (film.index, film.is_held) == (1, False)


def test_without_motion_the_film_waits_too(film: Playback, qtbot) -> None:
    film.reduced_motion = True
    film.set_speed(4)
    film.hold_of = lambda index: 0.6 if index == 2 else None
    film.set_holds(True)
    film.play()
    qtbot.waitUntil(lambda: film.is_held, timeout=5000)
    assert (film.index, film.progress, film.is_playing) == (2, 0.6, False)


def test_turning_the_questions_off_shows_the_result(film: Playback) -> None:
    film.hold_of = lambda index: 0.6
    film.set_holds(True)
    film.step(1)
    assert film.is_held
    film.set_holds(False)
    assert (film.index, film.progress, film.is_held) == (0, 1.0, False)
