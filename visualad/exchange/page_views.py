"""Which derivatives the web page offers to choose from: seeds of two modes, orders of the third.

What was wished for comes first; then each input, all inputs at once and each output; then the
orders. They are offered as long as the page stays small enough for a browser.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from visualad.autodiff.orders import METHODS, elimination_order
from visualad.autodiff.steps import BACKWARD, CROSS, FORWARD, MODES, Sweep
from visualad.autodiff.sweeps import Seed, sweep
from visualad.errors import VisualADError
from visualad.exchange.trace_table import OrderWish
from visualad.graph.model import Graph
from visualad.ops.writing import name_pretty, number_text

MOST_STEPS = 1200  # of all views together, beyond the first of each mode; about 4 MB
MOST_SEEDS = 40  # of a mode; a longer list nobody reads
MOST_SEARCHED = 120  # vertices for which the best order is looked for
SEARCH = 0.3  # effort of that, see `elimination_order`
ALL = "all"
_ORDERS = {
    "backward": "backward order",
    "forward": "forward order",
    "markowitz": "smallest Markowitz degree first",
    "best": "best order found",
}


@dataclass(frozen=True)
class Offer:
    """A derivative that can be chosen.

    Attributes:
        words: what it is called in the list.
        found: its sweep.
    """

    words: str
    found: Sweep


@dataclass(frozen=True)
class Offers:
    """All derivatives of a page.

    Attributes:
        by_mode: in the order of the list, the one shown first at the front; modes without any are
            left out.
        left_out: how many more there would be, by mode.
        refused: why a mode has none.
    """

    by_mode: Mapping[str, tuple[Offer, ...]]
    left_out: Mapping[str, int]
    refused: Mapping[str, VisualADError]


def offers(
    graph: Graph,
    mode: str | None = None,
    order: OrderWish = "backward",
    seed: Seed = None,
    *,
    complete: bool = True,
) -> Offers:
    """What the page of a graph offers.

    Args:
        mode: that a seed belongs to.
        order: of cross mode, shown first there.
        seed: shown first in its mode; see `sweep`.
        complete: whether the order has to name every vertex.

    Raises:
        VisualADError: if the mode, the seed or the order that was asked for is not possible.
    """
    found: dict[str, tuple[Offer, ...]] = {}
    left_out: dict[str, int] = {}
    refused: dict[str, VisualADError] = {}
    room = MOST_STEPS
    for one in MODES:
        wished = seed if one == mode else None
        try:
            # The first must be possible; what else is offered may fail, for example at an output
            # that depends on a node that has no value.
            if one == CROSS:
                first = sweep(graph, mode=CROSS, order=order, complete=complete)
                words = _order_words(graph, order, first)
                further = _orders(graph, order, first)
            else:
                first = sweep(graph, mode=one, seed=wished)
                words = _seed_words(graph, one, wished, first)
                further = _seeds(graph, one, wished)
        except VisualADError as error:
            refused[one] = error
            continue
        kept = [Offer(words, first)]
        missing = 0
        for name, make in further:
            if len(kept) >= MOST_SEEDS or room < len(first):
                missing += 1
                continue
            try:
                next_ = sweep(graph, mode=one, **make)
            except VisualADError:
                continue
            if one == CROSS:
                same = next((o for o in kept if o.found.order == next_.order), None)
                if same is not None:
                    kept[kept.index(same)] = Offer(_both(same.words, name), same.found)
                    continue
            room -= len(next_)
            kept.append(Offer(_with_cost(name, next_) if one == CROSS else name, next_))
        found[one], left_out[one] = tuple(kept), missing
    if mode is not None and mode in refused:
        raise refused[mode]
    if not found:
        raise next(iter(refused.values()))
    return Offers(found, left_out, refused)


# Seeds ----------------------------------------------------------------------------------------


def _seeds(graph: Graph, mode: str, wished: Seed) -> Iterator[tuple[str, dict[str, Any]]]:
    """The seeds that are offered after the first: their words and the arguments of `sweep`."""
    names = graph.independents if mode == FORWARD else graph.outputs
    taken = wished if wished is not None else next(iter(names), None)
    for name in names:
        if name != taken:
            yield name_pretty(name), {"seed": name}
    if mode == FORWARD and len(names) > 1 and wished != ALL and ALL not in graph:
        yield _all_words(), {"seed": ALL}


def _all_words() -> str:
    return "all inputs, as columns"


def _seed_words(graph: Graph, mode: str, wished: Seed, found: Sweep) -> str:
    names = graph.independents if mode == FORWARD else graph.outputs
    if wished is None:
        # The first output that has a value: the sweep itself says which.
        name = next(iter(names)) if mode == FORWARD else _seeded_output(graph, found)
        return name_pretty(name)
    if wished == ALL and ALL not in graph:
        return _all_words()
    if isinstance(wished, str):
        return name_pretty(wished)
    kind = "direction" if mode == FORWARD else "weights"
    parts = ", ".join(
        f"{name_pretty(name)}: {number_text(value).replace('-', '−')}"
        for name, value in wished.items()
    )
    return f"{kind} {parts}"


def _seeded_output(graph: Graph, found: Sweep) -> str:
    return next((name for name in graph.outputs if name in found.adjoints), graph.outputs[0])


# Orders ---------------------------------------------------------------------------------------


def _orders(graph: Graph, wished: OrderWish, first: Sweep) -> Iterator[tuple[str, dict[str, Any]]]:
    count = len(first.order) + len(first.left)
    if not count:
        return
    words: str
    order: OrderWish
    for method in METHODS[::-1] if count <= MOST_SEARCHED else METHODS[:-1]:
        if method != wished:
            words, order = _ORDERS[method], method
            if method == "best":
                best = elimination_order(graph, "best", seconds=SEARCH)
                words, order = f"{words}, {best.standing}", best.vertices
            yield words, {"order": order}


def _order_words(graph: Graph, wished: OrderWish, found: Sweep) -> str:
    if not found.order and not found.left:
        return "no vertex to eliminate"
    if isinstance(wished, str):
        return _with_cost(_ORDERS[wished], found)
    kind = "order by hand" if not found.left else f"by hand, {len(found.left)} vertices left"
    return _with_cost(kind, found)


def _with_cost(words: str, found: Sweep) -> str:
    return f"{words}: {found.cost.multiplications} mul"


def _both(words: str, name: str) -> str:
    """Two orders that turned out to be one."""
    names, _, count = words.rpartition(":")
    return f"{names} = {name}:{count}"


def shown_first(offered: Offers) -> str:
    """The mode that a page begins with when none was asked for."""
    return BACKWARD if BACKWARD in offered.by_mode else next(iter(offered.by_mode))


def count_left_out(offered: Offers, mode: str) -> str:
    """The sentence on what the list of a mode does not hold, "" for nothing."""
    number = offered.left_out.get(mode, 0)
    return f"{number} more: not on this page, for its size" if number else ""
