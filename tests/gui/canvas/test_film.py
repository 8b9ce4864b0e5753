"""A sweep as frames, without a window."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visualad.autodiff.sweeps import sweep
from visualad.graph import parser
from visualad.graph.model import Graph
from visualad.gui.canvas.derivation import Film, Moment


def film_of(text: str, mode: str) -> Film:
    graph = parser.parse(text)
    return Film(graph, sweep(graph, dict.fromkeys(graph.inputs, 0.7), mode), mode)


LECTURE = "(x1*x2*sin(x3) + exp(x1*x2)) / x3"


def test_without_a_sweep_there_is_nothing_but_the_mode() -> None:
    assert Film(Graph(), None, "backward").moment(3, 0.5) == Moment(mode="backward")


def test_a_frame_in_which_only_pulses_move_keeps_everything_else() -> None:
    film = film_of(LECTURE, "backward")
    first, second = film.moment(1, 0.2), film.moment(1, 0.3)
    assert first.derivatives is second.derivatives
    assert first.pulses != second.pulses


def test_contributions_of_a_step_travel_one_after_the_other() -> None:
    film = film_of(LECTURE, "backward")
    index = next(s.index for s in film.sweep if len(s.terms) == 2)
    assert len(film.moment(index, 0.2).pulses) == 1
    early, late = film.moment(index, 0.2).pulses[0], film.moment(index, 0.7).pulses[0]
    assert early.edge != late.edge
    assert early.backwards


@given(st.lists(st.tuples(st.integers(-1, 9), st.sampled_from([0.0, 0.4, 0.8, 1.0])), max_size=12))
@pytest.mark.parametrize("mode", ["forward", "backward", "cross"])
def test_a_frame_does_not_depend_on_the_frames_before(mode: str, way) -> None:
    travelled = film_of(LECTURE, mode)
    for index, progress in way:
        seen = travelled.moment(index, progress)
        fresh = Film(travelled.graph, travelled.sweep, mode).moment(index, progress)
        assert seen == fresh


def test_eliminating_lowers_the_degrees_and_names_the_cost() -> None:
    film = film_of(LECTURE, "cross")
    graph, steps = film.graph, list(film.sweep)
    rows = film.moment(-1, 1.0).derivatives
    assert rows[graph.id_of("x4")][:2] == ("in × out", "2 × 2")
    rows = film.moment(0, 1.0).derivatives
    label, words, _ = rows[steps[0].node]
    assert (label, words) == ("eliminated", f"{steps[0].cost.multiplications} mul")


def test_while_a_vertex_goes_its_products_meet_in_it() -> None:
    film = film_of(LECTURE, "cross")
    moment = film.moment(0, 0.1)
    going = moment.going
    assert going
    assert moment.eliminated == frozenset()
    into = [p for p in moment.pulses if not p.backwards]
    out = [p for p in moment.pulses if p.backwards]
    assert all(p.edge[1] == going for p in into)
    assert all(p.edge[0] == going for p in out)
