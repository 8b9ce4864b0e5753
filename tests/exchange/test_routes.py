"""Edges find their way around nodes."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from visualad.exchange.routes import direct, route, samples

NONE = np.empty((0, 4))


def inside(points: np.ndarray, rectangle: tuple[float, float, float, float]) -> bool:
    x0, y0, x1, y1 = rectangle
    x, y = points.T
    return bool(((x > x0) & (x < x1) & (y > y0) & (y < y1)).any())


def test_without_obstacles_an_edge_is_one_curve() -> None:
    assert route((0, 0), (300, 80), NONE) == direct((0, 0), (300, 80))
    assert len(direct((0, 0), (300, 80))) == 4


def test_an_edge_leaves_to_the_right_and_arrives_from_the_left() -> None:
    for start, end in (((0, 0), (300, 80)), ((0, 0), (20, 200)), ((300, 0), (0, 0))):
        made = direct(start, end)
        assert made[1][0] > made[0][0]
        assert made[1][1] == made[0][1]
        assert made[-2][0] < made[-1][0]
        assert made[-2][1] == made[-1][1]


def test_an_edge_goes_around_a_node_in_its_way() -> None:
    node = (200.0, -50.0, 350.0, 42.0)
    made = route((0, 0), (600, 0), np.array([node]))
    assert not inside(samples(made), node)
    assert made[0] == (0, 0)
    assert made[-1] == (600, 0)


def test_an_edge_goes_through_the_nearest_gap_of_a_column() -> None:
    column = np.array([(200.0, y, 350.0, y + 90.0) for y in (-400, -250, -45, 200, 350)])
    points = samples(route((0, 0), (600, 0), column))
    assert not any(inside(points, tuple(node)) for node in column)
    assert np.abs(points[:, 1]).max() < 160


def test_an_edge_prefers_the_side_with_fewer_crossings() -> None:
    node = np.array([(200.0, -46.0, 350.0, 46.0)])
    above = np.array([(150.0 + i, -200.0, 150.0 + i, -20.0) for i in range(3)])
    assert samples(route((0, 0), (600, 0), node, above))[:, 1].max() > 40


def test_the_nodes_of_an_edge_itself_are_no_obstacles() -> None:
    ends = np.array([(-150.0, -46.0, 0.0, 46.0), (300.0, -46.0, 450.0, 46.0)])
    assert route((0, 0), (300, 0), ends) == direct((0, 0), (300, 0))


boxes = st.lists(
    st.tuples(st.integers(60, 700), st.integers(-300, 300)).map(
        lambda p: (float(p[0]), float(p[1]), p[0] + 100.0, p[1] + 80.0)
    ),
    max_size=8,
)


@given(boxes, st.integers(-200, 200))
def test_a_route_joins_its_ends_smoothly_whatever_is_in_the_way(nodes, height: int) -> None:
    made = route((0, 0), (900, height), np.array(nodes).reshape(-1, 4))
    assert (made[0], made[-1]) == ((0, 0), (900, height))
    assert len(made) % 3 == 1
    assert np.isfinite(samples(made)).all()
    for before, at, after in zip(made[2:-1:3], made[3:-1:3], made[4::3], strict=False):
        assert before[1] == at[1] == after[1]  # level through every passage
