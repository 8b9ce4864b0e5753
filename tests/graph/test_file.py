from __future__ import annotations

import errno
import json
import math
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
from hypothesis import given

from scripts.file_schema import schema_text
from tests.graph.strategies import documents
from visualad.errors import FileError
from visualad.graph import edits
from visualad.graph.file import from_json, load, save, to_json
from visualad.graph.model import Graph
from visualad.graph.parser import parse
from visualad.graph.schema import json_schema
from visualad.ops.declaration import REGISTRY, node

LECTURE = parse("(x1*x2*sin(x3) + exp(x1*x2)) / x3")
EXAMPLES = sorted((Path(__file__).parents[2] / "assets" / "graphs").glob("*.vad"))
VALIDATOR = jsonschema.Draft202012Validator(json_schema())


def graph_text(*records: dict[str, Any], **more: Any) -> str:
    return json.dumps({"format": "visualad", "version": 1, "nodes": list(records), **more})


def record(id_: str, op: str = "variable", **more: Any) -> dict[str, Any]:
    return {"id": id_, "op": op, "name": id_, **more}


# There and back ----------------------------------------------------------------------------------


@given(documents())
def test_any_graph_comes_back_the_same_to_the_byte(graph: Graph) -> None:
    text = to_json(graph)
    again = from_json(text.encode("utf-8"))
    assert again == graph
    assert to_json(again) == text


