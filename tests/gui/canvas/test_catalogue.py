"""Finding node types by typing."""

from __future__ import annotations

import pytest

from visualad.gui.canvas import catalogue
from visualad.ops.declaration import REGISTRY, Operation


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("sin", "sin"),
        ("+", "add"),
        ("plus", "add"),
        ("times", "mul"),
        ("mse", "mean_squared_error"),
        ("mean sq", "mean_squared_error"),
        ("ln", "log"),
        ("weight", "parameter"),
        ("sgmd", "sigmoid"),
        ("EXP", "exp"),
        ("  tanh ", "tanh"),
    ],
)
def test_the_best_match_comes_first(typed: str, wanted: str) -> None:
    assert catalogue.search(typed)[0].name == wanted


def test_recent_ones_win_among_equals() -> None:
    assert catalogue.search("a", recent=["atan"])[0].name == "atan"
    assert catalogue.search("add", recent=["atan"])[0].name == "add"


def test_nothing_is_found_for_nonsense() -> None:
    assert catalogue.search("qqqq") == []


def test_an_empty_search_gives_everything() -> None:
    assert len(catalogue.search("")) == len(REGISTRY)


def test_groups_stand_in_the_order_of_the_palette_and_others_come_last() -> None:
    def softer(x):
        """Nothing in particular."""
        return x

    mine = Operation(softer, category="My course")
    headings = list(catalogue.groups([mine, REGISTRY["sin"], REGISTRY["add"]]))
    assert headings == ["Arithmetic", "Functions", "My course"]


def test_formulas_and_summaries_explain_node_types() -> None:
    assert catalogue.formula(REGISTRY["mul"]) == "x·y"
    assert catalogue.formula(REGISTRY["variable"]) == ""
    assert catalogue.summary(REGISTRY["sin"]).endswith(".")
