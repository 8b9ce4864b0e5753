"""Curves of many points: columns that grow, the few points that a picture needs, smoothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, MutableSequence, Sequence
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

FIRST_ROOM = 256
_BLOCK = 32  # numbers that are averaged together


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
        whole = values if isinstance(values, Sequence | np.ndarray) else list(values)
        new = np.asarray(whole, self._room.dtype)
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


class Smoothed:
    """The exponential moving average of a column that grows: sₙ = w sₙ₋₁ + (1 - w) xₙ, s₀ = x₀.

    What has been averaged stays so; only new numbers cost time. A number that is not finite is
    left out and stays as it is.
    """

    def __init__(self) -> None:
        self._of: Column | None = None
        self._weight = 0.0
        self._found = Column()
        self._state: float | None = None

    def of(self, column: Column, weight: float) -> NDArray[Any]:
        """The average of a column, with a weight of at least 0 and less than 1."""
        if column is not self._of or weight != self._weight or len(column) < len(self._found):
            self._of, self._weight = column, weight
            self._found, self._state = Column(), None
        new = column.array[len(self._found) :]
        if len(new):
            finite = np.isfinite(new)
            numbers = new if finite.all() else new[finite]
            found = averaged = np.empty(0)
            if len(numbers):
                before = float(numbers[0]) if self._state is None else self._state
                found = averaged = moving_average(numbers, weight, before)
                self._state = float(averaged[-1])
            if len(numbers) < len(new):
                found = new.copy()
                found[finite] = averaged
            self._found.extend(found)
        return self._found.array


def moving_average(values: NDArray[Any], weight: float, before: float) -> NDArray[Any]:
    """sₙ = w sₙ₋₁ + (1 - w) xₙ, from s before the first; all at once, in blocks of 32."""
    count = len(values)
    if count <= _BLOCK:
        found = np.empty(count)
        for n, value in enumerate(values.tolist()):
            before = found[n] = weight * before + (1 - weight) * value
        return found
    powers = weight ** np.arange(_BLOCK + 1)
    lags = np.subtract.outer(np.arange(_BLOCK), np.arange(_BLOCK))
    response = np.where(lags >= 0, powers[np.abs(lags)], 0.0) * (1 - weight)
    blocks = np.zeros((-(-count // _BLOCK), _BLOCK))
    blocks.reshape(-1)[:count] = values
    alone = blocks @ response.T  # each block as if there had been nothing before it
    # What each block begins with is an average of the same kind over the ends of the blocks.
    ratio = float(powers[_BLOCK])
    ends = moving_average(alone[:-1, -1] / (1 - ratio), ratio, before)
    begins = np.concatenate(([before], ends))
    found = alone + begins[:, None] * powers[None, 1:]
    return found.reshape(-1)[:count]
