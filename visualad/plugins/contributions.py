"""What plugins have registered, everywhere: noted while one loads, taken back when it goes."""

from __future__ import annotations

from collections.abc import Iterable, MutableMapping
from typing import Any

from visualad.engine.backend import BACKENDS
from visualad.exchange.extensions import IMPORTERS
from visualad.exchange.formats import FORMATS
from visualad.ops.declaration import REGISTRY, Operation
from visualad.ops.expression import NUMPY_NAMES
from visualad.plugins.lessons import LESSONS
from visualad.plugins.panels import PANELS
from visualad.plugins.records import NODES
from visualad.training.generators import GENERATORS
from visualad.training.optimizers import OPTIMIZERS

NUMPY = ""  # which NumPy functions stand for a node type; follows the node types

Names = dict[str, tuple[Any, ...]]  # by kind, the names


def snapshot() -> Names:
    """All that is registered at present."""
    return {kind: tuple(table) for kind, table in _tables().items()} | {
        NODES: tuple(operation.name for operation in REGISTRY)
    }


def added_since(before: Names) -> Names:
    """What has been registered since; kinds without anything new are left out."""
    now = snapshot()
    new = {
        kind: tuple(n for n in names if n not in set(before[kind])) for kind, names in now.items()
    }
    return {kind: names for kind, names in new.items() if names}


def take_back(names: Names) -> None:
    """Forget what a plugin registered."""
    tables = _tables()
    for kind, entries in names.items():
        for name in entries:
            if kind == NODES:
                REGISTRY.remove(name)
            else:
                tables[kind].pop(name, None)


def operations_of(names: Names) -> list[Operation]:
    """The node types among what was registered."""
    return [REGISTRY[name] for name in names.get(NODES, ()) if name in REGISTRY]


def in_words(names: Names) -> str:
    """The kinds of what was registered: "node types, data set"."""
    return ", ".join(kind for kind in (NODES, *_tables()) if kind and names.get(kind))


def named(names: Names) -> tuple[str, ...]:
    """The names of what was registered, for people."""
    kinds: Iterable[str] = (kind for kind in names if kind != NUMPY)
    return tuple(str(name) for kind in kinds for name in names[kind])


def _tables() -> dict[str, MutableMapping[Any, Any]]:
    return {
        "backend": BACKENDS,
        "importer": IMPORTERS,
        "exporter": FORMATS,
        "data set": GENERATORS,
        "optimiser": OPTIMIZERS,
        "lesson": LESSONS,
        "panel": PANELS,
        NUMPY: NUMPY_NAMES,
    }
