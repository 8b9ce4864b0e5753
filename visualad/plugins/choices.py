"""Which plugins the user has switched off; kept in one small file of the user's settings."""

from __future__ import annotations

import json
from pathlib import Path

from visualad.errors import FileError
from visualad.graph.atomic_write import reason_of, write_atomically


def choices_file() -> Path:
    """Where it is kept."""
    import platformdirs

    return Path(platformdirs.user_config_dir("visualad", appauthor=False)) / "plugins.json"


def disabled_plugins() -> frozenset[str]:
    """Keys of the plugins that are switched off; none when the file cannot be read."""
    try:
        content = json.loads(choices_file().read_text(encoding="utf-8"))
        keys = content["disabled"]
    except (OSError, ValueError, KeyError, TypeError):
        return frozenset()
    return frozenset(map(str, keys)) if isinstance(keys, list) else frozenset()


def set_disabled(key: str, disabled: bool) -> None:
    """Switch a plugin off or on again; it counts from the next time that plugins are loaded.

    Raises:
        FileError: if the choice cannot be kept.
    """
    keys = set(disabled_plugins())
    (keys.add if disabled else keys.discard)(key)
    target = choices_file()
    text = json.dumps({"disabled": sorted(keys)}, indent=1, ensure_ascii=False) + "\n"
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(target, text.encode("utf-8"))
    except OSError as error:
        raise FileError(
            f"The choice of plugins cannot be kept in '{target}': {reason_of(error, target)}."
        ) from error
