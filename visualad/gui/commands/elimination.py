"""Commands of cross mode played by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from visualad.autodiff.moves import EdgeMove
from visualad.gui.commands.declaration import Command, has_nodes
from visualad.gui.elimination_game import EliminationGame, elimination_game
from visualad.ops.writing import name_pretty

if TYPE_CHECKING:
    from visualad.gui.main_window import MainWindow

MENU = "Differentiate/Eliminate by Hand"


def game(window: MainWindow) -> EliminationGame:
    """The game of the window's session."""
    return elimination_game(window.session)


def _chosen(window: MainWindow) -> str:
    """The name of the selected vertex if it can be eliminated, or ""."""
    chosen = window.session.selected_nodes
    if window.session.mode != "cross" or len(chosen) != 1:
        return ""
    (node,) = chosen
    nodes = window.document.graph.nodes_by_id
    name = nodes[node].name if node in nodes else ""
    return name if name in game(window).left else ""


def _eliminate_title(window: MainWindow) -> str:
    name = _chosen(window)
    return f"Eliminate {name_pretty(name)}" if name else "Eliminate the Selected Node"


def _toggle(window: MainWindow) -> None:
    game(window).toggle()
    if game(window).is_on:
        window.docks.raise_("elimination")


def _eliminate(window: MainWindow) -> None:
    game(window).eliminate(_chosen(window))


def _chosen_edge(window: MainWindow, *, front: bool) -> EdgeMove | None:
    """The elimination of the selected edge at this end, if it is possible."""
    chosen = window.session.selected_edges
    if len(chosen) != 1:
        return None
    ((source, target, _),) = chosen
    move = game(window).move_of(source, target, near_head=front)
    return move if move is not None and move.front == front else None


def _eliminate_edge(window: MainWindow, *, front: bool) -> None:
    move = _chosen_edge(window, front=front)
    if move is not None:
        game(window).eliminate(move)


def _hint(window: MainWindow) -> None:
    window.docks.raise_("elimination")
    game(window).show_hint()


def _search(window: MainWindow) -> None:
    window.docks.raise_("elimination")
    game(window).search()


def _is_on(window: MainWindow) -> bool:
    return game(window).is_on


ELIMINATION = (
    Command(
        "cross.play",
        "Eliminate by Hand",
        _toggle,
        MENU,
        ("G",),
        "",
        has_nodes,
        _is_on,
        tip="A game: click the inner nodes in an order of your own and count the products.",
        section=1,
    ),
    Command(
        "cross.eliminate",
        "Eliminate the Selected Node",
        _eliminate,
        MENU,
        ("E",),
        "",
        lambda w: bool(_chosen(w)),
        named=_eliminate_title,
        tip="Multiply its edges in by its edges out; in cross mode.",
        section=1,
    ),
    Command(
        "cross.edges",
        "Edges Too, at Front or Back",
        lambda w: game(w).set_edges(not game(w).edges),
        MENU,
        (),
        "",
        has_nodes,
        lambda w: game(w).edges,
        tip="A click near an edge's head multiplies it with the edges out of its target, near its "
        "tail with those into its source.",
        section=1,
    ),
    Command(
        "cross.front",
        "Eliminate the Selected Edge at Its Front",
        lambda w: _eliminate_edge(w, front=True),
        MENU,
        (),
        "",
        lambda w: _chosen_edge(w, front=True) is not None,
        tip="Multiply it with every edge out of its target.",
        section=1,
    ),
    Command(
        "cross.back",
        "Eliminate the Selected Edge at Its Back",
        lambda w: _eliminate_edge(w, front=False),
        MENU,
        (),
        "",
        lambda w: _chosen_edge(w, front=False) is not None,
        tip="Multiply it with every edge into its source.",
        section=1,
    ),
    Command(
        "cross.take_back",
        "Take Back an Elimination",
        lambda w: game(w).take_back(),
        MENU,
        (),
        "undo",
        lambda w: bool(game(w).played),
        tip="Undo does it too, when it was the last thing you did.",
        section=1,
    ),
    Command(
        "cross.restart",
        "Start Again",
        lambda w: game(w).restart(),
        MENU,
        (),
        "reset",
        lambda w: bool(game(w).played),
        section=1,
    ),
    Command(
        "cross.hint",
        "Hint",
        _hint,
        MENU,
        ("H",),
        "help",
        lambda w: w.session.mode == "cross",
        tip="Which node the best continuation eliminates next, and why.",
        section=1,
    ),
    Command(
        "cross.race",
        "Race the Best Order",
        lambda w: game(w).set_racing(not game(w).racing),
        MENU,
        (),
        "",
        checked=lambda w: game(w).racing,
        tip="Each of your eliminations is followed by one of the best order.",
        section=1,
    ),
    Command(
        "cross.search",
        "Find the Best Order",
        _search,
        MENU,
        (),
        "search",
        lambda w: has_nodes(w) and game(w).searched is None,
        tip="Look for ten seconds; the best order so far is always at hand.",
        section=1,
    ),
    Command(
        "cross.stop_search",
        "Stop Finding",
        lambda w: game(w).stop_search(),
        MENU,
        (),
        "stop",
        lambda w: game(w).searched is not None,
        section=1,
    ),
    Command(
        "cross.show_best",
        "Best Order Known",
        lambda w: game(w).show_best(),
        "Differentiate/Elimination Order",
        (),
        "",
        has_nodes,
        lambda w: game(w).shows_best,
        tip="The order of fewest multiplications that has been found for this graph.",
        section=1,
    ),
    Command(
        "cross.merge",
        "Merge Equal Subexpressions",
        lambda w: game(w).set_merged(not game(w).merging.is_on),
        MENU,
        (),
        "",
        lambda w: game(w).can_merge,
        lambda w: game(w).merging.is_on,
        tip="Draws equal subexpressions as one node, for fewer products; Undo draws them apart.",
        section=1,
    ),
    Command(
        "cross.free_units",
        "Unit Edges Are Free",
        lambda w: game(w).set_free_units(not game(w).free_units),
        MENU,
        checked=lambda w: game(w).free_units,
        tip="Products with an edge whose partial is always 1 or −1 are not counted.",
        section=1,
    ),
)
