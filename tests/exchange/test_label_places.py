"""Texts of edges find places that are free."""

from __future__ import annotations

import numpy as np

from visualad.exchange.label_places import Wish, place

NO_NODES = np.empty((0, 4))


def line(x0: float, y0: float, x1: float, y1: float) -> np.ndarray:
    share = np.linspace(0, 1, 17)[:, None]
    return np.array([x0, y0]) * (1 - share) + np.array([x1, y1]) * share


def rectangle(where, size) -> tuple[float, float, float, float]:
    (x, y), (width, height) = where.centre, size
    return x - width / 2, y - height / 2, x + width / 2, y + height / 2


def overlap(a, b) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def test_a_text_alone_stands_in_the_middle() -> None:
    (found,) = place([Wish(line(0, 0, 200, 0), [(60, 16)])], NO_NODES)
    assert found.centre == (100.0, 0.0)
    assert found.writing == 0


def test_a_text_keeps_clear_of_nodes() -> None:
    nodes = np.array([(60.0, -40.0, 140.0, 40.0)])
    size = (40, 16)
    (found,) = place([Wish(line(0, 0, 300, 0), [size])], nodes)
    assert not overlap(rectangle(found, size), tuple(nodes[0]))


def test_where_there_is_little_room_the_narrow_writing_is_taken() -> None:
    nodes = np.array([(-150.0, -46.0, 0.0, 46.0), (60.0, -46.0, 210.0, 46.0)])
    (found,) = place([Wish(line(0, 0, 60, 0), [(90, 16), (45, 30)])], nodes)
    assert found.writing == 1


def test_texts_of_edges_side_by_side_do_not_cover_each_other() -> None:
    size = (70, 16)
    wishes = [Wish(line(0, y, 200, -y), [size]) for y in (-30, 0, 30)]
    found = [rectangle(where, size) for where in place(wishes, NO_NODES)]
    assert not any(overlap(a, b) for i, a in enumerate(found) for b in found[:i])


def test_texts_that_stay_are_respected() -> None:
    standing = np.array([(70.0, -8.0, 130.0, 8.0)])
    size = (50, 16)
    (found,) = place([Wish(line(0, 0, 200, 0), [size])], NO_NODES, standing=standing)
    assert not overlap(rectangle(found, size), tuple(standing[0]))


def test_no_texts_need_no_places() -> None:
    assert place([], NO_NODES) == []
