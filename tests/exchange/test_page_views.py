"""What a web page offers to choose from: seeds, outputs, orders."""

from __future__ import annotations

import json

import numpy as np
import pytest

import visualad as va
from visualad.assets import asset
from visualad.errors import VisualADError
from visualad.exchange import page_views
from visualad.exchange.page_data import page_data
from visualad.exchange.page_views import MOST_SEEDS, offers
from visualad.graph.model import Graph

from .test_page import at

TWO = at("y1 = a*b; y2 = sin(a) + c", a=0.5, b=2.0, c=3.0)


def names(graph: Graph, of: str, **wishes: object) -> list[str]:
    return [view["name"] for view in page_data(graph, **wishes)["modes"][of]]


def test_each_input_and_each_output_can_be_chosen() -> None:
    assert names(TWO, "forward") == ["a", "b", "c", "all inputs, as columns"]
    assert names(TWO, "backward") == ["y₁", "y₂"]


def test_what_was_wished_for_is_shown_first_and_only_once() -> None:
    assert names(TWO, "forward", mode="forward", seed="b")[:3] == ["b", "a", "c"]
    assert names(TWO, "forward", mode="forward", seed="all")[0] == "all inputs, as columns"
    assert len(names(TWO, "forward", mode="forward", seed="all")) == 4
    assert names(TWO, "backward", mode="backward", seed="y2") == ["y₂", "y₁"]
    weighted = names(TWO, "backward", mode="backward", seed={"y1": 1.0, "y2": -2.0})
    assert weighted == ["weights y₁: 1, y₂: −2", "y₁", "y₂"]


def test_a_direction_gives_the_jacobian_vector_product() -> None:
    data = page_data(TWO, "forward", seed={"a": 1.0, "b": 0.5})
    product = va.jvp(TWO, None, {"a": 1.0, "b": 0.5})
    assert data["modes"]["forward"][0]["result"] == [
        ["ẏ₁", f"{product['y1']:.4g}"],
        ["ẏ₂", f"{product['y2']:.4g}"],
    ]


def test_weights_give_the_vector_jacobian_product_by_input() -> None:
    data = page_data(TWO, "backward", seed={"y1": 1.0, "y2": 2.0})
    product = va.vjp(TWO, None, {"y1": 1.0, "y2": 2.0})
    found = dict(data["modes"]["backward"][0]["result"])
    assert found == {f"∂F/∂{name}": f"{product[name]:.4g}" for name in ("a", "b", "c")}


def test_the_orders_are_offered_with_what_they_cost_and_equal_ones_are_one() -> None:
    graph = va.load(asset("graphs/lecture.vad"))
    views = page_data(graph, "cross", order="forward")["modes"]["cross"]
    assert views[0]["name"] == "forward order: 13 mul"
    for view in views:
        assert view["name"].endswith(f": {view['cost'][0]} mul")
    orders = [tuple(step["node"] for step in view["steps"]) for view in views]
    assert len(set(orders)) == len(orders)


def test_moves_by_hand_are_a_view_with_what_is_left() -> None:
    graph = va.load(asset("graphs/lecture.vad"))
    data = page_data(graph, "cross", order=("x6", "x5"), complete=False)
    view = data["modes"]["cross"][0]
    assert [step["node"] for step in view["steps"]] == ["x6", "x5"]
    assert set(view["left"]) == {"x₄", "x₇", "x₈"}
    assert view["result"] == []
    assert view["name"] == "by hand, 3 vertices left: 2 mul"


def test_arrays_can_be_seeded_too() -> None:
    graph = at("s = sum(x**2); t = s*w", x=np.arange(3.0), w=2.0)
    data = page_data(graph, "forward", seed={"x": [1.0, 0.0, 0.0]})
    assert data["modes"]["forward"][0]["name"].startswith("direction x: ")
    json.dumps(data, allow_nan=False)


def test_a_long_list_of_seeds_is_cut_and_says_so() -> None:
    many = at("+".join(f"x{i}" for i in range(1, 60)), **{f"x{i}": float(i) for i in range(1, 60)})
    found = offers(many)
    assert len(found.by_mode["forward"]) <= MOST_SEEDS
    assert found.left_out["forward"] == 60 - len(found.by_mode["forward"])
    assert page_data(many)["missing"]["forward"].startswith(f"{found.left_out['forward']} more")


def test_the_steps_of_a_page_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_views, "MOST_STEPS", 5)
    found = offers(TWO)
    assert [len(views) for views in found.by_mode.values()] == [1, 1, 1]
    assert found.left_out["forward"] == 3


@pytest.mark.parametrize(
    ("wishes", "words"),
    [
        ({"mode": "forward", "seed": "y1"}, "no"),
        ({"mode": "backward", "seed": "q"}, "q"),
        ({"mode": "cross", "order": ("q",)}, "q"),
        ({"mode": "forward", "seed": {"a": [1.0, 2.0]}}, "shape"),
    ],
)
def test_a_wish_that_cannot_be_met_is_one_sentence(wishes: dict[str, object], words: str) -> None:
    with pytest.raises(VisualADError, match=words) as raised:
        page_data(TWO, **wishes)
    assert "\n" not in raised.value.message
