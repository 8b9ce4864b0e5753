"""What the game of cross mode says: hints, how good an order is, what an edge would multiply."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from visualad.ops.writing import name_pretty

if TYPE_CHECKING:
    from visualad.autodiff.edge_search import Program
    from visualad.autodiff.moves import EdgeMove
    from visualad.autodiff.orders import Order
    from visualad.autodiff.scores import Hint, Score


def hint_words(score: Score | None) -> str:
    """What to do next and why, in words."""
    if score is None:
        return "The best continuation is being looked for."
    hint = score.hint
    if hint is None:
        return f"Nothing is left to eliminate: {int(score.played)} multiplications in all."
    if hint.edge is not None:
        return _edge_hint_words(hint)
    name = name_pretty(hint.vertex)
    product = f"{hint.into} × {hint.out}"
    products = f"{hint.cost} multiplication{'' if hint.cost == 1 else 's'}"
    counted = "" if hint.into * hint.out == hint.cost else " that count"
    words = f"{name}: {product} edges, {products}{counted} now and {hint.total} in all"
    words += ", the fewest possible from here." if hint.proven else ", the best found from here."
    if hint.cheapest:
        other = name_pretty(hint.cheapest)
        words += (
            f" {other} costs only {hint.cheapest_cost} now, but leads to {hint.cheapest_total}."
        )
    elif hint.into and hint.out:
        words += " No vertex costs less at this moment."
    return words


def _edge_hint_words(hint: Hint) -> str:
    products = f"{hint.cost} multiplication{'' if hint.cost == 1 else 's'}"
    end = ", the fewest possible from here." if hint.proven else ", the best found from here."
    return f"{name_pretty(str(hint.edge))}: {products} now and {hint.total} in all{end}"


def move_words(move: EdgeMove, joined: Sequence[tuple[str, str]], cost: int) -> str:
    """What eliminating an edge multiplies and costs: for the one who points at it."""
    edge = name_pretty(f"{move.source}→{move.target}")
    others = ", ".join(name_pretty(f"{source}→{target}") for source, target in joined[:4])
    others += f" and {len(joined) - 4} more" if len(joined) > 4 else ""
    products = f"{cost} multiplication{'' if cost == 1 else 's'}"
    return f"{move.end.capitalize()} of {edge}: times {others}, {products}"


def program_words(program: Program) -> str:
    """The best elimination by edges in words."""
    cost = int(program.cost)
    if program.proven:
        return f"By edges {cost}, proven optimal: every other elimination was ruled out."
    return f"By edges {cost} is the best found; no lower bound is known for edges."


def standing_words(order: Order | None) -> str:
    """Whether an order is the best there is, or how far it may be from that."""
    if order is None:
        return ""
    cost, bound = int(order.cost), order.lower_bound
    if order.proven_optimal:
        if order.method == "dynamic programming":
            return "proven optimal: every other order was ruled out"
        return "proven optimal: it reaches the lower bound"
    if not bound:
        return "the best found; no lower bound is known for this way of counting"
    share = round(100 * (cost - bound) / bound)
    return (
        f"the best found; no order needs fewer than {bound}, so it is at most {cost - bound} "
        f"({share} %) above the optimum"
    )


def verdict(mine: int, best: Order | None, program: Program | None) -> str:
    """How good a finished elimination was."""
    if best is None:
        return f"{mine} multiplications"
    known = int(best.cost)
    if program is not None and int(program.cost) < known:
        return f"{mine} multiplications, {_beside_both(mine, known, program)}"
    if mine < known:
        return f"{mine} multiplications, fewer than any order known before"
    if mine > known:
        return f"{mine} multiplications, {mine - known} more than the best known"
    proof = "which is optimal" if best.proven_optimal else "as few as the best known"
    return f"{mine} multiplications, {proof}"


def _beside_both(mine: int, known: int, program: Program) -> str:
    """How many that is where edges can do better than vertices."""
    least = int(program.cost)
    if mine < least:
        return "fewer than any elimination known before"
    if mine == least:
        return "optimal by edges" if program.proven else "as few as the best known by edges"
    more = "more" if mine > known else "fewer"
    beside = "as few as" if mine == known else f"{abs(mine - known)} {more} than"
    return f"{beside} the best known order; by edges {least} are enough"


def merging_words(score: Score | None, *, on: bool) -> str:
    """What the switch for equal subexpressions does, and what that saves."""
    if on:
        return "Equal subexpressions are one node now; a click, or Undo, draws them apart again"
    words = "Draws equal subexpressions as one node and begins anew; Undo draws them apart again"
    if score is None or not score.merged:
        return words
    apart, merged = (int(orders["best"].cost) for orders in (score.orders, score.merged))
    return f"{words}. The best order known takes {merged} multiplications then instead of {apart}"
