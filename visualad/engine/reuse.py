"""Results that nobody asks for share memory: what is used next then still lies in the cache."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence

from visualad.engine.plan import ARENA, Instruction, Operand, View


def share_memory(rows: Sequence[Instruction], kept: Iterable[Operand]) -> list[Instruction]:
    """The rows with other places in the arena for intermediate results.

    A place is free before what stays there is computed, and again after what is there has been
    read for the last time. An elementwise row writes over an operand that it reads last.

    Args:
        kept: what stays where it is.
    """
    if not all(all(row.output.shape) for row in rows):
        return list(rows)  # what is empty has no place of its own
    made = {row.output.offset: row for row in rows if row.output.region == ARENA}
    starts = sorted(made)
    sizes = {start: math.prod(row.output.shape) for start, row in made.items()}

    def result_at(operand: Operand) -> int | None:
        """Where the result begins that an operand looks at; None for what is no result."""
        if type(operand) is not View or operand.region != ARENA:
            return None
        offset = operand.offset
        if offset in made:
            return offset
        before = bisect_right(starts, offset) - 1
        found = starts[before] if before >= 0 else offset
        return found if before >= 0 and offset < found + sizes[found] else None

    # Where results lie now. Those of one call stay together.
    moved = {at: at for at in map(result_at, kept) if at is not None}
    moved |= {start: start for start, row in made.items() if row.more_outputs}
    free: dict[int, list[int]] = {}  # places by size
    written = list(rows)
    # From the end: a result is met at its last reader first, and where it is made last.
    for number in range(len(rows) - 1, -1, -1):
        kind, function, inputs, out, options, more = rows[number]
        room = moved.get(out.offset, out.offset) if out.region == ARENA and not more else None
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
                whole = made[source].output
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
