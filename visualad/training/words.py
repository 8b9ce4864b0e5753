"""A column of words: each different word once, and by row its number."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np
from numpy.typing import NDArray

MISSING = frozenset({"", "na", "n/a", "nan", "null", "none", "?", "-"})


@dataclass(frozen=True, eq=False)
class Words(Sequence[str]):
    """A word for each row, "" where one is missing.

    Attributes:
        kinds: the different words; some may come in no row.
        codes: by row the place of its word in `kinds`, -1 where one is missing.
    """

    kinds: tuple[str, ...]
    codes: NDArray[np.int32]

    @classmethod
    def of(cls, words: Iterable[str]) -> Words:
        """From words one by one."""
        places: dict[str, int] = {"": -1}
        codes = [places.setdefault(word, len(places) - 1) for word in words]
        return cls(tuple(places)[1:], np.array(codes, dtype=np.int32))

    def __len__(self) -> int:
        return len(self.codes)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> Words: ...
    def __getitem__(self, index: int | slice) -> str | Words:
        if isinstance(index, slice):
            return Words(self.kinds, self.codes[index])
        code = int(self.codes[index])
        return self.kinds[code] if code >= 0 else ""

    @property
    def missing(self) -> NDArray[np.bool_]:
        """Where there is none, (N,)."""
        return self.codes < 0

    def tally(self) -> NDArray[np.int64]:
        """How often each of the `kinds` comes."""
        return np.bincount(self.codes[~self.missing], minlength=len(self.kinds))

    def counts(self) -> dict[str, int]:
        """How often each word comes, for those that come, in alphabetical order."""
        pairs = sorted(zip(self.kinds, self.tally().tolist(), strict=True))
        return {word: count for word, count in pairs if count}

    def filled(self, word: str) -> Words:
        """The same with a word in place of those that are missing."""
        kinds = self.kinds if word in self.kinds else (*self.kinds, word)
        return Words(kinds, np.where(self.missing, kinds.index(word), self.codes).astype(np.int32))


class Lexicon(dict[str, float]):
    """The number of each word met so far, by the cell it stood in; nan for a missing one.

    A cell that has been seen costs one look-up; a number is refused.

    Attributes:
        kinds: number by word.

    Raises:
        ValueError: for a cell that is a number.
    """

    def __init__(self) -> None:
        super().__init__()
        self.kinds: dict[str, int] = {}

    def __missing__(self, cell: str) -> float:
        word = cell.strip()
        number = number_in(word)
        if number is not None and not math.isnan(number):
            raise ValueError(f"{cell!r} is a number")
        found = float(self.number_of(word)) if number is None else math.nan
        self[cell] = found
        return found

    def number_of(self, word: str) -> int:
        """The number of a word, new or not."""
        return self.kinds.setdefault(word, len(self.kinds))


def begins_as_word(cell: str) -> bool:
    """Whether it begins with a letter with which no number begins, as inf and nan do."""
    first = cell[:1]
    return first.isalpha() and first not in "iInN"


def number_in(cell: str) -> float | None:
    """The number in a cell, nan where one is missing; None for a word."""
    if begins_as_word(cell):  # an exception takes ten times as long
        return math.nan if cell.lower() in MISSING else None
    try:
        return float(cell)
    except ValueError:
        return math.nan if cell.lower() in MISSING else None


def number_or_gap(cell: str) -> float:
    """The number in a cell, nan where one is missing.

    Raises:
        ValueError: for a word.
    """
    number = number_in(cell.strip())
    if number is None:
        raise ValueError(f"{cell!r} is a word")
    return number
