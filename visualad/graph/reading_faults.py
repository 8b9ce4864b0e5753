"""What is wrong with a file that cannot be read, in words and with the place."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_KINDS = {
    "str": "a text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "null",
}
_LISTS = {"nodes": "node", "notes": "note", "frames": "frame", "groups": "group"}
_PLACE = re.compile(r"\s*-\s*at `(key in )?(\$[^`]*)`$")


def malformed(message: str, text: str) -> str:
    """The sentence for text that is no JSON, from what the decoder said."""
    if "truncated" in message:
        return "It ends too early: a part of the file is missing."
    found = re.search(r"byte (\d+)", message)
    if found is None:
        return f"It is no valid JSON: {_PLACE.sub('', message)}."
    before = text.encode("utf-8", "surrogatepass")[: int(found[1])].decode("utf-8", "ignore")
    line = before.count("\n") + 1
    column = len(before) - (before.rfind("\n") + 1) + 1
    what = message[: found.start()].rstrip(" (")
    what = what.removeprefix("JSON is malformed: ")
    return f"It is no valid JSON: {what} in line {line}, column {column}."


def misfit(message: str, raw: Mapping[str, Any]) -> str:
    """The sentence for JSON that is no graph, from what the validator said."""
    place = _PLACE.search(message)
    what = message[: place.start()] if place else message
    where = _place(place[2], raw) if place else ""
    return f"{where}{_in_words(what)}."


def _place(path: str, raw: Mapping[str, Any]) -> str:
    """`$.nodes[0].position[1]` as "Node 1 (x1), position, part 2: "."""
    parts = re.findall(r"\.([^.\[\]]+)|\[(\d+)\]|\[(\.\.\.)\]", path)
    words: list[str] = []
    value: Any = raw
    for key, index, _ in parts:
        if key:
            words.append(f'"{key}"')
            value = value.get(key) if isinstance(value, dict) else None
        elif index:
            number = int(index)
            value = value[number] if isinstance(value, list) and number < len(value) else None
            kind = _LISTS.get(words[-1].strip('"')) if len(words) == 1 else None
            if kind:
                words[-1] = f"{kind} {number + 1}{_called(value)}"
            else:
                words.append(f"part {number + 1}")
        else:
            words.append("one of its values")
    if not words:
        return ""
    where = ", ".join(words)
    return f"{where[0].upper()}{where[1:]}: "


def _called(record: Any) -> str:
    name = record.get("name") if isinstance(record, dict) else None
    return f" ({name[:40]})" if isinstance(name, str) else ""


def _in_words(what: str) -> str:
    kinds = re.fullmatch(r"Expected `([^`]+)`, got `([^`]+)`", what)
    if kinds:
        return f"{_kinds(kinds[1])} was expected, but {_kinds(kinds[2])} is there"
    missing = re.fullmatch(r"Object missing required field `([^`]+)`", what)
    if missing:
        return f'"{missing[1]}" is missing'
    length = re.fullmatch(r"Expected `array` of length (\d+)(?:, got (\d+))?", what)
    if length:
        found = f", but {length[2]} are there" if length[2] else ""
        return f"{length[1]} numbers were expected{found}"
    least = re.fullmatch(r"Expected `int` >= (\d+)", what)
    if least:
        return f"a whole number from {least[1]} on was expected"
    if what.startswith("Expected `str` of length >="):
        return "the text is empty"
    return what.replace("`", "")


def _kinds(names: str) -> str:
    return " or ".join(_KINDS.get(name.strip(), name.strip()) for name in names.split("|"))
