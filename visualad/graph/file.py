"""The `.vad` file: a graph as JSON text and back. Opening a file runs no code.

One node per line and sorted keys, so that a small edit is a small difference. What this version
does not know (node types, settings, keys) is kept and written back unchanged.
"""

from __future__ import annotations

import errno
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
from msgspec import UNSET

from visualad.errors import FileError, GraphError
from visualad.graph import schema
from visualad.graph.atomic_write import reason_of, require_writable, write_atomically
from visualad.graph.groups import crossing_groups, still_there
from visualad.graph.json_values import decode, encode
from visualad.graph.model import Frame, Graph, Group, Node, Note, natural
from visualad.graph.names import name_fault
from visualad.graph.reading_faults import malformed, misfit
from visualad.ops.declaration import REGISTRY

# Arrays up to so many numbers stand on their node's line, larger ones with a line for each row.
_SHORT_ARRAY = 8

_TOP_KEYS = {field.name for field in msgspec.structs.fields(schema.Document)}
_NODE_KEYS = {field.name for field in msgspec.structs.fields(schema.NodeRecord)}
_GROUP_KEYS = {field.name for field in msgspec.structs.fields(schema.GroupRecord)}


def save(graph: Graph, path: str | Path) -> None:
    """Write a graph to a file. The file holds the old graph or the new one, never a part.

    Raises:
        FileError: if the file cannot be written; the old one is then untouched.
    """
    text = to_json(graph)
    with _saving(path):
        write_atomically(Path(path), text.encode("utf-8"))


def require_place(path: str | Path) -> None:
    """Find out whether a graph can be saved there, before something long begins.

    Raises:
        FileError: if not.
    """
    with _saving(path):
        require_writable(Path(path))


