"""What is timed: each module has TASKS, name -> `benchmarks.task.Task`."""

from __future__ import annotations

import importlib
import pkgutil

from benchmarks.task import Task


def modules() -> list[str]:
    """The names of the modules with tasks."""
    return [found.name for found in pkgutil.iter_modules(__path__)]


def tasks(module: str) -> dict[str, Task]:
    """The tasks of one module by name."""
    found: dict[str, Task] = importlib.import_module(f"benchmarks.tasks.{module}").TASKS
    return found


def task(name: str) -> Task:
    """One task; names are "module" or "module case"."""
    return tasks(name.split(maxsplit=1)[0])[name]
