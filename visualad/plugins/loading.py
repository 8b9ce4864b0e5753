"""Finding and loading plugins: installed distributions, the user's folder, paths on request.

A plugin that fails is named with its reason, what it had registered is taken back, and everything
else goes on.
"""

from __future__ import annotations

import importlib.util
import os
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from importlib import metadata
from pathlib import Path
from types import ModuleType

from visualad.errors import PluginError
from visualad.ops.declaration import REGISTRY, Operation

# Entry point groups, and what each kind is called on screen.
GROUPS = {
    "visualad.nodes": "node types",
    "visualad.backends": "backend",
    "visualad.importers": "importer",
    "visualad.exporters": "exporter",
    "visualad.datasets": "data set",
    "visualad.optimizers": "optimiser",
    "visualad.lessons": "lesson",
    "visualad.panels": "panel",
}
NODES, BACKENDS = "visualad.nodes", "visualad.backends"
PATH_VARIABLE = "VISUALAD_PLUGIN_PATH"


@dataclass(frozen=True)
class Plugin:
    """What became of one plugin.

    Attributes:
        name: of the entry point or the file.
        kind: one of the values of `GROUPS`.
        origin: the distribution, or the path of the file.
        version: of the distribution; "" for a file.
        status: "loaded", "failed", or "found" when nothing has asked for it yet.
        provides: names of the node types that it registered.
        error: one sentence, when it failed.
        loaded: the object that its entry point names, or the module of the file.
    """

    name: str
    kind: str
    origin: str
    version: str = ""
    status: str = "found"
    provides: tuple[str, ...] = ()
    error: str = ""
    loaded: object = None


_done: dict[tuple[str, str], Plugin] = {}
_lock = threading.RLock()


def load_plugins(paths: Iterable[str | os.PathLike[str]] = ()) -> tuple[Plugin, ...]:
    """Load every plugin with node types or a backend, once, and say what became of each.

    Args:
        paths: further plugin files, or folders of them, beside those that the environment variable
            VISUALAD_PLUGIN_PATH names (separated as in PATH) and the user's plugin folder.

    Never raises: a plugin that fails has status "failed" and its reason in `error`.
    """
    with _lock:
        found = [
            *(_load_entry_point(entry) for entry in _entry_points()),
            *(_load_file(path) for path in _files(paths)),
        ]
    return tuple(found)


def user_folder() -> Path:
    """The folder whose Python files are loaded as plugins; it need not exist."""
    import platformdirs

    return Path(platformdirs.user_data_dir("visualad", appauthor=False)) / "plugins"


# Entry points ----------------------------------------------------------------------------------


def _entry_points() -> Iterator[metadata.EntryPoint]:
    found = metadata.entry_points()
    for group in GROUPS:
        yield from sorted(found.select(group=group), key=lambda entry: entry.name)


def _load_entry_point(entry: metadata.EntryPoint) -> Plugin:
    distribution = entry.dist
    origin = distribution.name if distribution is not None else entry.value
    version = distribution.version if distribution is not None else ""
    kind = GROUPS[entry.group]
    if entry.group not in (NODES, BACKENDS):
        return Plugin(entry.name, kind, origin, version)
    key = (entry.group, entry.name)
    if key not in _done:
        load = entry.load if entry.group == NODES else partial(_load_backend, entry)
        _done[key] = _load(Plugin(entry.name, kind, origin, version), load)
    return _done[key]


def _load_backend(entry: metadata.EntryPoint) -> object:
    """An entry point names a backend, a class of one, or a module that registers its own."""
    from visualad.engine.backend import Backend, register_backend

    loaded = entry.load()
    made = loaded() if isinstance(loaded, type) else loaded
    if isinstance(made, Backend):
        register_backend(made)
    elif not isinstance(made, ModuleType):
        raise PluginError(
            f"The entry point '{entry.name}' of {GROUPS[BACKENDS]}s names a "
            f"{type(made).__name__}, where a backend is expected"
        )
    return made


# Files -----------------------------------------------------------------------------------------


def _files(paths: Iterable[str | os.PathLike[str]]) -> Iterator[Path]:
    """The plugin files of all places, each once; a missing path is kept, to be named."""
    named = [part for part in os.environ.get(PATH_VARIABLE, "").split(os.pathsep) if part]
    seen = set()
    for place in (*map(Path, named), user_folder(), *map(Path, paths)):
        for file in _files_in(place.expanduser()):
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
        if not item.name.startswith((".", "_"))
        and (item.suffix == ".py" or (item / "__init__.py").is_file())
    ]


def _load_file(path: Path) -> Plugin:
    key = ("file", str(path))
    if key not in _done:
        plugin = Plugin(path.stem, GROUPS[NODES], str(path))
        _done[key] = _load(plugin, lambda: _import_file(path))
    return _done[key]


def _import_file(path: Path) -> ModuleType:
    source = path / "__init__.py" if path.is_dir() else path
    if not source.is_file():
        raise FileNotFoundError(f"there is no file {source}")
    # A name of its own: a plugin file called random.py must not hide the module of that name.
    name = f"visualad_plugin_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, source)
    if spec is None or spec.loader is None:
        raise ImportError(f"{source.name} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


# Loading one -----------------------------------------------------------------------------------


def _load(plugin: Plugin, load: Callable[[], object]) -> Plugin:
    before = {operation.name: operation for operation in REGISTRY}
    try:
        loaded = load()
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a plugin may raise anything
        _take_back(before)
        return replace(plugin, status="failed", error=_sentence(plugin, error))
    own = [operation for operation in REGISTRY if operation.name not in before]
    for operation in own:
        operation.plugin = operation.plugin or plugin.origin
    provides = tuple(operation.name for operation in own)
    return replace(plugin, status="loaded", provides=provides, loaded=loaded)


def _take_back(before: dict[str, Operation]) -> None:
    for operation in REGISTRY:
        if operation.name not in before:
            REGISTRY.remove(operation.name)


def _sentence(plugin: Plugin, error: BaseException) -> str:
    reason = " ".join(str(error).split()).removesuffix(".") or "it gave no reason"
    if isinstance(error, PluginError):
        return f"{reason}."
    where = _line_in(plugin.origin, error)
    return f"The plugin '{plugin.name}' failed{where} with {type(error).__name__}: {reason}."


def _line_in(origin: str, error: BaseException) -> str:
    """The last line of the plugin's own file on the way to the error."""
    trace, line = error.__traceback__, 0
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == origin:
            line = trace.tb_lineno
        trace = trace.tb_next
    if isinstance(error, SyntaxError) and error.filename == origin:
        line = error.lineno or 0
    return f" in line {line}" if line else ""
