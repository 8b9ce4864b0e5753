"""A backward sweep with one wrong habit, on the same local derivatives as the right one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from visualad.autodiff.evaluate import Array, as_value
from visualad.autodiff.local import Locals
from visualad.engine.structure import Structure
from visualad.errors import GraphError
from visualad.graph.model import PARAMETER
from visualad.ops.writing import name_pretty, number_pretty

EdgeKey = tuple[str, str, str]

EARLY_UPDATE = "early update"
ASSIGN = "assign"
NO_ZEROING = "no zeroing"
NO_ZEROING_AT_ALL = "no zeroing at all"
WRONG_ORDER = "wrong order"

# Relative difference from which a number counts as wrong: sums in another order round otherwise.
_ROUNDING = 1e-10


@dataclass(frozen=True, eq=False)
class Fault:
    """The first number that goes wrong.

    Attributes:
        node: id of the node whose adjoint it is; name: its name.
        edge: (source id, target id, port) over which it came.
        event: position among the contributions, from 0.
        right, wrong: the sum at this node after the contribution.
        sentence: what happened there.
    """

    node: str
    name: str
    edge: EdgeKey
    event: int
    right: Any
    wrong: Any
    sentence: str


@dataclass(frozen=True, eq=False)
class WrongSweep:
    """What a wrong sweep left behind.

    Attributes:
        adjoints: by node number; None where a node depends on nothing.
        visits: nodes in the order in which they passed their adjoints on.
        first: the first wrong number, if it was watched for.
        updated: values of the parameters that were changed within the sweep.
    """

    adjoints: list[Array]
    visits: list[int]
    first: Fault | None
    updated: Mapping[int, Array]


def wrong_sweep(
    local: Locals,
    seeds: Mapping[int, Array],
    mistake: str,
    rate: float,
    right: Sequence[Array] | None,
) -> WrongSweep:
    """One backward sweep with a mistake; two where nothing is set to zero between them.

    Args:
        seeds: adjoints that nodes start with, by node number.
        mistake: its name.
        rate: learning rate of the early update.
        right: the right adjoints, to find the first wrong number; None not to look for it.

    Raises:
        GraphError: if there is no parameter to update early, or a node has no derivative.
    """
    structure = local.structure
    if mistake == EARLY_UPDATE and not any(n.op == PARAMETER for n in structure.nodes):
        raise GraphError(
            "The graph has no parameter that could be updated too early; open a network, or make "
            "an input a parameter."
        )
    watch = None if right is None else _Watch(local, seeds, right)
    sweep = _Sweeping(local, seeds, mistake, rate, watch)
    passes = 2 if mistake in (NO_ZEROING, NO_ZEROING_AT_ALL) and right is not None else 1
    for number in range(passes):
        sweep.begin(number)
        sweep.run()
    return WrongSweep(sweep.adjoints, sweep.visits, watch.first if watch else None, sweep.updated)


class _Sweeping:
    """A backward sweep with one wrong habit, a visit at a time."""

    def __init__(
        self,
        local: Locals,
        seeds: Mapping[int, Array],
        mistake: str,
        rate: float,
        watch: _Watch | None,
    ) -> None:
        self.local = local
        self.structure = local.structure
        self.seeds = seeds
        self.mistake = mistake
        self.rate = rate
        self.watch = watch
        self.adjoints: list[Array] = [None] * len(self.structure)
        self.visits: list[int] = []
        self.updated: dict[int, Array] = {}
        self.reaching = self.structure.reaching(tuple(seeds))

    def begin(self, number: int) -> None:
        """Set to zero what this mistake sets to zero, and seed."""
        for i, active in enumerate(self.structure.active):
            keeps = number > 0 and (
                self.mistake == NO_ZEROING_AT_ALL
                or (self.mistake == NO_ZEROING and not self.structure.sources[i])
            )
            if active and not keeps:
                self.adjoints[i] = np.zeros_like(self.local.values[i])[()]
        for i, seed in self.seeds.items():
            self.adjoints[i] = seed
        self.visits = []
        if self.watch is not None:
            self.watch.begin()

    def run(self) -> None:
        """Visit the nodes; each passes its adjoint on to its sources."""
        for i in self._order():
            self.visits.append(i)
            if self.structure.sources[i]:
                self._pass_on(i)

    def _order(self) -> Iterator[int]:
        wanted = [a and r for a, r in zip(self.structure.active, self.reaching, strict=True)]
        if self.mistake != WRONG_ORDER:
            return (i for i in range(len(self.structure) - 1, -1, -1) if wanted[i])
        return _depth_first(self.structure, tuple(self.seeds), wanted)

    def _pass_on(self, i: int) -> None:
        local = self.local
        local.require(i)
        if self.mistake == EARLY_UPDATE:
            pulled = self._pulled_after_update(i)
        else:
            pulled = local.pull(i, self.adjoints[i])
        for port, (source, part) in enumerate(zip(self.structure.sources[i], pulled, strict=True)):
            if not self.structure.active[source]:
                continue
            known = self.adjoints[source]
            self.adjoints[source] = part if self.mistake == ASSIGN else known + part
            if self.watch is not None:
                self.watch.see(i, port, self, part)

    def _pulled_after_update(self, i: int) -> list[Array]:
        """Update the parameters of node i, then ask for what it passes on."""
        pulled = self.local.pull(i, self.adjoints[i])
        structure = self.structure
        values = list(self.local.values)
        changed = False
        for source, part in zip(structure.sources[i], pulled, strict=True):
            last_use = min((target for target, _ in structure.targets[source]), default=i)
            if structure.nodes[source].op != PARAMETER or last_use != i or source in self.updated:
                continue
            gradient = self.adjoints[source] + part
            values[source] = values[source] - self.rate * gradient
            self.updated[source] = values[source]
            changed = True
        if not changed:
            return pulled
        self.local = replace(self.local, values=values, partials=self._partials_with(values, i))
        moved = self.local.pull(i, self.adjoints[i])
        # What the parameters get was found before; what the other inputs get comes too late.
        return [
            old if structure.nodes[source].op == PARAMETER else new
            for source, old, new in zip(structure.sources[i], pulled, moved, strict=True)
        ]

    def _partials_with(self, values: Sequence[Array], i: int) -> Sequence[tuple[Array, ...] | None]:
        """The local partials when node i is differentiated at other values of its inputs."""
        known, operation = self.local.partials, self.structure.operations[i]
        if known[i] is None or operation is None:
            return known
        inputs = [values[source] for source in self.structure.sources[i]]
        out, settings = self.local.values[i], self.structure.nodes[i].settings
        with np.errstate(all="ignore"):
            found = operation.local_partials(inputs, out, settings)
        again = tuple(as_value(np.broadcast_to(p, np.shape(out)), self.structure.dtype)
                      for p in found)  # fmt: skip
        return [*known[:i], again, *known[i + 1 :]]


class _Watch:
    """Compares every contribution with the right one and keeps the first that is off."""

    def __init__(self, local: Locals, seeds: Mapping[int, Array], right: Sequence[Array]) -> None:
        self.local = local
        self.seeds = seeds
        self.right = right
        self.first: Fault | None = None
        self.events = 0
        self._expected: dict[int, Array] = {}
        self._pulled: dict[int, list[Array]] = {}

    def begin(self) -> None:
        """A new pass, which should begin with zeros."""
        self._expected = dict(self.seeds)

    def see(self, target: int, port: int, sweep: _Sweeping, part: Array) -> None:
        """A contribution has arrived over the edge into `port` of `target`."""
        structure = self.local.structure
        source = structure.sources[target][port]
        if target not in self._pulled:
            self._pulled[target] = self.local.pull(target, self.right[target])
        due = self._pulled[target][port]
        known = self._expected.get(source)
        expected = due if known is None else known + due
        self._expected[source] = expected
        got = sweep.adjoints[source]
        if self.first is None and not (is_equal(part, due) and is_equal(got, expected)):
            node = structure.nodes[source]
            self.first = Fault(
                node=node.id,
                name=node.name,
                edge=structure.edge(target, port),
                event=self.events,
                right=expected,
                wrong=got,
                sentence=self._explain(sweep, target, source, part, due),
            )
        self.events += 1

    def _explain(self, sweep: _Sweeping, target: int, source: int, part: Array, due: Array) -> str:
        structure = self.local.structure
        to, over = name_pretty(structure.name(source)), name_pretty(structure.name(target))
        if sweep.mistake == ASSIGN:
            return (
                f"At {to} the contribution over {over}{_said(part)} replaces what had arrived "
                f"before, instead of being added to it."
            )
        if sweep.mistake == WRONG_ORDER:
            early, whole = sweep.adjoints[target], self.right[target]
            numbers = ""
            if np.ndim(early) == 0:
                numbers = f" while it is {number_pretty(early)}; it will be {number_pretty(whole)}"
            return (
                f"{over} passes its adjoint on{numbers or ' too early;'} when all contributions "
                f"have arrived{'' if numbers else ' it is another'}. So {to} gets "
                f"{_instead(part, due)}."
            )
        if sweep.mistake == EARLY_UPDATE:
            return (
                f"{over} has updated its parameters before it passes the gradient on: {to} gets "
                f"{_instead(part, due)}."
            )
        return (
            f"At {to} the first pass has left its number; the second adds its own{_said(part)} to "
            f"that instead of to 0."
        )


def _said(number: Array) -> str:
    return f" ({number_pretty(number)})" if np.ndim(number) == 0 else ""


def _instead(got: Array, due: Array) -> str:
    if np.ndim(due) == 0:
        return f"{number_pretty(got)} instead of {number_pretty(due)}"
    off = float(np.max(np.abs(np.asarray(got) - np.asarray(due))))
    return f"numbers that are off by up to {number_pretty(off, 3)}"


def _depth_first(
    structure: Structure, starts: Sequence[int], wanted: Sequence[bool]
) -> Iterator[int]:
    """Nodes as a recursive program meets them that visits each once, output first."""
    seen: set[int] = set()
    stack = list(reversed(starts))
    while stack:
        i = stack.pop()
        if i in seen or not wanted[i]:
            continue
        seen.add(i)
        yield i
        stack.extend(reversed(structure.sources[i]))


def is_equal(a: Array, b: Array) -> bool:
    """Whether two numbers or arrays are the same up to rounding."""
    with np.errstate(all="ignore"):
        scale = max(1e-300, float(np.max(np.abs(b), initial=0.0)))
        return bool(np.allclose(a, b, rtol=_ROUNDING, atol=_ROUNDING * scale, equal_nan=True))
