"""What the plugins of a process bring, as descriptions for a window that has none of their code."""

from __future__ import annotations

from visualad.plugins.loading import Loader
from visualad.plugins.records import BackendRecord, DatasetRecord, Inventory


def inventory(loader: Loader) -> Inventory:
    """All plugins and all that they registered, without anything of theirs in it."""
    names = loader.names()
    if not names:
        return Inventory(loader.plugins)
    # Imported here: without plugins none of these rooms is needed.
    from visualad.engine.backend import BACKENDS
    from visualad.exchange.extensions import IMPORTERS
    from visualad.exchange.formats import FORMATS
    from visualad.ops.description import describe
    from visualad.plugins import contributions
    from visualad.plugins.lessons import LESSONS
    from visualad.plugins.panels import PANELS
    from visualad.training.generators import GENERATORS
    from visualad.training.optimizers import OPTIMIZERS

    def titles(kind: str, table: object) -> dict[str, str]:
        assert isinstance(table, dict)
        return {str(name): str(table[name].title) for name in names.get(kind, ()) if name in table}

    generators = ((n, GENERATORS[n]) for n in names.get("data set", ()) if n in GENERATORS)
    backends = (BACKENDS[n] for n in names.get("backend", ()) if n in BACKENDS)
    return Inventory(
        plugins=loader.plugins,
        operations=tuple(map(describe, contributions.operations_of(names))),
        backends=tuple(_backend(one.name, one.description, one.is_available) for one in backends),
        datasets=tuple(
            DatasetRecord(
                str(name),
                str(one.title or name),
                int(one.samples),
                float(one.noise),
                bool(one.has_classes),
                int(one.inputs),
            )
            for name, one in generators
        ),
        optimizers=titles("optimiser", OPTIMIZERS),
        importers=titles("importer", IMPORTERS),
        exporters=titles("exporter", FORMATS),
        lessons=titles("lesson", LESSONS),
        panels=titles("panel", PANELS),
    )


def _backend(name: object, description: object, is_available: object) -> BackendRecord:
    try:
        available = bool(is_available()) if callable(is_available) else False
    except Exception as error:  # noqa: BLE001 - a plugin's backend may raise anything
        return BackendRecord(str(name), f"{description} ({type(error).__name__}: {error})", False)
    return BackendRecord(str(name), str(description), available)
