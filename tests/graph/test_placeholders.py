"""A node whose type is missing or has changed keeps everything and comes alive again."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

import visualad as va
from visualad.graph import file
from visualad.graph.edits import set_settings
from visualad.graph.history import History
from visualad.graph.model import Graph
from visualad.graph.placeholders import outdated, placeholder_reason, set_absent, upgrade
from visualad.ops.declaration import REGISTRY, Operation

AT = {"x": 3.0}


@pytest.fixture(autouse=True)
def registry_as_before() -> Iterator[None]:
    yield
    REGISTRY.remove("scaled")


def declare(function: Callable[..., object], version: int = 1) -> Operation:
    """Put a plugin's node type `scaled` in the place of the one before."""
    REGISTRY.remove("scaled")
    made = Operation(function, name="scaled", version=version, plugin="scales.py")
    made.partials(lambda x, out, **_: 2.0)
    REGISTRY.add(made)
    return made


def doubled(x: float, *, factor: float = 2.0) -> float:
    """Two times x."""
    return factor * x


def doubled_anew(X: float, *, scale: float = 2.0, factor: int = 2) -> float:
    """Two times X, the newer way."""
    return scale * X


def graph_of_version(version: int) -> Graph:
    declare(doubled, version)
    graph = va.parse("f = scaled(x, factor=2.5)")
    return set_settings(graph, {"x": {"value": 3.0}})


@pytest.mark.parametrize("version", [1, 2])
def test_a_missing_type_keeps_ports_settings_and_version_over_saving(version: int) -> None:
    graph = graph_of_version(version)
    text = file.to_json(graph)
    REGISTRY.remove("scaled")
    unknown = file.from_json(text)
    assert unknown["f"].ports == ("x",)
    assert unknown["f"].settings["factor"] == 2.5
    assert file.to_json(unknown) == text
    assert "No plugin provides the node type 'scaled' of f" in placeholder_reason(unknown["f"])
    set_absent([({"def", "scaled"}, "The plugin 'scales' failed.")])
    try:
        assert placeholder_reason(unknown["f"]) == (
            "The plugin 'scales' failed. The node f (scaled) is kept as it is."
        )
    finally:
        set_absent(())
    declare(doubled, version)
    assert placeholder_reason(unknown["f"]) == ""
    assert va.evaluate(unknown, AT)["f"] == 7.5
    assert file.to_json(unknown) == text


def test_a_graph_that_was_computed_follows_the_coming_and_going_of_its_types() -> None:
    graph = graph_of_version(1)
    assert va.evaluate(graph, AT)["f"] == 7.5
    declare(doubled, version=2)
    with pytest.raises(va.PluginError, match=r"made with version 1 .* but version 2 is loaded"):
        va.evaluate(graph, AT)
    declare(doubled, version=1)
    assert va.evaluate(graph, AT)["f"] == 7.5


def test_a_new_version_is_not_taken_for_the_old_one_until_the_node_is_upgraded() -> None:
    text = file.to_json(graph_of_version(1))
    declare(doubled_anew, version=3)
    graph = file.from_json(text)
    assert [node.name for node in outdated(graph)] == ["f"]
    assert file.to_json(graph) == text
    assert graph["f"].ports == ("x",)
    upgraded = upgrade(graph)
    assert outdated(upgraded) == ()
    assert upgraded["f"].ports == ("X",)
    assert upgraded.sources == {("f", "X"): "x"}
    # 2.5 is no whole number, which the new setting is.
    assert "factor" not in upgraded["f"].settings
    assert va.evaluate(upgraded, AT)["f"] == 6.0
    assert file.from_json(file.to_json(upgraded)) == upgraded


def test_an_upgrade_is_one_step_that_can_be_undone() -> None:
    graph = graph_of_version(1)
    declare(doubled_anew, version=2)
    history = History(graph)
    history.commit("Upgrade", upgrade(graph))
    assert history.undo() is graph


def test_there_is_nothing_to_upgrade_where_all_fits() -> None:
    with pytest.raises(va.GraphError, match="Every node is of the version"):
        upgrade(graph_of_version(1))
