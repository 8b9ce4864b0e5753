"""The `.vad` file, version 1, as types: what is checked on reading, and its JSON Schema."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from visualad.graph.json_values import DTYPES

FORMAT = "visualad"
VERSION = 1

Name = Annotated[str, Meta(min_length=1, max_length=100)]
Rectangle = Annotated[
    tuple[float, float, float, float], Meta(description="x, y, width, height in scene units")
]


class NodeRecord(msgspec.Struct):
    """A node. Keys that are not listed here are kept."""

    id: Annotated[str, Meta(min_length=1, description="unique; stays when the node is renamed")]
    op: Annotated[str, Meta(min_length=1, description="name of the node type")]
    name: Annotated[Name, Meta(description="what the user calls it; unique, an identifier")]
    inputs: Annotated[
        dict[str, str], Meta(description="for each connected port the id of the source node")
    ] = {}
    aliases: Annotated[list[Name], Meta(description="further names")] = []
    position: Annotated[tuple[float, float], Meta(description="top left corner in scene units")] = (
        0.0,
        0.0,
    )
    settings: Annotated[
        dict[str, Any], Meta(description="settings of the node type; the value of a leaf")
    ] = {}
    ports: Annotated[
        list[str] | UnsetType,
        Meta(description="all input ports, for node types that come from a plugin"),
    ] = UNSET
    op_version: Annotated[
        int | UnsetType, Meta(description="version of the node type's declaration, if not 1")
    ] = UNSET


class NoteRecord(msgspec.Struct):
    """Free text on the canvas."""

    id: str
    text: str
    rectangle: Rectangle


class FrameRecord(msgspec.Struct):
    """A titled box behind nodes."""

    id: str
    title: str
    rectangle: Rectangle
    colour: str = ""


class GroupRecord(msgspec.Struct):
    """Nodes that may be shown as one card. Keys that are not listed here are kept."""

    id: str
    title: str
    members: Annotated[list[str], Meta(description="ids of the nodes in it")]
    collapsed: Annotated[bool, Meta(description="whether one card stands for them")] = False
    position: Annotated[
        tuple[float, float], Meta(description="top left corner of the card in scene units")
    ] = (0.0, 0.0)


class Document(msgspec.Struct):
    """A computational graph of VisualAD. Keys that are not listed here are kept."""

    format: Annotated[str, Meta(pattern=f"^{FORMAT}$")]
    version: Annotated[int, Meta(ge=1)]
    nodes: list[NodeRecord] = []
    outputs: Annotated[
        list[str] | None, Meta(description="names; null or absent: the nodes that feed no other")
    ] = None
    dtype: Literal["float64", "float32"] = "float64"
    seed: Annotated[int, Meta(ge=0, description="of the graph's random generator")] = 0
    notes: list[NoteRecord] = []
    frames: list[FrameRecord] = []
    groups: list[GroupRecord] = []
    training: Annotated[dict[str, Any], Meta(description="settings of training")] = {}
    exercise: Annotated[
        dict[str, Any], Meta(description="what students are asked, and their answers")
    ] = {}


def json_schema() -> dict[str, Any]:
    """The JSON Schema of the file (draft 2020-12)."""
    _, parts = msgspec.json.schema_components([Document], ref_template="#/$defs/{name}")
    document = parts.pop("Document")
    value = {"$ref": "#/$defs/Value"}
    parts["NodeRecord"]["properties"]["settings"]["additionalProperties"] = value
    for key in ("training", "exercise"):
        document["properties"][key]["additionalProperties"] = value
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "VisualAD graph (.vad), version 1",
        **{key: part for key, part in document.items() if key != "title"},
        "$defs": {**parts, **_values()},
    }


def _values() -> dict[str, Any]:
    special = {"enum": ["NaN", "Infinity", "-Infinity"]}
    array = {
        "description": "numbers as nested lists, or base64 of their little-endian bytes",
        "type": "object",
        "properties": {
            "$array": {"anyOf": [{"$ref": "#/$defs/Numbers"}, {"type": "string"}]},
            "dtype": {"enum": list(DTYPES)},
            "shape": {"type": "array", "items": {"type": "integer", "minimum": 0}},
        },
        "required": ["$array", "dtype", "shape"],
        "additionalProperties": False,
    }
    number = {
        "description": "a number that JSON does not have",
        "type": "object",
        "properties": {"$float": special},
        "required": ["$float"],
        "additionalProperties": False,
    }
    plain = {
        "type": "object",
        "properties": {"$array": False, "$float": False},
        "additionalProperties": {"$ref": "#/$defs/Value"},
    }
    return {
        "Value": {
            "anyOf": [
                {"type": ["number", "string", "boolean", "null"]},
                {"type": "array", "items": {"$ref": "#/$defs/Value"}},
                {"$ref": "#/$defs/Array"},
                {"$ref": "#/$defs/NotFinite"},
                plain,
            ]
        },
        "Array": array,
        "NotFinite": number,
        "Numbers": {
            "anyOf": [
                {"type": ["number", "boolean"]},
                special,
                {"type": "array", "items": {"$ref": "#/$defs/Numbers"}},
            ]
        },
    }