@contextmanager
def _saving(path: str | Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise FileError(f"'{path}' could not be saved: {reason_of(error, path)}.") from error
    except ValueError:
        raise FileError(f"'{path!s:.60}' cannot be the name of a file.") from None


def load(path: str | Path) -> Graph:
    """The graph in a file.

    Raises:
        FileError: one sentence on what is wrong, and where.
    """
    try:
        data = _content(Path(path))
    except OSError as error:
        raise FileError(f"'{path}' could not be opened: {reason_of(error, path)}.") from error
    except ValueError:
        raise FileError(f"'{path!s:.60}' cannot be the name of a file.") from None
    try:
        graph = from_json(data)
    except FileError as error:
        raise FileError(f"'{path}' could not be opened: {error.message}") from error
    return _with_data_beside(graph, Path(path).absolute().parent)


def _with_data_beside(graph: Graph, folder: Path) -> Graph:
    """Large data are kept by path: where that leads nowhere, by the file beside the graph.

    Whether its content is that of the file that was chosen is seen when it is read.
    """
    data = graph.training.get("data")
    if not isinstance(data, Mapping) or not data.get("digest"):
        return graph
    given = Path(str(data.get("name", "")))
    beside = folder / given.name
    if given.exists() or not beside.is_file():
        return graph
    training = {**graph.training, "data": {**data, "name": str(beside)}}
    return graph.with_(training=training)


def to_json(graph: Graph) -> str:
    """The text of the file for a graph; equal graphs give equal text.

    Raises:
        FileError: if a setting holds something that cannot be saved.
    """
    document: dict[str, Any] = dict(graph.extra)
    document |= {
        "format": schema.FORMAT,
        "version": schema.VERSION,
        "dtype": graph.dtype,
        "seed": graph.seed,
        "nodes": [_record(graph, node) for node in graph.nodes_by_id.values()],
    }
    if graph.declared_outputs is not None:
        document["outputs"] = list(graph.declared_outputs)
    if graph.notes:
        document["notes"] = [
            {"id": n.id, "text": n.text, "rectangle": _numbers(n.rectangle)}
            for n in graph.notes.values()
        ]
    if graph.frames:
        document["frames"] = [
            {"id": f.id, "title": f.title, "rectangle": _numbers(f.rectangle)}
            | ({"colour": f.colour} if f.colour else {})
            for f in graph.frames.values()
        ]
    if graph.groups:
        document["groups"] = [_group_record(group) for group in graph.groups.values()]
    if graph.training:
        document["training"] = encode(graph.training, "The training settings")
    if graph.exercise:
        document["exercise"] = encode(graph.exercise, "The exercise")
    lines = []
    for key in sorted(document):
        value = document[key]
        if key in ("nodes", "notes", "frames", "groups") and value:
            rows = ",\n".join(f"  {_written(record)}" for record in value)
            lines.append(f" {json.dumps(key)}: [\n{rows}\n ]")
        elif key == "exercise" and isinstance(value, Mapping):
            parts = ",\n".join(f"  {_written(k)}: {_in_rows(value[k])}" for k in sorted(value))
            lines.append(f" {_written(key)}: {{\n{parts}\n }}")
        else:
            lines.append(f" {_written(key)}: {_written(value)}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def from_json(text: str | bytes) -> Graph:
    """The graph in the text of a file.

    Raises:
        FileError: one sentence on what is wrong, and where.
    """
    raw = _raw(text)
    if not isinstance(raw, dict) or raw.get("format") != schema.FORMAT:
        raise FileError(
            "It is JSON, but no VisualAD graph: "
            f'a graph is an object with "format": "{schema.FORMAT}".'
        )
    version = raw.get("version")
    if isinstance(version, int) and version > schema.VERSION:
        raise FileError(
            f"It was written by a later VisualAD (file version {version}, this one reads up to "
            f"{schema.VERSION}); update VisualAD to open it."
        )
    try:
        document = msgspec.convert(raw, schema.Document)
    except msgspec.ValidationError as error:
        raise FileError(misfit(str(error), raw)) from None
    return _graph(document, raw)


# Writing -----------------------------------------------------------------------------------------


def _record(graph: Graph, node: Node) -> dict[str, Any]:
    record: dict[str, Any] = dict(node.extra)
    record |= {"id": node.id, "op": node.op, "name": node.name}
    inputs = {edge.port: edge.source for edge in graph.edges_into(node.id)}
    if inputs:
        record["inputs"] = inputs
    if node.aliases:
        record["aliases"] = list(node.aliases)
    if node.settings:
        record["settings"] = {
            key: encode(value, f"The setting '{key}' of {node.name}")
            for key, value in node.settings.items()
        }
    if node.position != (0.0, 0.0):
        record["position"] = _numbers(node.position)
    operation = node.operation
    if (operation is None or operation.plugin) and node.ports != _ports_of(inputs):
        record["ports"] = list(node.ports)
    return record


def _group_record(group: Group) -> dict[str, Any]:
    record: dict[str, Any] = dict(group.extra)
    record |= {"id": group.id, "title": group.title, "members": list(group.members)}
    if group.collapsed:
        record["collapsed"] = True
    if group.position != (0.0, 0.0):
        record["position"] = _numbers(group.position)
    return record


def _ports_of(inputs: Mapping[str, str]) -> tuple[str, ...]:
    """What the ports of a plugin's node are when the file does not say."""
    return tuple(sorted(inputs, key=natural))


def _numbers(values: tuple[float, ...]) -> list[float | int]:
    """Whole numbers without the point: positions mostly are whole."""
    return [int(v) if v == int(v) and abs(v) < 2**53 and str(v) != "-0.0" else v for v in values]


def _written(value: Any, indent: str = "  ") -> str:
    """JSON on one line, except for the rows of large arrays."""
    if isinstance(value, Mapping):
        parts = []
        for key in sorted(value):
            rows = value[key]
            if key == "$array" and isinstance(rows, list) and _is_large(value):
                inside = ",\n".join(f"{indent}  {_written(row)}" for row in rows)
                parts.append(f'"$array": [\n{inside}\n{indent}]')
            else:
                parts.append(f"{_written(key)}: {_written(rows, indent + ' ')}")
        return "{" + ", ".join(parts) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_written(part, indent) for part in value) + "]"
    if isinstance(value, str):
        # Half of a surrogate pair is no text that a file can hold.
        value = value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError):
        raise FileError(f"A {type(value).__name__} cannot be saved: {value!r:.40}.") from None


def _in_rows(value: Any) -> str:
    """A part of an exercise: its questions and answers with a line for each."""
    if isinstance(value, list | tuple) and value:
        return "[\n" + ",\n".join(f"   {_written(part)}" for part in value) + "\n  ]"
    if isinstance(value, Mapping) and value:
        rows = ",\n".join(f"   {_written(key)}: {_written(value[key])}" for key in sorted(value))
        return "{\n" + rows + "\n  }"
    return _written(value)


def _is_large(array: Mapping[str, Any]) -> bool:
    count = 1
    for length in array.get("shape", ()):
        count *= length
    return count > _SHORT_ARRAY


# Reading -----------------------------------------------------------------------------------------


def _content(path: Path) -> bytes:
    if path.exists() and not path.is_dir() and not path.is_file():
        raise OSError(errno.EINVAL, "it is no ordinary file")  # a device may never end
    return path.read_bytes()


