"""A film over a collapsed group: one move passes it, "step inside" enters it."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QImage, QPainter

from tests.gui.canvas.conftest import settle
from visualad.autodiff.steps import spent_until
from visualad.graph import edits
from visualad.gui.canvas.group_items import GroupCard
from visualad.gui.canvas.view import CanvasView
from visualad.gui.film_stage import HEIGHT, WIDTH, Stage, Wanted
from visualad.gui.transport import StepSlider

MEMBERS = ("x4", "x5", "x6", "x7")


@pytest.fixture
def film(view: CanvasView) -> CanvasView:
    """x4 to x7 as one card; in backward mode x7, x6, x5 and x4 follow each other."""
    members = [view.document.graph.id_of(name) for name in MEMBERS]
    view.document.apply("Group", lambda g: edits.add_group(g, members, "middle"))
    view.grouping.toggle(["group1"])
    start(view, "backward")
    return view


def start(view: CanvasView, mode: str) -> None:
    view.session.set_mode(mode)
    settle()


def card(view: CanvasView) -> GroupCard:
    return view.scene_.groups.cards["group1"]


def texts(view: CanvasView) -> list[str]:
    return [row.text for row in card(view).face.rows]


def place(view: CanvasView) -> str:
    step = view.session.step_shown
    return step.name if step is not None else ""


def walk(view: CanvasView, by: int) -> list[str]:
    """The names at which a walk to the end stops."""
    found = []
    while True:
        view.session.step(by)
        if found and found[-1] == place(view):
            return found
        found.append(place(view))


def test_one_step_passes_all_that_follow_each_other_inside(film: CanvasView) -> None:
    assert walk(film, 1) == ["x9", "x8", "x4", "x3", "x2", "x1"]
    assert walk(film, -1) == ["x2", "x3", "x4", "x8", "x9", ""]


def test_the_results_and_the_cost_are_those_of_all_inner_steps(film: CanvasView) -> None:
    session = film.session
    session.step()
    session.step()
    assert texts(film)[1::2] == ["—"] * (len(texts(film)) // 2)
    before = spent_until(session.sweep, session.step_index)
    session.step()
    assert place(film) == "x4"
    after = spent_until(session.sweep, session.step_index)
    inner = [step for step in session.sweep if step.name in MEMBERS]
    assert after[0] - before[0] == sum(step.cost.multiplications for step in inner)
    assert after[1] - before[1] == sum(step.cost.additions for step in inner)
    assert card(film).look.active
    # x6 and x7 feed x8; their adjoints are both 1/x3 = 2.
    assert texts(film)[1::2] == ["2", "2"]


def test_pulses_go_into_the_card_and_out_of_it(film: CanvasView) -> None:
    session, graph = film.session, film.document.graph
    session.go_to(1)
    first, last = session.playback._move(1)
    assert [session.sweep[i].name for i in (first, last)] == ["x7", "x4"]
    session.playback.go_to(last, 0.4, first=first)
    pulses = film.scene_.moment.pulses
    assert pulses
    assert {p.edge[:2] for p in pulses} <= {
        (graph.id_of(name), graph.id_of("x8")) for name in ("x6", "x7")
    }
    shown = [p for p in film.scene_.pulses.items() if p.isVisible()]
    assert len(shown) == len(pulses)
    assert all(p.pos().x() > card(film).body().right() - 1 for p in shown)
    assert texts(film)[1::2] == ["—", "—"]  # nothing has come out yet
    session.step()
    session.playback.go_to(session.step_index, 0.3)  # x3, which x5 in the card and x9 feed on
    (edge,) = {p.edge for p in film.scene_.moment.pulses}
    assert edge[0] == graph.id_of("x3")
    assert any(p.isVisible() for p in film.scene_.pulses.items())


def test_inner_steps_can_be_jumped_to_and_gone_on_from(film: CanvasView) -> None:
    session = film.session
    inner = next(step.index for step in session.sweep if step.name == "x6")
    session.go_to(inner)
    assert card(film).look.active
    assert sorted(texts(film)[1::2]) == ["2", "2"]
    session.step()
    assert place(film) == "x4"
    session.go_to(inner)
    session.step(-1)
    assert place(film) == "x8"


def test_playing_comes_to_the_same_places(film: CanvasView, qtbot) -> None:
    seen: list[str] = []
    film.session.step_changed.connect(lambda: seen.append(place(film)))
    film.session.speed = 4.0
    film.session.play()
    qtbot.waitUntil(lambda: not film.session.is_playing, timeout=10_000)
    assert seen == ["x9", "x8", "x4", "x3", "x2", "x1"]


def test_a_film_that_repeats_passes_the_group_each_time(film: CanvasView, qtbot) -> None:
    seen: list[str] = []
    film.session.step_changed.connect(lambda: seen.append(place(film)))
    film.session.playback.set_loops(True)
    film.session.speed = 4.0
    film.session.play()
    qtbot.waitUntil(lambda: seen.count("x4") == 2, timeout=15_000)
    film.session.pause()
    assert seen[:9] == ["x9", "x8", "x4", "x3", "x2", "x1", "", "x9", "x8"]
    assert not {"x5", "x6", "x7"} & set(seen)


def test_before_a_sum_the_card_keeps_its_results_back(view: CanvasView) -> None:
    members = [view.document.graph.id_of(name) for name in ("x4", "x5")]
    view.document.apply("Group", lambda g: edits.add_group(g, members, "sum"))
    view.grouping.toggle(["group1"])
    start(view, "backward")
    session = view.session
    session.playback.set_holds(True)
    while place(view) != "x4":
        assert not session.playback.is_held  # up to here nothing adds up
        session.step()
    assert session.playback.is_held
    assert texts(view)[1::2] == ["—", "—"]
    index = session.step_index
    session.step()
    assert session.step_index == index
    assert "—" not in texts(view)


def test_the_slider_moves_through_the_group_evenly(film: CanvasView, qtbot) -> None:
    slider = StepSlider(film.session)
    qtbot.addWidget(slider)
    session = film.session
    steps = len(session.sweep)
    session.go_to(1)
    first, last = session.playback._move(1)
    shares = []
    for progress in (0.0, 0.5, 1.0):
        session.playback.go_to(last, progress, first=first)
        shares.append(slider._share * steps)
    assert shares == pytest.approx([first, (first + last + 1) / 2, last + 1])


def test_phases_go_on_working(film: CanvasView) -> None:
    session = film.session
    session.step_phase(1)
    assert place(film) == "x9"
    session.step_phase(1)
    assert session.step_index == len(session.sweep) - 1
    session.step_phase(-1)
    assert place(film) == "x9"


def test_forward_mode_passes_the_group_too(film: CanvasView) -> None:
    start(film, "forward")
    names = walk(film, 1)
    assert not {"x4", "x5", "x6"} & set(names)
    assert "x7" in names


def test_cross_mode_eliminates_what_is_inside_as_one_move(film: CanvasView) -> None:
    start(film, "cross")
    session = film.session
    assert texts(film)[-1] == "0 of 4"
    names = walk(film, 1)
    assert names[-1] in MEMBERS
    assert len(names) == 2  # x8, and all of the card
    assert texts(film)[-1] == "4 of 4"
    assert card(film).look.ghost
    made = film.scene_.fill_ins.keys() | film.scene_.moment.changed.keys()
    x9 = film.document.graph.id_of("x9")
    assert {pair[1] for pair in made} == {x9}
    session.go_to(-1)
    assert not card(film).look.ghost


def test_the_card_of_an_output_stays_when_all_else_in_it_is_eliminated(view: CanvasView) -> None:
    members = [view.document.graph.id_of(name) for name in ("x8", "x9")]
    view.document.apply("Group", lambda g: edits.add_group(g, members, "end"))
    view.grouping.toggle(["group1"])
    start(view, "cross")
    view.session.go_to(len(view.session.sweep) - 1)
    assert texts(view)[-1] == "1 of 1"
    assert not card(view).look.ghost


def test_cross_mode_stops_within_the_group_when_jumped_to(film: CanvasView) -> None:
    start(film, "cross")
    film.session.go_to(1)
    assert texts(film)[-1] == "1 of 4"
    assert film.scene_.fill_ins
    for item in film.scene_.fill_ins.values():
        assert item.path.length() > 0


def test_exported_films_show_the_card_and_every_step(film: CanvasView) -> None:
    stage = Stage(film.document.graph, Wanted("backward"))
    try:
        assert list(stage.scene.groups.cards) == ["group1"]
        image = QImage(WIDTH, HEIGHT, QImage.Format.Format_RGB32)
        names = []
        for index in range(len(stage.sweep)):
            for progress in (0.4, 1.0):
                stage.go_to(index, progress)
                painter = QPainter(image)
                stage.paint(painter)
                painter.end()
            names.append(stage.step.name if stage.step is not None else "")
        assert set(MEMBERS) <= set(names)
        rows = stage.scene.groups.cards["group1"].face.rows
        assert [row.text for row in rows[1::2]] == ["2", "2"]
    finally:
        stage.close()
