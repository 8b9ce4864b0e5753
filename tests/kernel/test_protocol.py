"""What the protocol says of requests by their names holds for all that there are."""

from __future__ import annotations

import importlib
import pkgutil

import visualad.kernel
from visualad.kernel.messages import Request
from visualad.kernel.protocol import COALESCED, DOING, SILENT


def kinds() -> set[str]:
    """The names of all requests."""
    for module in pkgutil.iter_modules(visualad.kernel.__path__):
        if module.name.endswith("messages"):
            importlib.import_module(f"visualad.kernel.{module.name}")
    found, bases = set(), [Request]
    while bases:
        kind = bases.pop()
        bases += kind.__subclasses__()
        if kind.__module__.startswith("visualad.kernel.") and kind is not Request:
            found.add(kind.__name__)
    return found


def test_what_the_kernel_does_is_said_of_every_request_that_is_answered() -> None:
    assert set(DOING) == kinds() - SILENT


def test_requests_that_are_coalesced_or_silent_are_requests() -> None:
    assert kinds() >= (COALESCED | SILENT)