def _raw(text: str | bytes) -> Any:
    if isinstance(text, bytes):
        try:
            text = text.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise FileError(
                f"It is no text in UTF-8 (byte {error.start + 1}), so it is no VisualAD graph."
            ) from None
    if not text.strip():
        raise FileError("It is empty.")
    try:
        return msgspec.json.decode(text)
    except RecursionError:
        raise FileError("It is nested too deeply to be a VisualAD graph.") from None
    except msgspec.DecodeError as error:
        raise FileError(malformed(str(error), text)) from None
    except ValueError as error:  # numbers with thousands of digits, halves of surrogate pairs
        raise FileError(f"It is no valid JSON: {error}.") from None


def _graph(document: schema.Document, raw: Mapping[str, Any]) -> Graph:
    nodes: dict[str, Node] = {}
    sources: dict[tuple[str, str], str] = {}
    names: dict[str, int] = {}
    for number, (record, raw_record) in enumerate(
        zip(document.nodes, raw.get("nodes", ()), strict=True), start=1
    ):
        where = f"Node {number} ({record.name})"
        if record.id in nodes:
            raise FileError(f"{where} has the id '{record.id}', which another node has already.")
        for name in (record.name, *record.aliases):
            fault = name_fault(name)
            if fault:
                raise FileError(f"{where}: {fault}")
            if name in names:
                raise FileError(f"{where} has the name '{name}', as node {names[name]} has.")
            names[name] = number
        nodes[record.id] = _node(record, raw_record, where)
        for port, source in record.inputs.items():
            sources[record.id, port] = source
    for (target, port), source in sources.items():
        if source not in nodes:
            raise FileError(
                f"Port '{port}' of {nodes[target].name} gets its value from a node with the id "
                f"'{source}', which is not in the file."
            )
    for name in document.outputs or ():
        if name not in names:
            raise FileError(f"The output '{name}' is not the name of a node in the file.")
    for kind, records in (
        ("note", document.notes),
        ("frame", document.frames),
        ("group", document.groups),
    ):
        ids = [record.id for record in records]
        twice = [id_ for id_ in ids if ids.count(id_) > 1]
        if twice:
            raise FileError(f"There are two {kind}s with the id '{twice[0]}'.")
    graph = Graph(
        nodes_by_id=nodes,
        sources=sources,
        declared_outputs=None if document.outputs is None else tuple(document.outputs),
        dtype=document.dtype,
        seed=document.seed,
        notes={n.id: Note(n.id, n.text, n.rectangle) for n in document.notes},
        frames={f.id: Frame(f.id, f.title, f.rectangle, f.colour) for f in document.frames},
        training=decode(document.training, "The training settings"),
        exercise=decode(document.exercise, "The exercise"),
        extra={key: value for key, value in raw.items() if key not in _TOP_KEYS},
        groups=_groups(document.groups, raw.get("groups", ()), nodes),
    )
    try:
        _ = graph.order
    except GraphError as error:
        raise FileError(error.message) from None
    return graph


def _groups(
    records: Sequence[schema.GroupRecord],
    raw: Sequence[Mapping[str, Any]],
    nodes: Mapping[str, Node],
) -> dict[str, Group]:
    groups = {}
    for record, raw_record in zip(records, raw, strict=True):
        groups[record.id] = Group(
            record.id,
            record.title,
            tuple(dict.fromkeys(record.members)),
            record.collapsed,
            record.position,
            {key: value for key, value in raw_record.items() if key not in _GROUP_KEYS},
        )
    # A version that knows no groups may have removed nodes.
    groups = still_there(groups, nodes)
    crossing = crossing_groups(groups)
    if crossing is not None:
        raise FileError(
            f"The groups '{crossing[0].title}' and '{crossing[1].title}' share some nodes, but "
            "neither lies in the other."
        )
    return groups


def _node(record: schema.NodeRecord, raw: Mapping[str, Any], where: str) -> Node:
    operation = REGISTRY.get(record.op)
    stored_ports: tuple[str, ...] = ()
    if record.ports is not UNSET and (operation is None or operation.plugin):
        stored_ports = tuple(record.ports)
    elif operation is None or operation.plugin:
        stored_ports = _ports_of(record.inputs)
    extra = {key: value for key, value in raw.items() if key not in _NODE_KEYS}
    if record.op_version is not UNSET and (operation is None or operation.plugin):
        extra["op_version"] = record.op_version
    return Node(
        id=record.id,
        op=record.op,
        name=record.name,
        aliases=tuple(record.aliases),
        settings={
            key: decode(value, f"{where}, setting '{key}'")
            for key, value in record.settings.items()
        },
        position=record.position,
        stored_ports=stored_ports,
        extra=extra,
    )
