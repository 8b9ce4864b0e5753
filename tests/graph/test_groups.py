from __future__ import annotations

import json
from pathlib import Path

import pytest

import visualad as va
from visualad.errors import FileError, GraphError
from visualad.graph import edits
from visualad.graph.file import from_json, to_json
from visualad.graph.groups import border, groups_around
from visualad.graph.model import Graph
from visualad.graph.parser import parse
from visualad.graph.reformulate import reformulate

LECTURE = parse("(x1*x2*sin(x3) + exp(x1*x2)) / x3")
PUBLISHED = json.loads(
    (Path(__file__).parents[1] / "data" / "published.json").read_text(encoding="utf-8")
)


def grouped(*names: str, title: str = "part", graph: Graph = LECTURE) -> Graph:
    return edits.add_group(graph, names, title)


def members(graph: Graph, id_: str = "group1") -> set[str]:
    return {graph.nodes_by_id[m].name for m in graph.groups[id_].members}


def test_a_group_has_a_title_of_its_own_until_it_gets_another() -> None:
    graph = edits.add_group(edits.add_group(LECTURE, ["x5"]), ["x6"])
    assert [g.title for g in graph.groups.values()] == ["Group 1", "Group 2"]
    renamed = edits.set_group(graph, "group1", title="sine ")
    assert renamed.groups["group1"].title == "sine"
    with pytest.raises(GraphError, match="needs a title"):
        edits.set_group(graph, "group1", title=" ")


def test_grouping_changes_no_value_and_no_derivative() -> None:
    at = {"x1": 1.5, "x2": 0.8, "x3": 2.0}
    graph = grouped("x4", "x5", "x7", "x6")
    folded = edits.set_group(graph, "group1", collapsed=True)
    for other in (graph, folded, edits.remove_group(folded, "group1")):
        assert va.evaluate(other, at) == va.evaluate(LECTURE, at)
        for mode in ("forward", "backward", "cross"):
            assert va.gradient(other, at, mode=mode) == va.gradient(LECTURE, at, mode=mode)


def test_groups_may_lie_in_each_other_but_not_cross() -> None:
    graph = grouped("x4", "x5", "x7")
    inner = grouped("x4", "x7", graph=graph)
    outer = grouped("x4", "x5", "x6", "x7", graph=inner)
    x4 = outer.id_of("x4")
    assert [g.id for g in groups_around(outer, x4)] == ["group3", "group1", "group2"]
    with pytest.raises(GraphError, match="half in the new one"):
        grouped("x7", "x8", graph=graph)
    with pytest.raises(GraphError, match="are the group 'part' already"):
        grouped("x4", "x5", "x7", graph=graph)
    with pytest.raises(GraphError, match="at least one node"):
        grouped()


def test_what_crosses_the_border_is_known() -> None:
    graph = grouped("x4", "x5", "x7", "x6")
    found = border(graph, graph.groups["group1"].members)
    assert [graph.nodes_by_id[i].name for i in found.sources] == ["x1", "x2", "x3"]
    assert [graph.nodes_by_id[i].name for i in found.results] == ["x6", "x7"]
    whole = border(graph, graph.nodes_by_id)
    assert whole.sources == ()
    assert [graph.nodes_by_id[i].name for i in whole.results] == ["x9"]


def test_a_node_taken_into_a_group_leaves_the_one_it_was_in() -> None:
    graph = grouped("x6", "x8", graph=grouped("x4", "x5", "x7"))
    graph = edits.add_members(graph, "group1", ["x6"])
    assert members(graph) == {"x4", "x5", "x6", "x7"}
    assert members(graph, "group2") == {"x8"}
    gone = edits.add_members(graph, "group1", ["x8"])
    assert "group2" not in gone.groups


def test_a_node_taken_into_an_inner_group_is_in_the_outer_one_too() -> None:
    graph = grouped("x4", "x7", graph=grouped("x4", "x5", "x7"))
    graph = edits.add_members(graph, "group2", ["x6"])
    assert members(graph, "group2") == {"x4", "x6", "x7"}
    assert members(graph, "group1") == {"x4", "x5", "x6", "x7"}
    out = edits.remove_members(graph, "group1", ["x4"])
    assert members(out, "group2") == {"x6", "x7"}
    stays = edits.remove_members(graph, "group2", ["x4"])
    assert members(stays, "group1") == {"x4", "x5", "x6", "x7"}


def test_deleting_all_members_removes_the_group() -> None:
    graph = grouped("x4", "x5")
    one_left = edits.remove(graph, ["x4"])
    assert members(one_left) == {"x5"}
    assert not edits.remove(one_left, ["x5"]).groups


