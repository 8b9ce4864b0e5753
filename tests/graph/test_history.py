from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visualad.errors import GraphError
from visualad.graph import edits
from visualad.graph.file import to_json
from visualad.graph.groups import crossing_groups
from visualad.graph.history import History
from visualad.graph.layout import layered_layout
from visualad.graph.model import Graph
from visualad.graph.parser import parse

LECTURE = parse("(x1*x2*sin(x3) + exp(x1*x2)) / x3")


def moved(graph: Graph, x: float) -> Graph:
    return edits.move(graph, {"x4": (x, 0.0)})


def test_undo_and_redo_go_through_the_named_steps() -> None:
    history = History(LECTURE)
    renamed = edits.rename(LECTURE, "x9", "f")
    history.commit("Rename x9", renamed)
    assert (history.can_undo, history.undo_name, history.can_redo) == (True, "Rename x9", False)
    assert history.undo() is LECTURE
    assert (history.can_undo, history.redo_name, history.can_redo) == (False, "Rename x9", True)
    assert history.redo() is renamed
    assert (history.undo_name, history.redo_name) == ("Rename x9", "")


def test_at_the_ends_there_is_nothing_to_do() -> None:
    history = History(LECTURE)
    with pytest.raises(GraphError, match="nothing to undo"):
        history.undo()
    with pytest.raises(GraphError, match="nothing to redo"):
        history.redo()


def test_a_drag_is_one_step() -> None:
    history = History(LECTURE)
    for x in (1.0, 2.0, 3.0):
        history.commit("Move x4", moved(history.graph, x), merge="move x4")
    history.end_merge()
    history.commit("Move x4", moved(history.graph, 9.0), merge="move x4")
    assert history.undo()["x4"].position == (3.0, 0.0)
    assert history.undo() is LECTURE


def test_another_key_begins_another_step() -> None:
    history = History(LECTURE)
    history.commit("Type", moved(LECTURE, 1.0), merge="a")
    history.commit("Type", moved(LECTURE, 2.0), merge="b")
    assert history.undo()["x4"].position == (1.0, 0.0)


def test_undo_ends_merging() -> None:
    history = History(LECTURE)
    history.commit("Move", moved(LECTURE, 1.0), merge="m")
    history.undo()
    history.commit("Move", moved(LECTURE, 2.0), merge="m")
    assert history.undo() is LECTURE


def test_a_new_step_forgets_what_was_undone() -> None:
    history = History(LECTURE)
    history.commit("a", moved(LECTURE, 1.0))
    history.undo()
    history.commit("b", moved(LECTURE, 2.0))
    assert not history.can_redo


def test_the_same_graph_is_no_step() -> None:
    history = History(LECTURE)
    history.commit("Nothing", LECTURE)
    assert not history.can_undo


def test_dirty_means_another_graph_than_the_saved_one() -> None:
    history = History(LECTURE)
    assert not history.is_dirty
    history.commit("Move", moved(LECTURE, 1.0), merge="m")
    assert history.is_dirty
    history.mark_saved()
    assert not history.is_dirty
    history.commit("Move", moved(LECTURE, 2.0), merge="m")
    assert history.is_dirty
    history.undo()
    assert not history.is_dirty
    history.undo()
    assert history.is_dirty


def test_the_oldest_steps_are_forgotten_at_the_limit() -> None:
    history = History(LECTURE, limit=3)
    for x in range(1, 10):
        history.commit("Move", moved(LECTURE, float(x)))
    while history.can_undo:
        history.undo()
    assert history.graph["x4"].position == (6.0, 0.0)


@st.composite
def edited(draw: st.DrawFn, graph: Graph) -> Graph:
    """The graph after one random edit; a refused one leaves it."""
    ids = list(graph.nodes_by_id)
    some = st.sampled_from(ids) if ids else st.just("nothing")
    group = st.sampled_from(sorted(graph.groups)) if graph.groups else st.just("nothing")
    number = st.floats(-100, 100)
    choices: list[Any] = [
        lambda: edits.add_node(
            graph, draw(st.sampled_from(["sin", "mul", "variable", "constant"]))
        ),
        lambda: edits.remove(graph, draw(st.sets(some, min_size=1, max_size=2))),
        lambda: edits.connect(
            graph, draw(some), draw(some), draw(st.sampled_from("xy")), replace=draw(st.booleans())
        ),
        lambda: edits.disconnect(graph, draw(some), draw(st.sampled_from("xy"))),
        lambda: edits.rename(
            graph, draw(some), draw(st.sampled_from(["f", "g", "x1", "q2", "pi"]))
        ),
        lambda: edits.set_setting(graph, draw(some), "value", draw(st.floats())),
        lambda: edits.move(graph, {draw(some): (draw(number), draw(number))}),
        lambda: edits.paste(
            graph, edits.copy_fragment(graph, draw(st.sets(some, max_size=3))), (5.0, 5.0)
        ),
        lambda: edits.set_outputs(graph, [graph[draw(some)].name]),
        lambda: edits.set_outputs(graph, None),
        lambda: edits.add_note(graph, draw(st.text(max_size=5)), (0, 0, 1, 1)),
        lambda: edits.set_dtype(graph, draw(st.sampled_from(["float32", "float64"]))),
        lambda: edits.move(graph, layered_layout(graph)),
        lambda: edits.add_group(graph, draw(st.sets(some, max_size=4))),
        *(
            [
                lambda: edits.remove_group(graph, draw(group)),
                lambda: edits.set_group(
                    graph, draw(group), title=draw(st.text("ab ")), collapsed=draw(st.booleans())
                ),
                lambda: edits.add_members(graph, draw(group), draw(st.sets(some, max_size=3))),
                lambda: edits.remove_members(graph, draw(group), draw(st.sets(some, max_size=3))),
                lambda: edits.move_groups(graph, {draw(group): (draw(number), draw(number))}),
            ]
            if graph.groups
            else []
        ),
        lambda: edits.insert_on_edge(graph, draw(st.sampled_from(graph.edges)), draw(some)),
    ]
    edit = draw(st.sampled_from(choices[:-1] if not graph.edges else choices))
    try:
        return edit()  # type: ignore[no-any-return]
    except GraphError:
        return graph


@given(st.data())
def test_undoing_all_gives_the_first_graph_and_redoing_all_the_last(data: st.DataObject) -> None:
    history = History(LECTURE)
    texts = [to_json(LECTURE)]
    for index in range(data.draw(st.integers(1, 12))):
        before = history.graph
        history.commit(f"step {index}", data.draw(edited(before)))
        if history.graph is not before:
            texts.append(to_json(history.graph))
    for text in reversed(texts[:-1]):
        assert to_json(history.undo()) == text
    assert not history.can_undo
    for text in texts[1:]:
        assert to_json(history.redo()) == text
    assert not history.can_redo


@given(st.data())
def test_edits_keep_a_graph_sound(data: st.DataObject) -> None:
    graph = LECTURE
    for _ in range(data.draw(st.integers(1, 12))):
        graph = data.draw(edited(graph))
        names = [node.name for node in graph.nodes]  # topological: there is no cycle
        assert len(set(names)) == len(graph.nodes_by_id)
        assert all(
            s in graph.nodes_by_id and t in graph.nodes_by_id for (t, _), s in graph.sources.items()
        )
        assert all(name in graph for name in graph.outputs)
        assert all(
            group.members and graph.nodes_by_id.keys() >= set(group.members)
            for group in graph.groups.values()
        )
        assert crossing_groups(graph.groups) is None
