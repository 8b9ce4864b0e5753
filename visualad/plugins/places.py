"""Where plugins are looked for: installed distributions, the user's folder, paths on request."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from visualad.plugins.records import GROUPS

if TYPE_CHECKING:
    from importlib import metadata

PATH_VARIABLE = "VISUALAD_PLUGIN_PATH"
SAFE_VARIABLE = "VISUALAD_SAFE_MODE"


@dataclass(frozen=True)
class Found:
    """A plugin that lies somewhere, not yet loaded.

    Attributes:
        key: see `Plugin`; fingerprint: changes when its source does.
        entry: of an installed distribution, or None; path: of a file or a package, or None.
    """

    key: str
    name: str
    kind: str
    origin: str
    version: str
    fingerprint: str
    entry: metadata.EntryPoint | None = None
    path: Path | None = None


def user_folder() -> Path:
    """The folder whose Python files are loaded as plugins; it need not exist."""
    import platformdirs

    return Path(platformdirs.user_data_dir("visualad", appauthor=False)) / "plugins"


def is_safe_mode() -> bool:
    """Whether the environment asks for no plugins at all."""
    return os.environ.get(SAFE_VARIABLE, "") not in ("", "0")


def find_plugins(paths: Iterable[str | os.PathLike[str]] = ()) -> list[Found]:
    """All plugins of all places; nothing is imported.

    Args:
        paths: files, or folders of them, beside those that VISUALAD_PLUGIN_PATH names (separated
            as in PATH) and the user's plugin folder.
    """
    return [*_installed(), *map(_file, _files(paths))]


def watched_paths(paths: Iterable[str | os.PathLike[str]] = ()) -> list[Path]:
    """Folders and files whose change may change the plugins; those that exist."""
    wanted: dict[Path, None] = {}
    for place in _places(paths):
        if place.is_dir():
            wanted[place] = None
        elif place.parent.is_dir():
            wanted[place.parent] = None
    for path in _files(paths):
        source = path / "__init__.py" if path.is_dir() else path
        if source.is_file():
            wanted[source] = None
    return list(wanted)


def source_of(path: Path) -> Path:
    """The file that is run: a package's is its __init__.py."""
    return path / "__init__.py" if path.is_dir() else path


def _installed() -> Iterator[Found]:
    from importlib import metadata  # late: the window never looks

    found = metadata.entry_points()
    for group, kind in GROUPS.items():
        for entry in sorted(found.select(group=group), key=lambda entry: entry.name):
            distribution = entry.dist
            origin = distribution.name if distribution is not None else entry.value
            version = distribution.version if distribution is not None else ""
            key = f"{group}:{entry.name}"
            yield Found(key, entry.name, kind, origin, version, version, entry=entry)


def _file(path: Path) -> Found:
    kind = GROUPS["visualad.nodes"]
    return Found(str(path), path.stem, kind, str(path), "", _fingerprint(path), path=path)


def _fingerprint(path: Path) -> str:
    """A digest of the source; of a package all Python files count."""
    import hashlib

    digest = hashlib.sha256()
    sources = sorted(path.rglob("*.py")) if path.is_dir() else [path]
    for source in sources:
        try:
            digest.update(source.read_bytes())
        except OSError:
            digest.update(b"unreadable")
        digest.update(b"\0")
    return digest.hexdigest()


def _places(paths: Iterable[str | os.PathLike[str]]) -> list[Path]:
    named = [part for part in os.environ.get(PATH_VARIABLE, "").split(os.pathsep) if part]
    places = (*map(Path, named), user_folder(), *map(Path, paths))
    return [place.expanduser() for place in places]


def _files(paths: Iterable[str | os.PathLike[str]]) -> Iterator[Path]:
    """The plugin files of all places, each once; a missing path is kept, to be named."""
    seen = set()
    for place in _places(paths):
        for file in _files_in(place):
            resolved = file.resolve()
            if resolved not in seen:
                seen.add(resolved)
                yield resolved


def _files_in(place: Path) -> list[Path]:
    if not place.is_dir():
        return [] if place == user_folder() else [place]
    if (place / "__init__.py").is_file():
        return [place]
    try:
        inside = sorted(place.iterdir())
    except OSError:
        return [place]
    return [
        item
        for item in inside
        if not item.name.startswith((".", "_", "test_"))
        and ((item.suffix == ".py" and item.is_file()) or (item / "__init__.py").is_file())
    ]
