from __future__ import annotations

import math

import numpy as np
import pytest

from visualad.errors import GraphError
from visualad.graph import edits
from visualad.graph.checks import problems
from visualad.graph.model import Edge, Graph, Node
from visualad.graph.parser import parse

LECTURE = "(x1*x2*sin(x3) + exp(x1*x2)) / x3"


@pytest.fixture
def lecture() -> Graph:
    return parse(LECTURE)


def test_the_lectures_graph_can_be_built_by_edits(lecture: Graph) -> None:
    graph = Graph()
    for op in ("variable", "variable", "variable", "mul", "sin", "exp", "mul", "add", "div"):
        graph = edits.add_node(graph, op)
    for edge in lecture.edges:
        graph = edits.connect(graph, edge.source, edge.target, edge.port)
    assert graph == lecture


def test_an_edit_leaves_the_old_graph_as_it_was(lecture: Graph) -> None:
    edits.remove(lecture, ["x4"])
    edits.move(lecture, {"x4": (1, 2)})
    assert lecture == parse(LECTURE)


def test_new_names_continue_the_numbering(lecture: Graph) -> None:
    assert edits.fresh_name(lecture, "sin") == "x10"
    assert edits.fresh_name(lecture, "variable") == "x10"
    assert edits.fresh_name(lecture, "constant") == "c1"
    assert edits.fresh_name(lecture, "parameter") == "W1"
    assert edits.fresh_name(Graph(), "variable") == "x1"
    assert edits.fresh_name(parse("x + y"), "sin") == "v2"


def test_a_new_node_is_the_last_one(lecture: Graph) -> None:
    graph = edits.add_node(lecture, "constant", settings={"value": 3}, position=(5, 6))
    added = list(graph.nodes_by_id.values())[-1]
    assert (added.name, added.value, added.position) == ("c1", 3.0, (5.0, 6.0))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"op": "no_such"}, "no node type 'no_such'"),
        ({"op": "sin", "name": "x1"}, "'x1' is taken"),
        ({"op": "sin", "name": "a b"}, "cannot be a name"),
        ({"op": "sin", "name": "pi"}, "constant"),
        ({"op": "sin", "name": "lambda"}, "word of Python"),
        ({"op": "variable", "name": "sin"}, "function"),
        ({"op": "sin", "id": "x1"}, "id 'x1' is taken"),
        ({"op": "sin", "settings": {"q": 1}}, "no setting 'q'"),
        ({"op": "variable", "settings": {"value": "many"}}, "must be a number"),
        ({"op": "sin", "position": (math.nan, 0)}, "finite"),
    ],
)
def test_nodes_that_cannot_be_added(lecture: Graph, options: dict[str, object], words: str) -> None:
    with pytest.raises(GraphError, match=words):
        edits.add_node(lecture, **options)  # type: ignore[arg-type]


def test_removing_a_node_removes_its_edges_and_its_part_in_the_outputs(lecture: Graph) -> None:
    graph = edits.set_outputs(lecture, ["x9", "x4"])
    graph = edits.remove(graph, ["x4"])
    assert "x4" not in graph
    assert all("x4" not in (edge.source, edge.target) for edge in graph.edges)
    assert graph.declared_outputs == ("x9",)
    assert edits.remove(graph, ["x9"]).declared_outputs is None


def test_renaming_keeps_the_id_and_the_outputs(lecture: Graph) -> None:
    graph = edits.set_outputs(lecture, ["x9", "x4"])
    graph = edits.rename(graph, "x4", "product")
    assert graph["product"].id == "x4"
    assert graph.outputs == ("x9", "product")
    with pytest.raises(GraphError, match="taken"):
        edits.rename(graph, "x5", "product")


def test_a_name_that_was_given_up_can_be_taken_again(lecture: Graph) -> None:
    graph = edits.rename(lecture, "x4", "product")
    graph = edits.add_node(graph, "sin", name="x4")
    assert graph["x4"].id != graph["product"].id == "x4"


def test_an_alias_can_become_the_name() -> None:
    graph = edits.rename(parse("a = x*y\nf = a"), "a", "f")
    assert (graph["f"].name, graph["f"].aliases) == ("f", ())


def test_settings_are_checked_and_taken_over() -> None:
    graph = edits.set_setting(parse("leaky_relu(x)"), "v1", "slope", 1)
    assert graph["v1"].settings["slope"] == 1.0
    graph = edits.set_settings(graph, {"x": {"value": [[1, 2]], "minimum": None}})
    assert isinstance(graph["x"].value, np.ndarray)
    assert not graph["x"].value.flags.writeable
    with pytest.raises(GraphError, match="must be a number"):
        edits.set_setting(graph, "v1", "slope", True)
    with pytest.raises(GraphError, match="must be a number"):
        edits.set_setting(graph, "x", "value", [["a"], 2])


