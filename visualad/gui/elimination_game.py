"""Cross mode as a game: vertices are eliminated by hand, and compared with what others need."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QObject, Signal

from visualad.autodiff.moves import EdgeMove, Move
from visualad.graph.model import Graph
from visualad.gui.elimination_merging import Merging
from visualad.gui.elimination_words import hint_words
from visualad.gui.questions import Kernel, Question, same_counting, same_structure
from visualad.gui.session import MOST_COMPARED, Session
from visualad.kernel.messages import (
    Failed,
    OrderFound,
    OrderProgress,
    Reply,
    Scored,
    ScoreElimination,
    SearchOrder,
)

if TYPE_CHECKING:
    from visualad.autodiff.orders import Order
    from visualad.autodiff.scores import Score

CROSS = "cross"
SEARCH_SECONDS = 10.0


class EliminationGame(QObject):
    """The game of one session; it is on while cross mode shows an order that is not complete.

    Attributes:
        score: how it stands, or None until the kernel has said so.
        hint: what to do next and why, in words; "" until asked for.
        free_units: whether products with a constant partial 1 or -1 are free in all scores.
        edges: whether single edges can be eliminated too, at their front or back.
        merging: makes equal subexpressions one node.
        racing: whether the best order runs beside.
        found: the best order that a search of its own has found, or None.
        searched: share of the search that is done; None while there is no search.

    Signals:
        changed: any of this, or the eliminations.
    """

    changed = Signal()

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.setObjectName("elimination_game")
        self._session = session
        self.score: Score | None = None
        self.hint = ""
        self.free_units = False
        self.edges = False
        self.merging = Merging(session.document)
        self.racing = False
        self.found: Order | None = None
        self.searched: float | None = None
        self.best_so_far = 0
        self._taken_back: list[Move] = []
        self._graphs: list[Graph] = []  # at each elimination, to know what was done last
        self._length = 0  # of the sweep seen last
        self._to_show = False  # the best order, as soon as it is known
        self._viewers: set[str] = set()
        self._scored: tuple[Graph, tuple[Move, ...], bool, bool] | None = None
        self._search: int | None = None
        # The session can ask and forget, which is all that a question needs.
        self._question = Question(cast(Kernel, session), self._take_score)
        session.sweep_changed.connect(self._follow_sweep)
        session.mode_changed.connect(self._follow)
        session.document.graph_changed.connect(self._follow_graph)

    # What is played ---------------------------------------------------------------------------

    @property
    def is_on(self) -> bool:
        """Whether vertices and edges are eliminated by hand."""
        return self._session.mode == CROSS and not self._session.complete

    @property
    def played(self) -> tuple[Move, ...]:
        """The vertices (by name) and edges eliminated so far, in order."""
        order = self._session.order
        return order if self.is_on and not isinstance(order, str) else ()

    @property
    def left(self) -> tuple[str, ...]:
        """Names of the vertices that may be eliminated now."""
        sweep = self._session.sweep
        if sweep is None or sweep.mode != CROSS:
            return ()
        gone = set(self.played if self.is_on else self._film_so_far())
        vertices = (move for move in sweep.order if isinstance(move, str))
        return tuple(name for name in (*vertices, *sweep.left) if name not in gone)

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to eliminate."""
        return self.is_on and self._session.sweep is not None and not self.left

    def offers(self, node: str) -> bool:
        """Whether a click eliminates the node with this id."""
        nodes = self._session.document.graph.nodes_by_id
        return self.is_on and node in nodes and nodes[node].name in self.left

    def move_of(self, source: str, target: str, *, near_head: bool) -> EdgeMove | None:
        """What a click on the edge between these ids eliminates, or None: near its head its front,
        near its tail its back, and where only one of them is possible that one.
        """
        score, nodes = self.score, self._session.document.graph.nodes_by_id
        if not (self.is_on and self.edges and score) or source not in nodes or target not in nodes:
            return None
        pair = nodes[source].name, nodes[target].name
        costs = score.edges.get(pair)
        if costs is None or score.moves != self.played:
            return None
        front = costs[0] is not None and (near_head or costs[1] is None)
        return EdgeMove(*pair, front) if front or costs[1] is not None else None

    def joined(self, move: EdgeMove) -> tuple[tuple[str, str], ...]:
        """The edges that an edge is multiplied with, by names."""
        if self.score is None:
            return ()
        end = move.vertex
        return tuple(p for p in self.score.edges if p[0 if move.front else 1] == end)

    def start(self) -> None:
        """Go on by hand from the step that the film shows; from the beginning without a film."""
        session = self._session
        if self.is_on:
            return
        begun = self._film_so_far()
        if session.mode != CROSS:
            session.set_mode(CROSS)
        session.pause()
        self._taken_back.clear()
        self._graphs = [session.document.graph] * len(begun)
        self._length = len(begun)
        session.set_order(begun, complete=False)
        self._follow()

    def stop(self) -> None:
        """Back to the film in backward order."""
        if self.is_on:
            self._session.set_order("backward")
            self._follow()

    def toggle(self) -> None:
        """Start or stop."""
        (self.stop if self.is_on else self.start)()

    def eliminate(self, move: Move) -> bool:
        """Eliminate a vertex or an edge; starts the game if it is not on. False if it cannot be."""
        if isinstance(move, EdgeMove):
            score = self.score
            costs = score.edges.get((move.source, move.target)) if score else None
            if (
                score is None
                or score.moves != self.played
                or costs is None
                or costs[0 if move.front else 1] is None
            ):
                return False
        elif move not in self.left:
            return False
        if not self.is_on:
            self.start()
        self._taken_back.clear()
        self._go_on((*self.played, move))
        return True

    @property
    def can_take_back(self) -> bool:
        """Whether the last thing done to this graph was an elimination."""
        return bool(self.played) and self._done_last(self._graphs[-1] if self._graphs else None)

    @property
    def can_go_again(self) -> bool:
        """Whether an elimination that was taken back can be done again."""
        return self.is_on and bool(self._taken_back)

    def take_back(self) -> None:
        """Undo the last elimination."""
        played = self.played
        if not played:
            return
        self._taken_back.append(played[-1])
        del self._graphs[len(played) - 1 :]
        self._set(played[:-1])

    def go_again(self) -> None:
        """Redo an elimination that was taken back."""
        if self.can_go_again:
            self._go_on((*self.played, self._taken_back.pop()))

    def restart(self) -> None:
        """All vertices are there again."""
        if self.is_on:
            self._taken_back.clear()
            self._graphs.clear()
            self._set(())

    def _go_on(self, played: tuple[Move, ...]) -> None:
        session = self._session
        session.pause()
        self._graphs = [*self._graphs[: len(played) - 1], session.document.graph]
        self._set(played)

    def _set(self, played: tuple[Move, ...]) -> None:
        self.hint = ""
        self._session.set_order(played, complete=False)
        self._ask()
        self.changed.emit()

    def _film_so_far(self) -> tuple[Move, ...]:
        session = self._session
        if session.mode != CROSS or session.sweep is None:
            return ()
        return session.sweep.order[: session.step_index + 1]

    def _done_last(self, graph: Graph | None) -> bool:
        return graph is None or graph is self._session.document.graph

    def _follow_sweep(self) -> None:
        """The kernel has carried out an elimination: show how it comes about."""
        session = self._session
        sweep = session.sweep
        if self.is_on and sweep is not None:
            last = len(sweep) - 1
            grown = len(sweep) == self._length + 1
            self._length = len(sweep)
            if grown and not session.playback.reduced_motion:
                session.go_to(last - 1)
                session.play()
            elif session.step_index != last:
                session.go_to(last)
        self._follow()

    def _follow_graph(self) -> None:
        if self.found is not None or self.searched is not None:
            self.stop_search()
            self.found = None
        self._follow()

    def _follow(self, *_: object) -> None:
        self._ask()
        self.changed.emit()

    @property
    def can_merge(self) -> bool:
        """Whether some subexpressions are equal, or have been merged."""
        return self.merging.is_on or (self.score is not None and bool(self.score.merged))

    # Scores -----------------------------------------------------------------------------------

    def want(self, viewer: str, wanted: bool) -> None:
        """Keep the score up to date as long as somebody can see it."""
        (self._viewers.add if wanted else self._viewers.discard)(viewer)
        self._ask()

    def set_free_units(self, free: bool) -> None:
        """Count products with a constant partial 1 or -1, or not."""
        if free != self.free_units:
            self.free_units = free
            self.found = None
            self.stop_search()
            self._set_again()

    def set_edges(self, edges: bool) -> None:
        """Let single edges be eliminated too, or only vertices."""
        if edges != self.edges:
            self.edges = edges
            self._set_again()

    def set_merged(self, merged: bool) -> None:
        """Play on the graph in which equal subexpressions are one node, or have them apart again.

        That is an edit of the document like others; what was played begins anew.
        """
        if merged == self.merging.is_on:
            return
        best = self.best
        if self.merging.merge(best) if merged else self.merging.separate():
            self.restart()
        self.changed.emit()

    def set_racing(self, racing: bool) -> None:
        """Let the best order run beside."""
        self.racing = racing
        self.changed.emit()

    def show_hint(self) -> None:
        """Say what the best continuation does next."""
        if not self.is_on:
            self.start()
        self.hint = hint_words(self.score)
        if self.score is not None and self.score.hint is not None:
            graph, hint = self._session.document.graph, self.score.hint
            if hint.edge is None:
                self._session.highlight([graph.id_of(hint.vertex)])
            else:
                ends = graph.id_of(hint.edge.source), graph.id_of(hint.edge.target)
                self._session.highlight(edges=[(*ends, "")])
        self.changed.emit()

    def _set_again(self) -> None:
        self.hint = ""
        self._ask()
        self.changed.emit()

    def _ask(self) -> None:
        graph = self._session.document.graph
        needed = self._viewers or self.is_on or self._to_show
        needed = needed and len(graph) <= MOST_COMPARED  # the kernel would do nothing else
        if not needed or not graph.outputs or not graph.independents:
            self.score, self._scored = None, None
            return
        wanted = (graph, self.played, self.free_units, self.edges)
        known = self._scored
        if known is not None and known[1:] == wanted[1:] and same_counting(known[0], graph):
            return
        self._scored = wanted
        _, played, free, edges = wanted
        self._question.ask(
            graph, lambda g: ScoreElimination(g, played, free_units=free, edges=edges)
        )

    def _take_score(self, graph: Graph, reply: Reply) -> None:
        if not same_structure(graph, self._session.document.graph):
            return
        self.score = reply.score if isinstance(reply, Scored) else None
        if self._to_show:
            self.show_best()
        self.changed.emit()

    @property
    def best(self) -> Order | None:
        """The best order known of the whole graph."""
        if self.score is None:
            return self.found
        known = self.score.orders["best"]
        if self.found is not None and self.found.cost < known.cost:
            return self.found
        return known

    @property
    def shows_best(self) -> bool:
        """Whether the film eliminates in the best order known."""
        best = self.best
        return best is not None and self._session.order == best.vertices and not self.is_on

    # Searching --------------------------------------------------------------------------------

    def search(self, seconds: float = SEARCH_SECONDS) -> None:
        """Look for a better order; `found` and `searched` tell how it goes."""
        self.stop_search()
        self.searched, self.best_so_far = 0.0, 0
        request = SearchOrder(
            self._session.document.graph, seconds=seconds, free_units=self.free_units
        )
        graph = self._session.document.graph
        self._search = self._session.ask(request, lambda reply: self._take_search(graph, reply))
        self.changed.emit()

    def stop_search(self) -> None:
        """End the search; what it has found stays."""
        if self._search is not None:
            self._session.control(self._search, "stop")

    def _take_search(self, graph: Graph, reply: Reply) -> None:
        if isinstance(reply, OrderProgress):
            known = (reply.best, self.found.cost.multiplications) if self.found else (reply.best,)
            self.searched, self.best_so_far = reply.done, min(known)
        else:
            self.searched, self._search = None, None
            if same_structure(graph, self._session.document.graph):
                if isinstance(reply, OrderFound):
                    self.found = _better(self.found, reply.order)
                elif isinstance(reply, Failed):
                    self._session.problem.emit(reply.message, reply.detail)
        self.changed.emit()

    def show_best(self) -> None:
        """Show the best order known as the film of cross mode, as soon as one is known."""
        best = self.best  # another mode may forget it
        self._to_show = best is None
        if best is None:
            self._ask()
            return
        if self._session.mode != CROSS:
            self._session.set_mode(CROSS)
        self._session.set_order(best.vertices)
        self._follow()


def _better(known: Order | None, new: Order) -> Order:
    """The cheaper of two orders of one graph, with all that is known about what others need.

    A search that is stopped early must not forget what a longer one has found.
    """
    if known is None:
        return new
    best = new if new.cost < known.cost else known
    bound = max(known.lower_bound, new.lower_bound)
    proven = best.proven_optimal or bound >= best.cost.multiplications
    return replace(best, lower_bound=bound, proven_optimal=proven)


def elimination_game(session: Session) -> EliminationGame:
    """The game of a session."""
    found = session.findChild(EliminationGame, "elimination_game")
    return found if found is not None else EliminationGame(session)
