"""FILE|EXPR and --at: which graph is meant, and at which point."""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from visualad.cli.arguments import UsageError
from visualad.cli.plugins import load_for
from visualad.errors import FileError, GraphError, ParseError
from visualad.graph.atomic_write import reason_of
from visualad.graph.edits import set_settings
from visualad.graph.file import load
from visualad.graph.model import Graph, shorten
from visualad.graph.parser import parse

# Names that a value after --at may use.
KNOWN_NUMBERS = {
    "pi": math.pi,
    "e": math.e,
    "tau": math.tau,
    "inf": math.inf,
    "nan": math.nan,
    "infinity": math.inf,
}


def read_graph(options: argparse.Namespace, text: str) -> Graph:
    """The graph of a file or a formula, with the plugins of this command loaded."""
    load_for(options)
    if is_file(text):
        return load_file(Path(text))
    return parse(text)


def load_file(path: Path) -> Graph:
    """The graph in a `.vad` file, or in one that a plugin's importer reads."""
    if path.suffix.lower() == ".vad":
        return load(path)
    from visualad.exchange.extensions import read_graph_file  # takes time that few need

    return read_graph_file(path)


def is_file(text: str) -> bool:
    """Whether FILE|EXPR means a file: an existing path, or anything that ends in .vad."""
    if text.endswith(".vad"):
        return True
    try:
        return Path(text).is_file()
    except (OSError, ValueError):  # too long for a file name, or holds what none can hold
        return False


def read_point(options: argparse.Namespace, graph: Graph, text: str) -> dict[str, Any]:
    """The value of every input: from --at, else from the file.

    Raises:
        GraphError: if an input has no value, or a name in --at is none of the graph's inputs.
    """
    point = _values_for(graph, parse_point(options.at))
    leaves = {node.name: node for node in graph.nodes if node.is_leaf}
    # A formula has no values of its own; those of a file are what was saved with it.
    from_file = is_file(text)
    missing = [
        name
        for name in graph.independents
        if name not in point and not (from_file and leaves[name].value is not None)
    ]
    if missing:
        example = ",".join(f"{name}=1" for name in missing[:3])
        raise GraphError(f"No value for {shorten(missing)}: give it with --at {example}.")
    for name in graph.independents:
        point.setdefault(name, leaves[name].value)
    return point


def with_point(options: argparse.Namespace, graph: Graph) -> Graph:
    """The graph with the values of --at stored in its inputs."""
    point = _values_for(graph, parse_point(options.at))
    return set_settings(graph, {graph.id_of(name): {"value": v} for name, v in point.items()})


def _values_for(graph: Graph, given: Mapping[str, Any]) -> dict[str, Any]:
    """Values by the name of a leaf, whatever alias they were given by.

    Raises:
        GraphError: if a name is none of the graph's inputs.
    """
    point = {}
    for name, value in given.items():
        if name not in graph or not graph[name].is_leaf:
            raise GraphError(
                f"--at names '{name}', but the inputs are {shorten(graph.independents)}."
            )
        point[graph[name].name] = value
    return point


def parse_point(texts: list[str], option: str = "--at") -> dict[str, Any]:
    """Read `x1=1.5,x2=pi/2,X=[[1,2],[3,4]]` and `@point.json`; a later value replaces an earlier.

    Args:
        option: of the command line that it stands after, for the error.

    Raises:
        UsageError: if the text is not of that form.
        FileError: if the JSON file cannot be read.
    """
    point: dict[str, Any] = {}
    for text in texts:
        for part in split_values(text):
            if part.startswith("@"):
                point.update(_from_json(Path(part[1:])))
                continue
            name, equals, value = part.partition("=")
            if not equals or not name.strip() or not value.strip():
                raise UsageError(
                    f"'{part}' after {option} is not NAME=VALUE, such as x1=1.5 or X=[[1,2],[3,4]]."
                )
            try:
                point[name.strip()] = parse_value(value.strip())
            except UsageError as error:
                raise UsageError(f"After {option}: {error}") from None
    return point


def parse_value(text: str) -> Any:
    """A number, constant arithmetic (`pi/2`) or a list of them, nested lists being an array.

    Raises:
        UsageError: if the text is none of these.
    """
    if text.startswith("["):
        return _array(_nested(text), text)
    try:
        return float(text)
    except ValueError:
        return _constant(text)


def split_values(text: str) -> list[str]:
    """Cut at the commas outside of brackets; empty parts are dropped."""
    parts, depth, start = [], 0, 0
    for index, character in enumerate(text):
        if character in "([{":
            depth += 1
        elif character in ")]}":
            depth -= 1
        elif character == "," and depth == 0:
            parts.append(text[start:index])
            start = index + 1
    parts.append(text[start:])
    return [part.strip() for part in parts if part.strip()]


def _nested(text: str) -> Any:
    """Lists of lists of numbers. The depth is that of an array, so recursion is harmless."""
    if not text.startswith("["):
        return parse_value(text)
    if not text.endswith("]") or text.count("[") > 100_000 or _depth(text) > 32:
        raise UsageError(f"'{_short(text)}' is not a list such as [[1,2],[3,4]].")
    return [_nested(part) for part in split_values(text[1:-1])]


def _depth(text: str) -> int:
    deepest = depth = 0
    for character in text:
        depth += (character == "[") - (character == "]")
        deepest = max(deepest, depth)
    return deepest


def _array(nested: Any, text: str) -> np.ndarray[Any, np.dtype[np.float64]]:
    try:
        return np.array(nested, dtype=float)
    except (ValueError, TypeError):
        raise UsageError(f"The rows of '{_short(text)}' differ in length.") from None


def _constant(text: str) -> float:
    """Arithmetic over numbers and pi, e, tau, through the formula parser: nothing runs."""
    from visualad.autodiff.evaluate import evaluate

    try:
        graph = parse(f"value = {text}")
    except ParseError:
        raise UsageError(f"'{_short(text)}' is not a number.") from None
    if graph.outputs != ("value",):  # several statements
        raise UsageError(f"'{_short(text)}' is not a number.")
    unknown = [name for name in graph.inputs if name not in KNOWN_NUMBERS]
    if unknown:
        raise UsageError(f"'{_short(text)}' must be a number, but contains {shorten(unknown)}.")
    values = evaluate(graph, {name: KNOWN_NUMBERS[name] for name in graph.inputs})
    return float(values["value"])


def _from_json(path: Path) -> Mapping[str, Any]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise FileError(f"The point '{path}' cannot be read: {reason_of(error, path)}.") from None
    except ValueError as error:
        raise FileError(f"The point '{path}' is not valid JSON: {error}.") from None
    if not isinstance(document, dict):
        raise FileError(f"The point '{path}' must be an object such as {{\"x1\": 1.5}}.")
    point = {}
    for name, value in document.items():
        try:
            array = np.array(value, dtype=float)
        except (ValueError, TypeError):
            raise FileError(
                f"'{name}' in the point '{path}' must be a number or nested lists of numbers."
            ) from None
        point[name] = float(array) if array.ndim == 0 else array
    return point


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}..."
