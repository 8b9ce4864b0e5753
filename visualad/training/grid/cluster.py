"""Dask's scheduler as the executor of a sweep: many machines. Nothing else here knows Dask.

Its workers need VisualAD, in the same version. A worker that dies is Dask's affair: it gives the
run to another one, and only a run whose worker dies again and again comes back as failed.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from importlib import metadata
from typing import Any

from visualad.errors import VisualADError

CONNECT = 15.0  # seconds


class Cluster:
    """The workers of a Dask scheduler.

    Args:
        address: of the scheduler, such as tcp://host:8786.
        prepare: called in each worker first, such as the loading of plugins; must be picklable.

    Raises:
        VisualADError: if Dask is not installed, nobody answers there, or a worker lacks VisualAD.
    """

    def __init__(self, address: str, prepare: Callable[[], object] | None = None) -> None:
        try:
            import distributed
        except ImportError:
            raise VisualADError(
                "--scheduler needs Dask: pip install 'dask[distributed]'."
            ) from None
        self._address = address
        try:
            self._client: Any = distributed.Client(
                address, timeout=CONNECT, set_as_default=False, name="visualad-sweep"
            )
        except (OSError, TimeoutError, ValueError) as error:
            raise VisualADError(
                f"No Dask scheduler answers at '{address}'; start one with 'dask scheduler' and "
                f"workers with 'dask worker {address}'. ({type(error).__name__})"
            ) from error
        try:
            self._check_workers()
            if prepare is not None:
                self._client.register_plugin(_preparing(prepare), name="visualad-prepare")
        except BaseException:
            self.close()
            raise
        self._executor: Executor = self._client.get_executor(pure=False, retries=0)

    @property
    def width(self) -> int:
        """Two runs for each thread of the workers that are there now."""
        workers = self._client.scheduler_info(n_workers=-1)["workers"].values()
        return 2 * max(1, sum(int(worker["nthreads"]) for worker in workers))

    def executor(self) -> Executor:
        """The client's executor."""
        return self._executor

    def renew(self) -> None:
        """Dask replaces workers by itself."""

    def abandon(self) -> None:
        """What waits is cancelled with its future; what has begun goes on to its end."""

    def close(self) -> None:
        """Leave the scheduler, which goes on."""
        self._client.close()

    def _check_workers(self) -> None:
        """Whether all workers that are there run this version.

        Raises:
            VisualADError: if not, or if there are none.
        """
        found = self._client.run(_version)
        if not found:
            raise VisualADError(
                f"The scheduler at '{self._address}' has no workers; start some with "
                f"'dask worker {self._address}'."
            )
        ours = _version()
        others = {where: version for where, version in found.items() if version != ours}
        if others:
            where, version = next(iter(others.items()))
            has = f"VisualAD {version}" if version else "no VisualAD"
            raise VisualADError(
                f"The worker {where} has {has}, but the sweep needs {ours} everywhere; "
                "install it there."
            )


def _version() -> str:
    try:
        return metadata.version("visualad")
    except metadata.PackageNotFoundError:
        return ""


def _preparing(prepare: Callable[[], object]) -> Any:
    """A plugin for workers, also for those that come later."""
    from distributed import WorkerPlugin

    class Preparation(WorkerPlugin):  # type: ignore[misc]
        def setup(self, worker: object) -> None:
            prepare()

    return Preparation()
