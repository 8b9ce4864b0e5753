"""The plugins' things in a process without plugins: registered from an inventory, without code.

What is asked of them there fails in one sentence; the kernel process is to be asked instead.
"""

from __future__ import annotations

from typing import Any, NoReturn

from visualad.engine.backend import BACKENDS
from visualad.errors import PluginError
from visualad.exchange.extensions import IMPORTERS, Importer
from visualad.exchange.formats import FORMATS, GRAPH, Format
from visualad.ops.declaration import REGISTRY
from visualad.ops.description import Description, described_operation
from visualad.plugins.faults import note_absent
from visualad.plugins.lessons import LESSONS, Lesson
from visualad.plugins.panels import PANELS, Panel
from visualad.plugins.records import BackendRecord, Inventory
from visualad.training.generators import GENERATORS, Generator


class Mirror:
    """What of the latest inventory is registered here.

    Names that are taken by something with code are left alone.
    """

    def __init__(self) -> None:
        self._operations: dict[str, Description] = {}
        self._entries: list[tuple[dict[str, Any], str]] = []

    def show(self, inventory: Inventory) -> frozenset[str]:
        """Register what is in the inventory and nothing else; the node types that changed."""
        changed = self._show_operations(inventory.operations)
        note_absent(inventory.plugins)
        for table, name in self._entries:
            table.pop(name, None)
        self._entries = []
        for backend in inventory.backends:
            self._add(BACKENDS, backend.name, MirroredBackend(backend))
        for data in inventory.datasets:
            made = Generator(
                _elsewhere,
                data.samples,
                data.noise,
                data.has_classes,
                data.inputs,
                data.title,
                described=True,
            )
            self._add(GENERATORS, data.name, made)
        for name, title in inventory.optimizers.items():
            # Late: few bring one.
            from visualad.training.optimizers import OPTIMIZERS, OptimizerKind

            self._add(OPTIMIZERS, name, OptimizerKind(_elsewhere, title))
        for suffix, title in inventory.importers.items():
            self._add(IMPORTERS, suffix, Importer(suffix, title, _elsewhere))
        for suffix, title in inventory.exporters.items():
            self._add(FORMATS, suffix, Format(suffix, title, {GRAPH: _elsewhere}))
        for name, title in inventory.lessons.items():
            self._add(LESSONS, name, Lesson(title, _elsewhere))
        for name, title in inventory.panels.items():
            self._add(PANELS, name, Panel(title, _elsewhere))
        return changed

    def clear(self) -> None:
        """Forget everything that was registered here."""
        self.show(Inventory())

    def _show_operations(self, wanted: tuple[Description, ...]) -> frozenset[str]:
        by_name = {one.name: one for one in wanted}
        gone = [n for n, known in self._operations.items() if by_name.get(n) != known]
        for name in gone:
            REGISTRY.remove(name)
            del self._operations[name]
        new = [one for one in wanted if one.name not in REGISTRY]
        for one in new:
            REGISTRY.add(described_operation(one))
            self._operations[one.name] = one
        return frozenset([*gone, *(one.name for one in new)])

    def _add(self, table: dict[str, Any], name: str, entry: object) -> None:
        if name not in table:
            table[name] = entry
            self._entries.append((table, name))


class MirroredBackend:
    """A backend of the kernel process."""

    def __init__(self, record: BackendRecord) -> None:
        self._record = record

    @property
    def name(self) -> str:
        """Its name."""
        return self._record.name

    @property
    def description(self) -> str:
        """One line for people."""
        return self._record.description

    def is_available(self) -> bool:
        """Whether it can run in the kernel process."""
        return self._record.available

    def load(self, plan: object, parameters: object = None) -> NoReturn:
        """Not here.

        Raises:
            PluginError: always.
        """
        _elsewhere()


def _elsewhere(*_: Any, **__: Any) -> NoReturn:
    raise PluginError("What a plugin brings runs in the kernel process; ask that instead.")
