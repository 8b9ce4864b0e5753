"""Results that nobody asks for share memory: what is used next then still lies in the cache."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence

from visualad.engine.plan import ARENA, Instruction, Operand, View


class Results:
    """Where in the arena rows leave their results.

    Attributes:
        made: the number of the row, by place.
        sizes: of the results, by place.
    """

    def __init__(self, rows: Sequence[Instruction]) -> None:
        self.made: dict[int, int] = {}
        self.sizes: dict[int, int] = {}
        for number, row in enumerate(rows):
            region, offset, shape, _ = row.output
            size = math.prod(shape)
            if region == ARENA and size:  # what is empty has no place of its own
                self.made[offset] = number
                self.sizes[offset] = size
        self._starts = sorted(self.made)

    def at(self, operand: Operand) -> int | None:
        """Where the result begins that an operand looks at; None for what is no result."""
        if type(operand) is not View or operand.region != ARENA:
            return None
        offset = operand.offset
        if offset in self.made:
            return offset
        before = bisect_right(self._starts, offset) - 1
        if before < 0:
            return None
        found = self._starts[before]
        return found if offset < found + self.sizes[found] else None

    def shifted(self, operand: Operand, moved: Mapping[int, int]) -> Operand:
        """An operand, which may look at a result that lies elsewhere now."""
        place = self.at(operand)
        if place is None or place not in moved or not isinstance(operand, View):
            return operand
        return operand._replace(offset=operand.offset + moved[place] - place)


def share_memory(rows: Sequence[Instruction], kept: Iterable[Operand]) -> list[Instruction]:
    """The rows with other places in the arena for intermediate results.

    A place is free before what stays there is computed, and again after what is there has been
    read for the last time. An elementwise row writes over an operand that it reads last.

    Args:
        kept: what stays where it is.
    """
    results = Results(rows)
    result_at, made, sizes = results.at, results.made, results.sizes
    # Where results lie now. Those of one call stay together.
    moved = {at: at for at in map(result_at, kept) if at is not None}
    moved |= {at: at for at, number in made.items() if rows[number].more_outputs}
    free: dict[int, list[int]] = {}  # places by size
    written = list(rows)
    # From the end: a result is met at its last reader first, and where it is made last.
    for number in range(len(rows) - 1, -1, -1):
        kind, function, inputs, out, options, more = rows[number]
        is_placed = out.region == ARENA and not more and all(out.shape)
        room = moved.get(out.offset, out.offset) if is_placed else None
        output = out if room in (None, out.offset) else View(ARENA, room, out.shape, out.strides)
        changed = output is not out
        operands: list[Operand] = []
        for operand in inputs:
            source = result_at(operand)
            if source is None:
                operands.append(operand)
                continue
            assert isinstance(operand, View)
            if source not in moved:
                whole = rows[made[source]].output
                if (
                    kind == "ufunc"
                    and room is not None
                    and whole.shape == out.shape
                    and all(x == whole or result_at(x) != source for x in inputs)
                ):
                    moved[source], room = room, None
                else:
                    rooms = free.get(sizes[source])
                    moved[source] = rooms.pop() if rooms else source
            place = operand.offset - source + moved[source]
            operands.append(View(ARENA, place, operand.shape, operand.strides))
            changed = changed or place != operand.offset
        if changed:
            written[number] = Instruction(kind, function, tuple(operands), output, options, more)
        if room is not None:
            free.setdefault(sizes[out.offset], []).append(room)
    return written