def test_a_new_formula_keeps_the_group_of_the_nodes_that_stay() -> None:
    changed = reformulate(grouped("x5", "x7", "x9"), "x1*x2*sin(x3) + exp(x1*x2)")
    assert members(changed) == {"x5", "x7"}


def test_copies_of_a_whole_group_are_a_group() -> None:
    graph = grouped("x4", "x5", title="two")
    whole = edits.paste(graph, edits.copy_fragment(graph, ["x4", "x5", "x6"]), (10, 20))
    assert whole.groups["group2"].title == "two"
    assert members(whole, "group2") == {"x10", "x11"}
    x, y = graph.groups["group1"].position
    assert whole.groups["group2"].position == (x + 10, y + 20)
    part = edits.paste(graph, edits.copy_fragment(graph, ["x4", "x6"]))
    assert part.groups == graph.groups


def test_the_card_of_a_group_takes_its_members_along() -> None:
    graph = edits.move(LECTURE, {"x4": (100, 0), "x5": (300, 200)})
    graph = grouped("x5", graph=grouped("x4", "x5", graph=graph))
    folded = edits.set_group(graph, "group1", collapsed=True)
    assert folded.groups["group1"].position == (200, 100)
    moved = edits.move_groups(folded, {"group1": (210, 150)})
    assert moved["x4"].position == (110, 50)
    assert moved["x5"].position == (310, 250)
    assert moved.groups["group2"].position == (310, 250)
    with pytest.raises(GraphError, match="finite"):
        edits.move_groups(folded, {"group1": (float("nan"), 0)})


def test_unknown_groups_are_refused() -> None:
    for edit in (
        lambda: edits.remove_group(LECTURE, "g"),
        lambda: edits.set_group(LECTURE, "g", title="x"),
        lambda: edits.add_members(LECTURE, "g", ["x4"]),
        lambda: edits.remove_members(LECTURE, "g", ["x4"]),
        lambda: edits.move_groups(LECTURE, {"g": (0, 0)}),
    ):
        with pytest.raises(GraphError, match="no group 'g'"):
            edit()


# The file ----------------------------------------------------------------------------------------


def test_a_file_keeps_what_it_says_more_about_a_group() -> None:
    text = to_json(grouped("x4", "x5")).replace('"members"', '"later": [1], "members"')
    assert to_json(from_json(text)) == text


def test_members_that_another_version_has_removed_are_forgotten() -> None:
    raw = json.loads(to_json(grouped("x4", "x5")))
    raw["groups"][0]["members"].append("gone")
    assert members(from_json(json.dumps(raw))) == {"x4", "x5"}
    raw["groups"][0]["members"] = ["gone"]
    assert not from_json(json.dumps(raw)).groups


def test_a_file_with_groups_that_cross_is_refused_in_one_sentence() -> None:
    raw = json.loads(to_json(grouped("x4", "x5")))
    raw["groups"].append({"id": "g", "title": "other", "members": ["x5", "x6"]})
    with pytest.raises(FileError, match="'part' and 'other' share some nodes"):
        from_json(json.dumps(raw))
    raw["groups"][1]["id"] = "group1"
    with pytest.raises(FileError, match="two groups with the id 'group1'"):
        from_json(json.dumps(raw))
    raw["groups"][1] = {"id": "g", "title": "other", "members": "x5"}
    with pytest.raises(FileError, match=r'Group 2, "members": a list was expected'):
        from_json(json.dumps(raw))


# A published case --------------------------------------------------------------------------------


def test_a_sigmoid_neuron_gives_the_published_numbers_as_gates_and_as_a_group() -> None:
    neuron = va.load(Path(__file__).parents[2] / "assets" / "graphs" / "sigmoid-neuron.vad")
    at = {name: neuron[name].value for name in neuron.inputs}
    (group,) = neuron.groups.values()
    open_ = edits.set_group(neuron, group.id, collapsed=False)
    folded = edits.set_group(open_, group.id, collapsed=True)
    apart = edits.remove_group(open_, group.id)
    found = [va.gradient(graph, at) for graph in (open_, folded, apart)]
    assert found[0] == found[1] == found[2]
    (case,) = (case for case in PUBLISHED if case["id"] == "cs231n_sigmoid_neuron")
    assert case["inputs"] == at
    assert found[0] == pytest.approx(case["gradients"]["f"], rel=1e-14)
    values = va.evaluate(folded, at)
    assert {k: values[k] for k in case["intermediates"]} == pytest.approx(case["intermediates"])
