"""Sequences and mappings whose items are made when they are looked at.

A sweep over 100,000 nodes has numbers for all of them and a derivation for the few on screen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar, overload

Item = TypeVar("Item")
Key = TypeVar("Key")

# Up to this many items are made before they are sent to another process, which then needs
# nothing (no plugin for instance) to read them.
SENT_READY = 2_000


class Method:
    """A method of an object, as it is sent: a reader that trusts few names knows this one."""

    def __init__(self, owner: Any, name: str) -> None:
        self.owner, self.name = owner, name

    def __call__(self, *arguments: Any) -> Any:
        """Call it."""
        return getattr(self.owner, self.name)(*arguments)


def _sendable(make: Callable[..., Any]) -> Callable[..., Any]:
    owner = getattr(make, "__self__", None)
    return make if owner is None else Method(owner, make.__name__)


class LazySequence(Sequence[Item]):
    """A sequence of `length` items made by `make(index)`; each is made once."""

    def __init__(self, length: int, make: Callable[[int], Item]) -> None:
        self._length = length
        self._make = make
        self._made: dict[int, Item] = {}

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, index: int) -> Item: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Item]: ...
    def __getitem__(self, index: int | slice) -> Item | Sequence[Item]:
        if isinstance(index, slice):
            return tuple(self[i] for i in range(*index.indices(self._length)))
        position = index + self._length if index < 0 else index
        if not 0 <= position < self._length:
            raise IndexError(f"there are {self._length} items, so none at {index}")
        if position not in self._made:
            self._made[position] = self._make(position)
        return self._made[position]

    def __iter__(self) -> Iterator[Item]:
        return (self[i] for i in range(self._length))

    def __repr__(self) -> str:
        return f"<{self._length} items made on demand>"

    def __reduce__(self) -> tuple[Any, ...]:
        if self._length <= SENT_READY:
            return tuple, (tuple(self),)
        return LazySequence, (self._length, _sendable(self._make))


class LazyMapping(Mapping[Key, Item]):
    """A mapping over known keys whose items are made by `make(key)`; each is made once."""

    def __init__(self, keys: Callable[[], Sequence[Key]], make: Callable[[Key], Item]) -> None:
        self._find_keys = keys
        self._make = make
        self._keys: dict[Key, None] | None = None
        self._made: dict[Key, Item] = {}

    def _known(self) -> dict[Key, None]:
        if self._keys is None:
            self._keys = dict.fromkeys(self._find_keys())
        return self._keys

    def __len__(self) -> int:
        return len(self._known())

    def __iter__(self) -> Iterator[Key]:
        return iter(self._known())

    def __contains__(self, key: object) -> bool:
        return key in self._known()

    def __getitem__(self, key: Key) -> Item:
        if key not in self._made:
            if key not in self._known():
                raise KeyError(key)
            self._made[key] = self._make(key)
        return self._made[key]

    def __repr__(self) -> str:
        return f"<{len(self)} items made on demand>"

    def __reduce__(self) -> tuple[Any, ...]:
        if len(self) <= SENT_READY:
            return dict, (dict(self),)
        return LazyMapping, (_sendable(self._find_keys), _sendable(self._make))


class LateMapping(Mapping[Key, Item]):
    """A mapping that is made as a whole when it is first looked at.

    A large one is sent to another process as what it is made from; `size` is about how large.
    """

    def __init__(self, make: Callable[[], Mapping[Key, Item]], size: int = 0) -> None:
        self._make = make
        self._size = size
        self._made: Mapping[Key, Item] | None = None

    def _known(self) -> Mapping[Key, Item]:
        if self._made is None:
            self._made = self._make()
        return self._made

    def __len__(self) -> int:
        return len(self._known())

    def __iter__(self) -> Iterator[Key]:
        return iter(self._known())

    def __contains__(self, key: object) -> bool:
        return key in self._known()

    def __getitem__(self, key: Key) -> Item:
        return self._known()[key]

    def __repr__(self) -> str:
        return repr(self._known())

    def __reduce__(self) -> tuple[Any, ...]:
        if self._size > SENT_READY:
            return LateMapping, (_sendable(self._make), self._size)
        return dict, (dict(self._known()),)
