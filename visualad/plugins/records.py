"""What is known of plugins: one record for each, plain data that may travel between processes."""

from __future__ import annotations

from dataclasses import dataclass, field

from visualad.ops.description import Description

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
NODES = GROUPS["visualad.nodes"]
LOADED, FAILED, DISABLED = "loaded", "failed", "disabled"


@dataclass(frozen=True)
class Plugin:
    """What became of one plugin.

    Attributes:
        key: by which it is known: the path of the file, or the entry point with its group.
        name: of the entry point or the file.
        kind: what it brings, in words: one of the values of `GROUPS`, or several.
        origin: the distribution, or the path of the file.
        version: of the distribution; "" for a file.
        status: "loaded", "failed" or "disabled".
        provides: names of what it registered.
        error: one sentence, when it failed.
        detail: the traceback, when there is one.
        source: a digest of its source, or the version of its distribution.
    """

    key: str
    name: str
    kind: str
    origin: str
    version: str = ""
    status: str = DISABLED
    provides: tuple[str, ...] = ()
    error: str = ""
    detail: str = ""
    source: str = ""

    @property
    def is_file(self) -> bool:
        """Whether it is a file or folder of its own, not a part of a distribution."""
        return self.key == self.origin


@dataclass(frozen=True)
class BackendRecord:
    """A backend as a menu shows it; see `visualad.engine.backend.Backend`."""

    name: str
    description: str
    available: bool


@dataclass(frozen=True)
class DatasetRecord:
    """A data set as a menu shows it; see `visualad.training.generators.Generator`."""

    name: str
    title: str
    samples: int
    noise: float
    has_classes: bool
    inputs: int


@dataclass(frozen=True)
class Inventory:
    """Every plugin and everything that they bring, as descriptions without code.

    Attributes:
        plugins: in the order in which they were found.
        optimizers, importers, exporters, lessons, panels: titles by name (or ending).
        loading: the name of the plugin that is being loaded at this moment, or "".
    """

    plugins: tuple[Plugin, ...] = ()
    operations: tuple[Description, ...] = ()
    backends: tuple[BackendRecord, ...] = ()
    datasets: tuple[DatasetRecord, ...] = ()
    optimizers: dict[str, str] = field(default_factory=dict)
    importers: dict[str, str] = field(default_factory=dict)
    exporters: dict[str, str] = field(default_factory=dict)
    lessons: dict[str, str] = field(default_factory=dict)
    panels: dict[str, str] = field(default_factory=dict)
    loading: str = ""
