"""Results that nobody asks for share memory: what is used next then still lies in the cache."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterable, Sequence

from visualad.engine.plan import ARENA, GRADIENTS, Instruction, Operand, View

Place = tuple[str, int]  # region and offset


def share_memory(
    rows: Sequence[Instruction], kept: Iterable[Operand], backward: int
) -> list[Instruction]:
    """The rows with other places for intermediate results.

    A place is free before what stays there is computed, and again after what is there has been
    read for the last time. An elementwise row writes over an operand that it reads last.

    Args:
        kept: what stays where it is.
        backward: number of the first row that is not run for the values alone; the rows before
            leave the gradients as they are.
    """
    results = _Results(rows)
    if not results.are_apart:
        return list(rows)
    staying = {results.holding(operand) for operand in kept}
    moved: dict[Place, Place] = {}
    free: dict[int, list[Place]] = {}  # by size
    written = list(rows)
    # From the end: a result is met at its last reader first, and where it is made last.
    for number in range(len(rows) - 1, -1, -1):
        row = rows[number]
        out = row.output
        place = moved.get(out[:2], out[:2])
        room: Place | None = None if row.more_outputs or place[0] not in results.starts else place
        sources = [results.holding(operand) for operand in row.inputs]
        for source in sources:
            if source is None or source in moved or source[0] != ARENA:
                continue
            maker = rows[results.made[source]]
            if source in staying or maker.more_outputs:
                moved[source] = source
                continue
            whole = maker.output
            if (
                room is not None
                and row.kind == "ufunc"
                and whole.shape == out.shape
                and (room[0] == ARENA or results.made[source] >= backward)
                and all(
                    x == whole
                    for x, other in zip(row.inputs, sources, strict=True)
                    if other == source
                )
            ):
                moved[source], room = room, None
            else:
                rooms = free.get(math.prod(whole.shape))
                moved[source] = rooms.pop() if rooms else source
        inputs = [
            x if source is None else _moved(x, source, moved.get(source, source))
            for x, source in zip(row.inputs, sources, strict=True)
        ]
        output = View(*place, out.shape, out.strides)
        written[number] = row._replace(inputs=tuple(inputs), output=output)
        if room is not None and room[0] == ARENA:
            free.setdefault(math.prod(out.shape), []).append(room)
    return written


class _Results:
    """Where the rows leave their results.

    Attributes:
        made: by place the number of the row.
        starts: offsets in order, of the regions that hold numbers.
        are_apart: every result has a place of its own.
    """

    def __init__(self, rows: Sequence[Instruction]) -> None:
        self.made: dict[Place, int] = {row.output[:2]: i for i, row in enumerate(rows)}
        self.are_apart = len(self.made) == len(rows) and all(all(r.output.shape) for r in rows)
        self._ends = {row.output[:2]: row.output.offset + _size(row.output) for row in rows}
        self.starts: dict[str, list[int]] = {ARENA: [], GRADIENTS: []}
        for region, offset in sorted(self.made):
            if region in self.starts:
                self.starts[region].append(offset)

    def holding(self, operand: Operand) -> Place | None:
        """The place of the result that an operand looks at; None for leaves and constants."""
        if not isinstance(operand, View):
            return None
        place = operand[:2]
        if place in self.made:
            return place
        starts = self.starts.get(operand.region, [])
        before = bisect_right(starts, operand.offset) - 1
        if before < 0:
            return None
        place = operand.region, starts[before]
        return place if operand.offset < self._ends[place] else None


def _size(view: View) -> int:
    return math.prod(view.shape)


def _moved(operand: Operand, source: Place, place: Place) -> Operand:
    """A view of a result at the place where that lies now."""
    assert isinstance(operand, View)
    return View(place[0], operand.offset - source[1] + place[1], operand.shape, operand.strides)