@given(documents())
def test_any_file_fits_the_schema(graph: Graph) -> None:
    VALIDATOR.validate(json.loads(to_json(graph)))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_examples_fit_the_schema_and_come_back_to_the_byte(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    VALIDATOR.validate(json.loads(text))
    assert to_json(load(path)) == text


def test_the_shipped_schema_is_fresh() -> None:
    import visualad.graph

    shipped = Path(visualad.graph.__file__).with_name("vad.schema.json")
    assert shipped.read_text(encoding="utf-8") == schema_text()


@pytest.mark.parametrize(
    "value", [math.nan, math.inf, -math.inf, -0.0, 0.1, 5e-324, 1.7976931348623157e308, 1 / 3]
)
def test_numbers_come_back_exactly(value: float) -> None:
    graph = edits.set_setting(LECTURE, "x1", "value", value)
    again = from_json(to_json(graph))["x1"].value
    assert math.copysign(1, again) == math.copysign(1, value) or math.isnan(value)
    assert again == value or (math.isnan(again) and math.isnan(value))


@pytest.mark.parametrize("dtype", ["float64", "float32", "int64", "bool"])
@pytest.mark.parametrize("shape", [(), (0,), (2, 0), (3, 2), (4, 256), (41, 25)])
def test_arrays_come_back_exactly(dtype: str, shape: tuple[int, ...]) -> None:
    array = (np.arange(math.prod(shape)).reshape(shape) % 7 / 3).astype(dtype)
    graph = edits.set_setting(LECTURE, "x1", "value", array)
    if not shape:
        graph = edits.set_setting(LECTURE, "x1", "value", np.asarray(array))
    again = from_json(to_json(graph))["x1"].value
    assert np.array_equal(again, array)
    assert np.asarray(again).dtype == array.dtype or not shape


def test_short_arrays_are_lists_and_long_ones_base64() -> None:
    short = edits.set_setting(LECTURE, "x1", "value", np.ones(1024))
    long = edits.set_setting(LECTURE, "x1", "value", np.ones(1025, dtype=">f8"))
    data = [json.loads(to_json(g))["nodes"][0]["settings"]["value"] for g in (short, long)]
    assert isinstance(data[0]["$array"], list)
    assert isinstance(data[1]["$array"], str)
    assert np.array_equal(from_json(to_json(long))["x1"].value, np.ones(1025))


def test_one_edit_changes_one_line() -> None:
    before = to_json(LECTURE).splitlines()
    after = to_json(edits.move(LECTURE, {"x4": (1, 2)})).splitlines()
    assert sum(a != b for a, b in zip(before, after, strict=True)) == 1


def test_rows_of_a_large_array_stand_on_their_own_lines() -> None:
    weights = np.arange(32.0).reshape(8, 4)
    changed = weights.copy()
    changed[3, 2] = -1
    texts = [
        to_json(edits.set_setting(LECTURE, "x1", "value", w)).splitlines()
        for w in (weights, changed)
    ]
    assert sum(a != b for a, b in zip(*texts, strict=True)) == 1


def test_float32_numbers_are_written_short() -> None:
    graph = edits.set_setting(LECTURE, "x1", "value", np.array([0.1, 1e-7], dtype=np.float32))
    assert "[0.1, 1e-07]" in to_json(graph)


# What this version does not know -----------------------------------------------------------------


def test_unknown_node_types_settings_and_keys_are_written_back_unchanged() -> None:
    text = (
        '{\n "dtype": "float64",\n "format": "visualad",\n "later": {"a": [1, 2.5, null]},\n'
        ' "nodes": [\n'
        '  {"id": "x", "name": "x", "op": "variable"},\n'
        '  {"id": "u", "inputs": {"b": "x"}, "later": true, "name": "u", "op": "plugin_op", '
        '"op_version": 3, "ports": ["b", "a"], '
        '"settings": {"k": [1, "two"], "z": {"$float": "NaN"}}}\n'
        " ],\n"
        ' "seed": 0,\n "version": 1\n}\n'
    )
    graph = from_json(text)
    assert graph["u"].operation is None
    assert graph["u"].ports == ("b", "a")
    assert to_json(graph) == text
    moved = edits.move(graph, {"x": (1, 1)})
    assert '"later": true' in to_json(moved)


def test_a_node_of_a_plugin_keeps_its_ports_when_the_plugin_is_gone() -> None:
    node(lambda first, second: first, name="borrowed", plugin="someone", version=2)
    try:
        graph = edits.add_node(parse("sin(x)"), "borrowed", name="b")
        graph = edits.connect(graph, "x", "b", "second")
        text = to_json(graph)
        assert from_json(text) == graph
    finally:
        REGISTRY.remove("borrowed")
    without = from_json(text)
    assert without["b"].ports == ("first", "second")
    assert to_json(without) == text


def test_a_byte_order_mark_does_no_harm() -> None:
    assert from_json(b"\xef\xbb\xbf" + to_json(LECTURE).encode()) == LECTURE


def test_half_a_surrogate_pair_in_a_note_can_be_saved() -> None:
    graph = edits.add_note(LECTURE, "\ud800", (0, 0, 1, 1))
    assert from_json(to_json(graph).encode("utf-8")).notes["note1"].text == "\ufffd"


@pytest.mark.parametrize("value", [object(), {1: 2}, 1j, {"$array": 1}, np.array(["a"])])
def test_what_json_cannot_say_is_refused_in_words(value: object) -> None:
    with pytest.raises(FileError, match="training settings"):
        to_json(edits.set_training(LECTURE, {"data": value}))


# Broken files ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"", "It is empty."),
        (b" \n", "It is empty."),
        (b"\xff\xfe{\x00", "no text in UTF-8 (byte 1)"),
        (b'{"format": "visualad"', "ends too early"),
        (b'{\n "format" 1}', "line 2, column 11"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"a": 1e999}', "no valid JSON"),
        (b"[]", "no VisualAD graph"),
        (b'{"format": "other"}', "no VisualAD graph"),
        (b'{"format": "visualad"}', '"version" is missing'),
        (b'{"format": "visualad", "version": 2}', "update VisualAD"),
        (b'{"format": "visualad", "version": "1"}', "a whole number was expected, but a text"),
        (graph_text(nodes={}), '"nodes": a list was expected, but an object is there'),
        (graph_text({"id": "a", "op": "sin"}), 'Node 1: "name" is missing'),
        (graph_text(record("a"), record("b", position=[1, "x"])), 'Node 2 (b), "position", part 2'),
        (graph_text(record("a", position=[1, 2, 3])), "2 numbers were expected"),
        (graph_text(record("a", inputs={"x": 1})), "a text was expected"),
        (graph_text(record("a"), record("a")), "the id 'a', which another node has"),
        (graph_text(record("a"), {**record("b"), "name": "a"}), "the name 'a', as node 1 has"),
        (graph_text(record("a", aliases=["b"]), record("b")), "the name 'b', as node 1 has"),
        (graph_text({**record("a"), "name": "a b"}), "cannot be a name"),
        (graph_text(record("s", "sin", inputs={"x": "q"})), "'q', which is not in the file"),
        (graph_text(record("s", "sin", inputs={"x": "s"})), "a cycle through s"),
        (graph_text(outputs=["q"]), "output 'q'"),
        (graph_text(dtype="int8"), '"dtype"'),
        (graph_text(seed=-1), '"seed": a whole number from 0 on was expected'),
        (graph_text(notes=[{"id": "n", "text": "", "rectangle": [1]}]), "Note 1"),
        (
            graph_text(frames=[{"id": "f", "title": "", "rectangle": [1, 2, 3, 4]}] * 2),
            "two frames with the id 'f'",
        ),
        (
            graph_text(record("a", settings={"value": {"$float": "1"}})),
            "Node 1 (a), setting 'value'",
        ),
        (
            graph_text(
                record(
                    "a", settings={"value": {"$array": [1, 2], "dtype": "float64", "shape": [3]}}
                )
            ),
            "not numbers of the shape (3,)",
        ),
        (
            graph_text(
                record("a", settings={"value": {"$array": "??", "dtype": "float64", "shape": [1]}})
            ),
            "not numbers of the shape (1,)",
        ),
        (
            graph_text(
                record("a", settings={"value": {"$array": [1.5], "dtype": "int64", "shape": [1]}})
            ),
            "dtype int64",
        ),
        (
            graph_text(
                record("a", settings={"value": {"$array": [1], "dtype": "object", "shape": [1]}})
            ),
            "not known",
        ),
    ],
)
def test_broken_files_are_described_in_one_sentence(text: bytes | str, words: str) -> None:
    with pytest.raises(FileError) as caught:
        from_json(text)
    assert words in caught.value.message
    assert caught.value.message.endswith(".")


