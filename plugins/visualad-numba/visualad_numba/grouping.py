"""Flat rows that follow each other become groups, which run block by block in the cache."""

from __future__ import annotations

from collections.abc import Sequence

from visualad_numba import opcodes as o

Row = list[int]

SHORTEST = 4096  # numbers; below, everything is in the cache anyway


def group(rows: Sequence[Row], start: int, stop: int) -> None:
    """Mark the groups among some rows."""
    first = start
    while first < stop:
        last = first + 1
        count = rows[first][o.COUNT]
        if _fits(rows[first], count) and count >= SHORTEST:
            while last < stop and _fits(rows[last], count):
                last += 1
            rows[first][o.GROUP] = last - first
        first = last


def _fits(row: Row, count: int) -> bool:
    if row[o.KIND] == o.CALLED:
        strides = row[o.STRIDES : o.STRIDES + row[o.FORM]]
        return row[o.COUNT] == count and all(stride in {0, 1} for stride in strides)
    return row[o.KIND] == o.FLAT and row[o.COUNT] == count


def elide(
    rows: Sequence[Row], start: int, stop: int, kept: Sequence[tuple[int, int]], size: int
) -> int:
    """Results that only their own group reads get room for one block.

    Args:
        kept: offset and length of what has to stay whole.
        size: of the memory so far.

    Returns:
        The size of the memory with the rooms.
    """
    first = start
    while first < stop:
        count = rows[first][o.GROUP] if rows[first][o.KIND] in {o.FLAT, o.CALLED} else 0
        if count > 1:
            last = first + count
            outside = [*rows[start:first], *rows[last:stop]]
            size = _elide_in(rows[first:last], outside, kept, size)
        first += max(1, count)
    return size


def _elide_in(
    rows: Sequence[Row], outside: Sequence[Row], kept: Sequence[tuple[int, int]], size: int
) -> int:
    length = rows[0][o.COUNT]
    last_read = {row[x]: number for number, row in enumerate(rows) for x, _ in _operands(row)}
    made = {row[x] for row in rows for x, _ in _results(row)}
    bound = {row[column] for row in outside for column in _columns(row)}
    for row in rows:
        if row[o.KIND] == o.CALLED:
            bound |= {row[x] for x, moves in _operands(row) if row[moves] == 0}
        elif row[o.FORM] == o.WITH_NUMBER:
            bound.add(row[o.Y])
    temporary = {
        out
        for out in made
        if not any(out < start + n and start < out + length for start, n in kept)
        and not any(out <= at < out + length for at in bound)
        and not any(out < at < out + length for at in last_read)
    }
    free: list[int] = []
    rooms: dict[int, int] = {}
    for number, row in enumerate(rows):
        ending = set()
        for column, stride in _operands(row):
            at = row[column]
            if at in rooms:
                row[column], row[stride] = rooms[at], 0
                if last_read[at] == number:
                    ending.add(at)
        for column, stride in _results(row):
            at = row[column]
            if at in temporary:
                if not free:
                    free.append(size)
                    size += o.BLOCK
                rooms[at] = free.pop()
                row[column], row[stride] = rooms[at], 0
        # Only after the result has its room: a row may not write where it reads.
        free += [rooms.pop(at) for at in ending]
    return size


def _columns(row: Row) -> Sequence[int]:
    """Columns that say where something lies."""
    if row[o.KIND] == o.CALLED:
        return range(o.PLACES, o.PLACES + row[o.FORM])
    return (o.OUT, o.X, o.Y, o.Z)


def _operands(row: Row) -> list[tuple[int, int]]:
    """Columns of the operands that move on with the block, and of how far."""
    if row[o.KIND] == o.CALLED:
        count = row[o.FORM] - row[o.RESULTS]
        return [(o.PLACES + k, o.MOVES + k) for k in range(count)]
    columns = [(o.X, o.STRIDE_X), (o.Y, o.STRIDE_Y), (o.Z, o.STRIDE_Z)]
    count = {o.TWO_OPERANDS: 2, o.THREE_OPERANDS: 3}.get(row[o.FORM], 1)
    return columns[:count]


def _results(row: Row) -> list[tuple[int, int]]:
    """Columns of the results, and of how far they move on with the block."""
    if row[o.KIND] == o.CALLED:
        first = row[o.FORM] - row[o.RESULTS]
        return [(o.PLACES + k, o.MOVES + k) for k in range(first, row[o.FORM])]
    columns = [(o.OUT, o.STRIDE_OUT), (o.Y, o.STRIDE_Y)]
    return columns[: 2 if row[o.FORM] == o.TWO_RESULTS else 1]
