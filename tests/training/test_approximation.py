"""Sums of bumps approximate functions, and are perceptrons."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import visualad as va
from visualad.errors import VisualADError
from visualad.graph.file import from_json, to_json
from visualad.training.approximation import (
    Bump,
    as_perceptron,
    errors,
    errors_by_count,
    place,
    target_of_file,
    target_of_formula,
    target_of_points,
    total,
)

numbers = st.floats(-3, 3)
bumps = st.builds(Bump, numbers, numbers, numbers, st.floats(0.1, 200))
SINE = target_of_formula("sin(2*x) + x/3", -3, 3)


@given(chosen=st.lists(bumps, min_size=1, max_size=6))
def test_the_perceptron_computes_the_sum_to_rounding(chosen: list[Bump]) -> None:
    graph = as_perceptron(chosen, SINE)
    x = np.linspace(-4, 4, 57)

    found = va.evaluate(graph, {"X": x[:, None], "Y": np.zeros((57, 1))})["o"][:, 0]

    scale = 1 + sum(abs(bump.height) for bump in chosen)
    np.testing.assert_allclose(found, total(chosen, x), rtol=0, atol=1e-12 * scale)


def test_a_bump_is_its_height_inside_and_nothing_outside() -> None:
    bump = Bump(-1.0, 2.0, 3.0, 1e4)
    x = np.array([-1e9, -1.1, -1.0, 0.0, 2.0, 2.1, 1e9])
    np.testing.assert_allclose(bump.at(x), [0, 0, 1.5, 3, 1.5, 0, 0], atol=1e-12)


def test_more_bumps_come_closer() -> None:
    rmse = [found.rmse for found in errors_by_count(SINE)]
    assert len(rmse) == 64
    assert rmse[0] > 0.6
    assert rmse[63] < 0.03 * rmse[0]
    halvings = [rmse[2 * n - 1] / rmse[n - 1] for n in (8, 16, 32)]
    assert max(halvings) < 0.7


def test_a_constant_needs_one_bump() -> None:
    target = target_of_formula("2.5", 0, 1)
    (bump,) = place(target, 1)
    assert bump.height == pytest.approx(2.5, rel=0.01)
    assert errors([bump], target).worst < 0.02


def test_it_trains_on_from_there_with_the_target_as_its_data() -> None:
    chosen = place(SINE, 6)
    graph = from_json(to_json(as_perceptron(chosen, SINE)))

    run = va.train(graph, epochs=15)

    assert run.history.train[0] == pytest.approx(errors(chosen, SINE).rmse ** 2, rel=0.5)
    assert run.history.train[-1] < run.history.train[0]
    assert list(run.graph["W1"].value.shape) == [12, 1]


def test_a_table_is_a_target(tmp_path: Path) -> None:
    file = tmp_path / "curve.csv"
    file.write_text("t,u\n2,5\n0,1\n1,3\n")
    target = target_of_file(str(file))
    assert (target.x.tolist(), target.y.tolist()) == ([0, 1, 2], [1, 3, 5])
    assert errors(place(target, 64), target).worst < 1e-6


def test_places_without_a_value_are_left_out_and_said() -> None:
    target = target_of_formula("log(x)", -1, 1)
    assert len(target.x) == 100
    assert target.note == "101 of 201 places without a finite value are left out."


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: target_of_formula("x*y", 0, 1), "2 variables and 1 results"),
        (lambda: target_of_formula("x", 1, 1), "interval from 1 to 1 is empty"),
        (lambda: target_of_formula("log(x)", -2, -1), "no finite value"),
        (lambda: target_of_points(np.ones(3), np.ones(3), "t"), "two different places"),
        (lambda: place(SINE, 65), "From 1 to 64 bumps"),
        (lambda: place(SINE, 3, 0.0), "sharpness must be above 0"),
        (lambda: as_perceptron([], SINE), "no bump"),
    ],
)
def test_what_is_no_target_is_refused_in_a_sentence(make, words: str) -> None:
    with pytest.raises(VisualADError, match=words):
        make()
