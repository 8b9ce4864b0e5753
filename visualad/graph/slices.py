"""Work that is done slice by slice, so that whoever asked for it can look up in between."""

from __future__ import annotations

from collections.abc import Generator
from typing import TypeVar

Made = TypeVar("Made")
# Yields the share that is done, from 0 to 1, after each slice; returns what was made.
Slices = Generator[float, None, Made]


def finished(slices: Slices[Made]) -> Made:
    """Do all of it at once."""
    while True:
        try:
            next(slices)
        except StopIteration as end:
            made: Made = end.value
            return made


def between(low: float, high: float, slices: Slices[Made]) -> Slices[Made]:
    """The slices as a part of some greater work, of which they do from `low` to `high`."""
    while True:
        try:
            share = next(slices)
        except StopIteration as end:
            made: Made = end.value
            return made
        yield low + (high - low) * share
