"""A table of things by name that plugins may add to: data sets, optimisers, formats, ..."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from visualad.errors import PluginError

Entry = TypeVar("Entry")


class Register(dict[str, Entry]):
    """What there is of one kind, by name.

    Attributes:
        what: what one of them is called in a sentence: "data set".
    """

    def __init__(self, what: str, entries: Mapping[str, Entry] | None = None) -> None:
        super().__init__(entries or {})
        self.what = what

    def add(self, name: str, entry: Entry) -> None:
        """Add one.

        Raises:
            PluginError: if the name is taken.
        """
        if name in self:
            raise PluginError(f"There is already a {self.what} '{name}'; choose another name.")
        self[name] = entry
