from __future__ import annotations

from pathlib import Path

import pytest

from visualad.errors import FileError, GraphError
from visualad.graph import edits
from visualad.graph.model import Graph
from visualad.graph.parser import parse
from visualad.gui.document import Document


def renamed(name: str):
    return lambda graph: edits.rename(graph, "x1", name)


def test_an_edit_is_one_step_that_can_be_undone_and_redone(document: Document) -> None:
    first = document.graph
    assert document.apply("Rename x1", renamed("a"))
    assert "a" in document.graph
    assert document.undo_name == "Rename x1"
    document.undo()
    assert document.graph is first
    assert document.redo_name == "Rename x1"
    document.redo()
    assert "a" in document.graph


def test_a_refused_edit_says_why_and_changes_nothing(document: Document, qtbot) -> None:
    first = document.graph
    with qtbot.waitSignal(document.refused) as said:
        assert not document.apply("Rename x1", renamed("x2"))
    assert "x2" in said.args[0]
    assert document.graph is first
    assert not document.can_undo


def test_an_edit_that_changes_nothing_is_no_step(document: Document, qtbot) -> None:
    with qtbot.assertNotEmitted(document.graph_changed):
        assert document.apply("Nothing", lambda graph: graph)
        assert document.apply("Copy", lambda graph: graph.with_())
    assert not document.can_undo


def test_edits_with_one_key_are_one_step_until_the_mouse_is_released(document: Document) -> None:
    first = document.graph
    for x in range(5):
        document.apply("Move", lambda g, x=x: edits.move(g, {"x1": (float(x), 500.0)}), "drag")
    document.end_merge()
    document.apply("Move", lambda g: edits.move(g, {"x1": (9.0, 9.0)}), "drag")
    document.undo()
    assert document.graph.nodes_by_id["x1"].position == (4.0, 500.0)
    document.undo()
    assert document.graph is first


def test_dirtiness_is_told_when_it_changes(document: Document, tmp_path: Path) -> None:
    told: list[bool] = []
    document.dirty_changed.connect(told.append)
    document.apply("Rename", renamed("a"))
    document.apply("Rename", renamed("b"))
    document.save(tmp_path / "one.vad")
    document.undo()
    document.redo()
    assert told == [True, False, True, False]


def test_a_saved_document_opens_the_same(document: Document, tmp_path: Path, qtbot) -> None:
    path = tmp_path / "one.vad"
    with qtbot.waitSignals([document.saved, document.path_changed]):
        document.save(path)
    other = Document(Graph())
    with qtbot.waitSignals([other.replaced, other.graph_changed]):
        other.open(path)
    assert other.graph == document.graph
    assert other.path == path
    assert other.title == "one.vad"
    assert not other.is_dirty


def test_a_file_that_cannot_be_read_leaves_the_document(document: Document, tmp_path: Path) -> None:
    first, identity = document.graph, document.id
    with pytest.raises(FileError):
        document.open(tmp_path / "missing.vad")
    assert document.graph is first
    assert document.id == identity


def test_every_new_document_has_an_id_of_its_own(document: Document) -> None:
    first = document.id
    document.new(Graph())
    assert document.id != first
    assert document.title == "Untitled"


def test_a_recovered_document_is_worth_a_question(document: Document, tmp_path: Path) -> None:
    graph = document.graph
    document.recover(graph, tmp_path / "mine.vad")
    assert document.is_dirty
    document.save()
    assert not document.is_dirty


def test_other_errors_are_not_swallowed(document: Document) -> None:
    def broken(graph: Graph) -> Graph:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        document.apply("Broken", broken)
    with pytest.raises(GraphError):
        edits.rename(document.graph, "nobody", "a")


def test_a_graph_that_nobody_placed_is_laid_out(document: Document) -> None:
    document.new(parse("sin(x) * y"))
    assert len({node.position for node in document.graph.nodes}) == len(document.graph)
    assert not document.is_dirty
