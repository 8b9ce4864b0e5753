"""The plugins of the kernel process: loaded when it starts and whenever the window asks."""

from __future__ import annotations

from collections.abc import Callable, Collection

from visualad.errors import PluginError
from visualad.kernel.plugin_messages import Start
from visualad.ops.findings import Finding
from visualad.plugins.inventory import inventory
from visualad.plugins.loading import Loader
from visualad.plugins.places import Found
from visualad.plugins.records import Inventory


class PluginHost:
    """Loads plugins and says what they bring.

    Args:
        before: called before a plugin is loaded, `after` when it is done, well or not.
    """

    def __init__(
        self, start: Start, before: Callable[[Found], object], after: Callable[[], object]
    ) -> None:
        self._before = before
        self._loader = Loader(
            start.paths,
            safe=start.safe,
            shut_out=start.shut_out,
            interruptible=True,
            after=after,
        )

    def update(self, again: Collection[str] = ()) -> bool:
        """Load what is new or changed; tells whether anything has changed."""
        return self._loader.update(again, self._before)

    def inventory(self) -> Inventory:
        """What there is now."""
        return inventory(self._loader)

    def check(self, origin: str) -> dict[str, tuple[Finding, ...]]:
        """Run the automatic tests on the node types of a plugin; findings by their names.

        Raises:
            PluginError: if no such plugin is loaded.
        """
        from visualad.testing import examine

        names = self._loader.operations_of(origin)
        if not any(p.origin == origin and p.status == "loaded" for p in self._loader.plugins):
            raise PluginError(f"There is no plugin '{origin}' that is loaded; load it first.")
        return {name: examine(name) for name in names}