def test_fewer_inputs_drop_the_last_edges() -> None:
    graph = parse("concatenate(a, b, c)")
    graph = edits.set_setting(graph, "v1", "inputs", 2)
    assert graph["v1"].ports == ("x1", "x2")
    assert len(graph.edges) == 2
    assert not problems(graph)


def test_settings_of_an_unknown_node_stay() -> None:
    graph = Graph(nodes_by_id={"u": Node("u", "unheard_of", "u")})
    with pytest.raises(GraphError, match="unknown type"):
        edits.set_setting(graph, "u", "k", 1)


def test_edges_are_made_replaced_and_removed(lecture: Graph) -> None:
    with pytest.raises(GraphError, match="taken by x3"):
        edits.connect(lecture, "x1", "x5", "x")
    graph = edits.connect(lecture, "x1", "x5", "x", replace=True)
    assert graph.sources["x5", "x"] == "x1"
    graph = edits.disconnect(graph, "x5", "x")
    assert ("x5", "x") not in graph.sources
    with pytest.raises(GraphError, match="no edge"):
        edits.disconnect(graph, "x5", "x")


def test_a_node_is_put_on_an_edge() -> None:
    graph = edits.add_node(parse("sin(x)"), "exp", name="e")
    graph = edits.insert_on_edge(graph, Edge("x", "v1", "x"), "e")
    assert graph.sources == {("e", "x"): "x", ("v1", "x"): "e"}
    with pytest.raises(GraphError, match="no free port"):
        edits.insert_on_edge(graph, Edge("e", "v1", "x"), "e")
    with pytest.raises(GraphError, match="not in the graph"):
        edits.insert_on_edge(graph, Edge("x", "v1", "x"), "e")


def test_pasting_makes_fresh_names_and_keeps_the_edges_within(lecture: Graph) -> None:
    fragment = edits.copy_fragment(lecture, ["x4", "x6", "x1"])
    graph = edits.paste(lecture, fragment, (10, 20))
    new = [n for id_, n in graph.nodes_by_id.items() if id_ not in lecture.nodes_by_id]
    assert [node.op for node in new] == ["variable", "mul", "exp"]
    assert [node.name for node in new] == ["x10", "x11", "x12"]
    assert all(node.position == (10, 20) for node in new)
    assert graph.sources["x11", "x"] == "x10"
    assert ("x11", "y") not in graph.sources
    kept = edits.paste(lecture, fragment, keep_incoming=True)
    assert kept.sources["x11", "y"] == "x2"


def test_pasting_into_an_empty_graph_keeps_names(lecture: Graph) -> None:
    everything = edits.copy_fragment(lecture, lecture.nodes_by_id)
    assert edits.paste(Graph(), everything) == lecture


def test_a_batch_is_made_whole_or_not_at_all(lecture: Graph) -> None:
    graph = edits.batch(
        lecture, [lambda g: edits.remove(g, ["x9"]), lambda g: edits.rename(g, "x8", "f")]
    )
    assert graph.outputs == ("f",)
    with pytest.raises(GraphError):
        edits.batch(lecture, [lambda g: edits.remove(g, ["x9"]), lambda g: edits.remove(g, ["x9"])])


def test_notes_and_frames() -> None:
    graph = edits.add_note(Graph(), "look", (0, 0, 10, 10))
    graph = edits.add_frame(graph, "Layer 1", (0, 0, 50, 50), colour="#abcdef")
    graph = edits.set_note(graph, "note1", text="here")
    graph = edits.set_frame(graph, "frame1", rectangle=(1, 2, 3, 4))
    assert graph.notes["note1"].text == "here"
    assert graph.frames["frame1"].rectangle == (1, 2, 3, 4)
    assert edits.remove_frame(edits.remove_note(graph, "note1"), "frame1") == Graph()
    with pytest.raises(GraphError, match="no note 'q'"):
        edits.remove_note(graph, "q")
    with pytest.raises(GraphError, match="positive"):
        edits.add_note(graph, "", (0, 0, 0, 1))


def test_outputs_dtype_seed_and_aliases(lecture: Graph) -> None:
    assert edits.set_outputs(lecture, ["x4", "x4"]).outputs == ("x4",)
    assert edits.set_outputs(lecture, None) == lecture
    assert edits.set_dtype(lecture, "float32").dtype == "float32"
    assert edits.set_seed(lecture, 7).seed == 7
    assert edits.set_aliases(lecture, "x9", ["f"])["f"].name == "x9"
    for refused in (
        lambda: edits.set_outputs(lecture, ["q"]),
        lambda: edits.set_outputs(lecture, []),
        lambda: edits.set_dtype(lecture, "float16"),
        lambda: edits.set_seed(lecture, -1),
        lambda: edits.set_aliases(lecture, "x9", ["x8"]),
    ):
        with pytest.raises(GraphError):
            refused()
