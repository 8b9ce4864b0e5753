"""Write the JSON Schema of the `.vad` file beside the code that reads it."""

from __future__ import annotations

import json
from pathlib import Path

import visualad.graph
from visualad.graph.schema import json_schema


def schema_text() -> str:
    """The schema as it stands in the file."""
    return json.dumps(json_schema(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


def main() -> None:
    """Write the file."""
    target = Path(visualad.graph.__file__).with_name("vad.schema.json")
    target.write_text(schema_text(), encoding="utf-8")


if __name__ == "__main__":
    main()
