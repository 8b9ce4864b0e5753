"""Jacobian blocks: the partial on an edge when its nodes hold arrays.

A block is a scalar (both nodes hold one number), a `Diagonal` (elementwise between arrays of one
shape) or a dense matrix with one row per element of the target and one column per element of the
source.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from visualad.errors import ShapeError

LARGEST = 20_000_000  # numbers in one dense block: 160 MB


@dataclass(frozen=True, eq=False)
class Diagonal:
    """A diagonal block. `entries` has shape (n,); None where only costs are wanted."""

    entries: Any
    ndim = 2

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return len(self.entries), len(self.entries)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        matrix = np.diag(self.entries)
        return matrix if dtype is None else matrix.astype(dtype)


Block = Any  # a NumPy scalar, a Diagonal or a two-dimensional array


def multiply(left: Block, right: Block) -> Block:
    """The product of two blocks; `left` belongs to the later edge of the path."""
    if isinstance(left, Diagonal):
        if isinstance(right, Diagonal):
            return Diagonal(left.entries * right.entries)
        return left.entries[:, None] * right
    if isinstance(right, Diagonal):
        return left * right.entries
    if np.ndim(left) == 0 or np.ndim(right) == 0:
        return left * right
    return left @ right


def add(left: Block, right: Block) -> Block:
    """The sum of two parallel blocks."""
    if isinstance(left, Diagonal) and isinstance(right, Diagonal):
        return Diagonal(left.entries + right.entries)
    if isinstance(left, Diagonal) or isinstance(right, Diagonal):
        return np.asarray(left) + np.asarray(right)
    return left + right


def dense(block: Block) -> Any:
    """The block as a two-dimensional array."""
    return np.atleast_2d(np.asarray(block))


def elementwise_block(partial: Any, source: Any, target: Any) -> Block:
    """The block of an elementwise operation.

    Args:
        partial: the local partial, of the target's shape.
        source, target: the values at both ends of the edge, for their shapes.
    """
    rows, columns = np.size(target), np.size(source)
    if rows == columns == 1:
        return np.reshape(partial, ())[()]
    if np.shape(source) == np.shape(target):
        return Diagonal(np.ravel(partial))
    check_size(rows, columns)
    place = np.broadcast_to(np.arange(columns).reshape(np.shape(source)), np.shape(target))
    block = np.zeros((rows, columns), dtype=np.asarray(partial).dtype)
    block[np.arange(rows), place.ravel()] = np.ravel(partial)
    return block


def check_size(rows: int, columns: int) -> None:
    """Refuse a block that would not fit into memory.

    Raises:
        ShapeError: if it has more than `LARGEST` numbers.
    """
    if rows * columns > LARGEST:
        raise ShapeError(
            f"A Jacobian block of {rows} x {columns} numbers is too large to be stored; use "
            f"backward mode or a smaller batch."
        )
