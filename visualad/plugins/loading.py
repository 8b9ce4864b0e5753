"""Loading plugins: each by itself, so that one that fails is named and everything else goes on.

What a failing plugin had registered is taken back. Loading again finds what was saved, removed,
switched off or on meanwhile.
"""

from __future__ import annotations

import importlib.util
import os
import sys
import threading
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from visualad.errors import PluginError
from visualad.plugins import faults
from visualad.plugins.choices import disabled_plugins
from visualad.plugins.places import Found, find_plugins, is_safe_mode, source_of
from visualad.plugins.records import DISABLED, FAILED, LOADED, NODES, Plugin

if TYPE_CHECKING:
    from visualad.plugins.contributions import Names


@dataclass
class _Held:
    """A plugin that has been dealt with: its record, the source that it had, what it registered."""

    record: Plugin
    fingerprint: str
    names: Names = field(default_factory=dict)
    module: str = ""  # at the root of its own modules


class Loader:
    """The plugins of a process.

    Args:
        paths: further files or folders; see `find_plugins`.
        safe: load none at all.
        shut_out: sentences by key: plugins that are not loaded (again) until their source changes
            or they are asked for, and why.
        interruptible: whether an interrupt from the keyboard ends the loading of one plugin; else
            it is passed on.
        after: is called when the loading of a plugin has ended, well or not.
    """

    def __init__(
        self,
        paths: Iterable[str | os.PathLike[str]] = (),
        *,
        safe: bool = False,
        shut_out: Mapping[str, tuple[str, str]] | None = None,
        interruptible: bool = False,
        after: Callable[[], object] | None = None,
    ) -> None:
        self._paths = tuple(paths)
        self._safe = safe
        self._shut_out = dict(shut_out or {})
        self._interruptible = interruptible
        self.after = after
        self._held: dict[str, _Held] = {}

    @property
    def plugins(self) -> tuple[Plugin, ...]:
        """What became of each, in the order in which they were found."""
        return tuple(held.record for held in self._held.values())

    def names(self) -> Names:
        """All that the plugins have registered, by kind."""
        found: Names = {}
        for held in self._held.values():
            for kind, names in held.names.items():
                found[kind] = (*found.get(kind, ()), *names)
        return found

    def operations_of(self, origin: str) -> tuple[str, ...]:
        """Names of the node types of the plugins with this origin."""
        of_origin = [h for h in self._held.values() if h.record.origin == origin]
        return tuple(str(n) for held in of_origin for n in held.names.get(NODES, ()))

    def update(
        self, again: Collection[str] = (), before: Callable[[Found], object] | None = None
    ) -> bool:
        """Load what is new or changed, drop what is gone; tells whether anything has changed.

        Args:
            again: origins of plugins to load again in any case.
            before: is told of each plugin before it is loaded.
        """
        found = {} if self._safe else {one.key: one for one in find_plugins(self._paths)}
        disabled = disabled_plugins() if found else frozenset()
        for key, one in found.items():
            if one.origin in again:
                self._shut_out.pop(key, None)
        # What belongs to one distribution comes and goes together: its parts share modules.
        due = {
            one.origin
            for key, one in found.items()
            if one.origin in again or self._is_due(one, one.origin in disabled)
        }
        gone = [k for k, h in self._held.items() if k not in found or h.record.origin in due]
        for key in gone:
            self._drop(key)
        known, self._held = self._held, {}
        for key, one in found.items():
            self._held[key] = known.get(key) or _Held(_record(one), one.fingerprint)
        for one in found.values():  # after all drops: a name may have moved from file to file
            if one.origin in due and one.origin not in disabled:
                self._held[one.key] = self._load(one, before)
        faults.note_absent(self.plugins)
        return bool(gone or due)

    def ensure(
        self,
        paths: Iterable[str | os.PathLike[str]] = (),
        before: Callable[[Found], object] | None = None,
    ) -> tuple[Plugin, ...]:
        """Load what lies there and has not been dealt with; the records of all that lies there."""
        found = [] if self._safe else find_plugins((*self._paths, *paths))
        disabled = disabled_plugins() if found else frozenset()
        for one in found:
            if one.key not in self._held:
                off = one.origin in disabled
                held = _Held(_record(one), one.fingerprint) if off else self._load(one, before)
                self._held[one.key] = held
        faults.note_absent(self.plugins)
        return tuple(self._held[one.key].record for one in found)

    def _is_due(self, one: Found, disabled: bool) -> bool:
        known = self._held.get(one.key)
        if known is None or known.fingerprint != one.fingerprint:
            return True
        return disabled != (known.record.status == DISABLED)

    def _drop(self, key: str) -> None:
        held = self._held.pop(key)
        if held.names:
            from visualad.plugins import contributions

            contributions.take_back(held.names)
        for name in [name for name in sys.modules if _belongs(name, held.module)]:
            del sys.modules[name]

    def _load(self, one: Found, before: Callable[[Found], object] | None) -> _Held:
        # Imported here: a process without plugins does without all these rooms.
        from visualad.plugins import contributions

        record, module = _record(one), _root_module(one)
        shut_out = self._shut_out.get(one.key)
        if shut_out is not None and shut_out[0] in ("", one.fingerprint):
            return _Held(replace(record, status=FAILED, error=shut_out[1]), one.fingerprint)
        if before is not None:
            before(one)
        present = contributions.snapshot()
        caught: tuple[type[BaseException], ...] = (Exception, SystemExit)
        if self._interruptible:
            caught = (BaseException,)
        try:
            try:
                _import(one)
            finally:
                if self.after is not None:
                    self.after()
            names = contributions.added_since(present)
            _accept(one, names)
        except caught as error:  # a plugin may raise anything
            contributions.take_back(contributions.added_since(present))
            said = faults.sentence(one.name, one.origin, error)
            record = replace(record, status=FAILED, error=said, detail=faults.detail(error))
            return _Held(record, one.fingerprint, module=module)
        kind = contributions.in_words(names) or one.kind
        provides = contributions.named(names)
        record = replace(record, status=LOADED, kind=kind, provides=provides)
        return _Held(record, one.fingerprint, names, module)