@given(documents())
def test_a_file_cut_short_anywhere_is_refused(graph: Graph) -> None:
    data = to_json(graph).encode()
    for end in range(0, len(data) - 2, max(1, len(data) // 20)):
        with pytest.raises(FileError):
            from_json(data[:end])


@given(documents())
def test_a_file_with_a_byte_changed_opens_or_is_refused(graph: Graph) -> None:
    data = bytearray(to_json(graph).encode())
    for at in range(0, len(data), max(1, len(data) // 15)):
        changed = data.copy()
        changed[at] ^= 0x15
        try:
            from_json(bytes(changed))
        except FileError as error:
            sentence = error.message
        else:
            sentence = "."
        assert sentence.endswith(".")


# The disk ----------------------------------------------------------------------------------------


def test_a_file_is_saved_and_opened(tmp_path: Path) -> None:
    path = tmp_path / "graph.vad"
    save(LECTURE, path)
    assert load(str(path)) == LECTURE
    assert [file.name for file in tmp_path.iterdir()] == ["graph.vad"]


def test_saving_keeps_permissions_and_follows_links(tmp_path: Path) -> None:
    target, link = tmp_path / "target.vad", tmp_path / "link.vad"
    target.write_text("old")
    target.chmod(0o640)
    link.symlink_to(target)
    save(LECTURE, link)
    assert link.is_symlink()
    assert load(target) == LECTURE
    assert stat.S_IMODE(target.stat().st_mode) == 0o640


def test_paths_that_cannot_be_used_are_refused_in_words(tmp_path: Path) -> None:
    for path, words in [
        (tmp_path, "it is a folder"),
        (tmp_path / "none" / "a.vad", "there is no folder"),
        ("a\0b", "cannot be the name"),
        (tmp_path / ("a" * 300), "too long"),
        ("/dev/zero", "no ordinary file"),
    ]:
        with pytest.raises(FileError, match=words):
            load(path)
        if path != tmp_path / ("a" * 300):
            with pytest.raises(FileError, match=words):
                save(LECTURE, path)
    with pytest.raises(FileError, match="there is no such file"):
        load(tmp_path / "none.vad")


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="Windows keeps permissions otherwise")
def test_a_folder_without_permission_is_refused_in_words(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    is_root = os.geteuid() == 0
    if is_root:
        os.seteuid(65534)  # root may do anything, so somebody else tries
    try:
        with pytest.raises(FileError, match="no permission"):
            save(LECTURE, tmp_path / "a.vad")
    finally:
        if is_root:
            os.seteuid(0)
        tmp_path.chmod(0o700)


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_full_disk_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    path = tmp_path / "graph.vad"
    save(LECTURE, path)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(*((os, "fsync") if call == "fsync" else (Path, "replace")), full)
    with pytest.raises(FileError, match="the disk is full"):
        save(edits.rename(LECTURE, "x9", "f"), path)
    monkeypatch.undo()
    assert load(path) == LECTURE
    assert [file.name for file in tmp_path.iterdir()] == ["graph.vad"]


@pytest.mark.skipif(os.name != "posix", reason="needs SIGKILL")
def test_a_program_killed_while_saving_leaves_a_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "graph.vad"
    save(LECTURE, path)
    script = (
        "import sys\n"
        "from visualad.graph.parser import parse\n"
        "from visualad.graph.file import save\n"
        "big = parse(' + '.join(f'x{i}' for i in range(3000)))\n"
        "small = parse('x1 + x2')\n"
        "print('ready', flush=True)\n"
        "while True:\n    save(big, sys.argv[1]); save(small, sys.argv[1])\n"
    )
    for delay in (0.0, 0.05, 0.11):
        with subprocess.Popen(
            [sys.executable, "-c", script, str(path)], stdout=subprocess.PIPE
        ) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(delay)
            process.send_signal(signal.SIGKILL)
        assert len(load(path)) in (len(LECTURE), 3, 5999)


def test_opening_a_file_runs_no_code(tmp_path: Path) -> None:
    harm = tmp_path / "harm"
    text = graph_text(
        record("a", "__import__", settings={"value": f"open({str(harm)!r}, 'w')"}),
        plugins=["os"],
    )
    assert from_json(text)["a"].operation is None
    assert not harm.exists()
