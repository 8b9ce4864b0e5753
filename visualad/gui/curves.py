"""Curves of many points: columns that grow, and the few points of them that a picture needs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, MutableSequence, Sequence
from dataclasses import dataclass, field
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

FIRST_ROOM = 256


class Column(MutableSequence[Any]):
    """Numbers that arrive one after the other; a list whose numbers are an array all the time."""

    def __init__(self, dtype: type = float) -> None:
        self._room: NDArray[Any] = np.empty(FIRST_ROOM, dtype)
        self._size = 0

    @property
    def array(self) -> NDArray[Any]:
        """The numbers so far, as a view that later ones do not change."""
        return self._room[: self._size]

    def extend(self, values: Iterable[Any]) -> None:
        """Append several."""
        new = np.asarray(values if isinstance(values, Sequence) else list(values), self._room.dtype)
        end = self._size + len(new)
        if end > len(self._room):
            # Another array, so that views of the old one stay as they are.
            larger = np.empty(max(end, 2 * len(self._room)), self._room.dtype)
            larger[: self._size] = self.array
            self._room = larger
        self._room[self._size : end] = new
        self._size = end

    def append(self, value: Any) -> None:
        """Append one number."""
        self.extend((value,))

    def insert(self, index: int, value: Any) -> None:
        """Put a number in front of the one at this place."""
        self[:] = [*self.array[:index], value, *self.array[index:]]

    def __len__(self) -> int:
        return self._size

    @overload
    def __getitem__(self, key: int) -> Any: ...
    @overload
    def __getitem__(self, key: slice) -> list[Any]: ...  # type: ignore[override]
    def __getitem__(self, key: int | slice) -> Any:
        return self.array[key].tolist()

    def __setitem__(self, key: Any, value: Any) -> None:
        if key != slice(None):
            self.array[key] = value
            return
        self._size = 0
        self.extend(value)

    def __delitem__(self, key: int | slice) -> None:
        self[:] = np.delete(self.array, key).tolist()

    def __iter__(self) -> Iterator[Any]:
        return iter(self.array.tolist())

    def __eq__(self, other: object) -> bool:
        return list(self) == list(other) if isinstance(other, Sequence) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return repr(list(self))


@dataclass
class Curves:
    """Loss by epoch since training began or was reset; test may hold NaN."""

    epochs: Column = field(default_factory=lambda: Column(int))
    train: Column = field(default_factory=Column)
    test: Column = field(default_factory=Column)


def thinned(
    x: NDArray[Any], y: NDArray[Any], most: int, span: tuple[float, float] | None = None
) -> tuple[NDArray[Any], NDArray[Any]]:
    """At most about so many points that look like all: of each stretch the lowest and the highest.

    Args:
        x: ascending; y: of the same length.
        span: only what lies between, and the next point on either side, is wanted.
    """
    if span is not None:
        first = max(0, int(np.searchsorted(x, span[0])) - 1)
        last = int(np.searchsorted(x, span[1], side="right")) + 1
        x, y = x[first:last], y[first:last]
    stretches = max(most // 2, 1)
    if len(y) <= 2 * stretches + 1:
        return x, y
    # The last point stays as it is: the newest is what everybody looks at.
    starts = np.linspace(0, len(y) - 1, stretches, endpoint=False).astype(int)
    ends = np.append(starts[1:], len(y) - 1)
    body = y[:-1]
    extremes = (np.minimum.reduceat(body, starts), np.maximum.reduceat(body, starts))
    chosen_x = np.stack([x[starts], x[ends - 1]], axis=1).ravel()
    chosen_y = np.stack(extremes, axis=1).ravel()
    return np.append(chosen_x, x[-1]), np.append(chosen_y, y[-1])