def _record(one: Found) -> Plugin:
    return Plugin(one.key, one.name, one.kind, one.origin, one.version, source=one.fingerprint)


def _accept(one: Found, names: Names) -> None:
    """Look at what a plugin has registered, and note whose it is."""
    from visualad.plugins import contributions
    from visualad.plugins.signatures import check_signatures

    for operation in contributions.operations_of(names):
        check_signatures(operation)
        operation.plugin = operation.plugin or one.origin


# Importing -------------------------------------------------------------------------------------


def _import(one: Found) -> None:
    if one.path is not None:
        _import_file(one.path)
        return
    assert one.entry is not None
    loaded = one.entry.load()
    if one.key.startswith("visualad.backends:"):
        _take_backend(one, loaded)


def _take_backend(one: Found, loaded: object) -> None:
    """An entry point names a backend, a class of one, or a module that registers its own."""
    from visualad.engine.backend import Backend, register_backend

    made = loaded() if isinstance(loaded, type) else loaded
    if isinstance(made, Backend):
        register_backend(made)
    elif not isinstance(made, ModuleType):
        raise PluginError(
            f"The entry point '{one.name}' of backends names a {type(made).__name__}, where a "
            "backend is expected"
        )


def _module_name(path: Path) -> str:
    # A name of its own: a plugin file called random.py must not hide the module of that name.
    return f"visualad_plugin_{path.stem}"


def _root_module(one: Found) -> str:
    if one.path is not None:
        return _module_name(one.path)
    assert one.entry is not None
    return one.entry.module.partition(".")[0]


def _belongs(name: str, root: str) -> bool:
    """Whether a module is a plugin's own; never one of ours or of Python's."""
    own = root not in ("", "visualad") and root not in sys.stdlib_module_names
    return own and (name == root or name.startswith(f"{root}."))


def _import_file(path: Path) -> None:
    source = source_of(path)
    if not source.is_file():
        raise FileNotFoundError(f"there is no file {source}")
    name = _module_name(path)
    spec = importlib.util.spec_from_file_location(name, source)
    if spec is None or spec.loader is None:
        raise ImportError(f"{source.name} is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        # Not by the loader: it would take the compiled file of an older source that was saved
        # within the same second.
        code = compile(source.read_bytes(), str(source), "exec")
        exec(code, module.__dict__)
    except BaseException:
        sys.modules.pop(name, None)
        raise


# The plugins of this process -------------------------------------------------------------------

_lock = threading.RLock()
_of_this_process: list[Loader] = []


def load_plugins(
    paths: Iterable[str | os.PathLike[str]] = (),
    *,
    before: Callable[[Found], object] | None = None,
    after: Callable[[], object] | None = None,
) -> tuple[Plugin, ...]:
    """Load every plugin that is switched on into this process, once; what became of each.

    Args:
        paths: further plugin files, or folders of them, beside those that the environment variable
            VISUALAD_PLUGIN_PATH names (separated as in PATH) and the user's plugin folder.
        before, after: called before and after each of those that are loaded now.

    Never raises: a plugin that fails has status "failed" and its reason in `error`. With
    VISUALAD_SAFE_MODE set in the environment there are none.
    """
    with _lock:
        if not _of_this_process:
            _of_this_process.append(Loader())
        loader = _of_this_process[0]
        loader.after = after
        return () if is_safe_mode() else loader.ensure(paths, before)
