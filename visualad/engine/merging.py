"""Small rows that do the same become one: a call of NumPy costs more than what it computes.

The slopes of all activations of a network, for example, depend on values alone and are computed
together, if they lie side by side.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from visualad.engine.plan import ALIGNMENT, ARENA, Constant, Instruction, Operand, View
from visualad.engine.reuse import Results

# The others may round the last numbers of a row in another way than those in its middle.
EXACT = frozenset(
    {
        *(np.add, np.subtract, np.multiply, np.divide, np.reciprocal, np.square, np.sqrt),
        *(np.negative, np.positive, np.absolute, np.sign, np.maximum, np.minimum),
    }
)
MOST = 8  # groups of the same kind that a row is tried with


def merge(
    rows: Sequence[Instruction], kept: Iterable[Operand], backward: int, size: int
) -> list[Instruction]:
    """The rows with elementwise ones of the backward pass joined.

    Args:
        kept: what stays where it is.
        backward: number of its first row.
        size: of the arena. Results that move lie behind it, and take no more than as much again.
    """
    merging = _Merging(rows, kept)
    for number in range(backward, len(rows)):
        merging.take(number)
    return merging.merged(size)


@dataclass
class _Group:
    """Rows in the order in which their results are to lie; they run where the first one stood."""

    at: int
    rows: list[Instruction]


class _Merging:
    def __init__(self, rows: Sequence[Instruction], kept: Iterable[Operand]) -> None:
        self.rows = rows
        self.results = Results(rows)
        self.fixed = {self.results.at(operand) for operand in kept}
        # When each result is there, in numbers of rows.
        self.ready = dict(self.results.made)
        self.groups: dict[object, list[_Group]] = {}  # by what their rows do
        self.gone: set[int] = set()
        self.next: dict[int, int] = {}  # what is to lie behind a result
        self.previous: dict[int, int] = {}

    def take(self, number: int) -> None:
        """Put a row into a group of its kind, or into a new one."""
        row = self.rows[number]
        kind = self._kind(row)
        if kind is None:
            return
        groups = self.groups.setdefault(kind, [])
        for group in groups[-MOST:]:
            if all(self.ready[x.offset] < group.at for x in row.inputs if isinstance(x, View)):
                if self._linked(group.rows[-1], row):
                    group.rows.append(row)
                elif self._linked(row, group.rows[0]):
                    group.rows.insert(0, row)
                else:
                    continue
                self.gone.add(number)
                self.ready[row.output.offset] = group.at
                return
        groups.append(_Group(number, [row]))

    def _kind(self, row: Instruction) -> object:
        """What a row does; None if it is to stay alone."""
        out = row.output
        if row.kind != "ufunc" or row.function not in EXACT:
            return None
        if out.region != ARENA or not out.shape:
            return None
        kind: list[object] = [row.function]
        for x in row.inputs:
            if isinstance(x, Constant):
                if getattr(x.value, "shape", ()):
                    return None
                kind.append(float(x.value))
            elif x.region != ARENA or x[2:] != out[2:] or x.offset not in self.ready:
                return None
            else:
                kind.append(None)
        return tuple(kind)

    def _linked(self, before: Instruction, after: Instruction) -> bool:
        """Whether the operands of two rows can be neighbours, which they then become."""
        pairs = {
            (x.offset, y.offset)
            for x, y in zip(
                (*before.inputs, before.output), (*after.inputs, after.output), strict=True
            )
            if isinstance(x, View) and isinstance(y, View)
        }
        heads, tails = {x for x, _ in pairs}, {y for _, y in pairs}
        if len(heads) < len(pairs) or len(tails) < len(pairs) or heads & tails:
            return False
        if not all(self._can_link(x, y) for x, y in pairs):
            return False
        for x, y in pairs:
            if x not in self.fixed:
                self.next[x], self.previous[y] = y, x
        return True

    def _can_link(self, x: int, y: int) -> bool:
        if x in self.fixed or y in self.fixed:
            return x in self.fixed and y in self.fixed and y == _aligned(x + self.results.sizes[x])
        if self.next.get(x) == y:
            return True
        if x in self.next or y in self.previous:
            return False
        at: int | None = y
        while at is not None:  # no result lies behind itself
            if at == x:
                return False
            at = self.next.get(at)
        return True

    def merged(self, size: int) -> list[Instruction]:
        """The rows in the new order."""
        moved: dict[int, int] = {}
        for at in [place for place in self.next if place not in self.previous]:
            link: int | None = at
            while link is not None:
                moved[link] = _aligned(size)
                size = moved[link] + self.results.sizes[link]
                link = self.next.get(link)
        groups = {group.at: group for found in self.groups.values() for group in found}
        written = []
        for number, row in enumerate(self.rows):
            group = groups.get(number)
            if group is not None and len(group.rows) > 1:
                written.append(self._joined(group.rows, moved))
            elif number not in self.gone:
                kind, function, inputs, output, options, more = row
                operands = tuple([self.results.shifted(x, moved) for x in inputs])
                if output.region == ARENA and output.offset in moved:
                    output = output._replace(offset=moved[output.offset])
                written.append(Instruction(kind, function, operands, output, options, more))
        return written

    def _joined(self, rows: Sequence[Instruction], moved: dict[int, int]) -> Instruction:
        """One row for several. What lies between their results is computed in vain."""
        first, last = rows[0], rows[-1]

        def place(view: View) -> int:
            return moved.get(view.offset, view.offset)

        end = place(last.output) + self.results.sizes[last.output.offset]
        count = end - place(first.output)
        inputs = [
            View(ARENA, place(x), (count,), (1,)) if isinstance(x, View) else x
            for x in first.inputs
        ]
        output = View(ARENA, place(first.output), (count,), (1,))
        return first._replace(inputs=tuple(inputs), output=output)


def _aligned(offset: int) -> int:
    return offset + -offset % ALIGNMENT
