"""Cross mode as a game: the score against other orders, hints, and the matrix that fills in."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSplitter,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from visualad.autodiff.moves import EdgeMove, Move
from visualad.autodiff.scores import Score
from visualad.autodiff.steps import Cost
from visualad.gui.canvas.derivation import Film
from visualad.gui.document import Document
from visualad.gui.elimination_game import elimination_game
from visualad.gui.elimination_words import (
    merging_words,
    move_words,
    program_words,
    standing_words,
    verdict,
)
from visualad.gui.panels.extended_jacobian import MatrixView, extended_jacobian
from visualad.gui.panels.flow import Flow, Phrase
from visualad.gui.panels.lanes import Lane, Lanes
from visualad.gui.panels.parts import MARGIN, Prose, Sentence, empty_state, heading, scrolled
from visualad.gui.session import Session
from visualad.ops.writing import name_pretty

EMPTY = (
    "Elimination orders appear here: draw a graph with an input, something between, and an output."
)
LABELS = {
    "forward": "forward order",
    "backward": "backward order",
    "markowitz": "smallest Markowitz degree",
}
MOST_VERTICES = 2_000


class EliminationPanel(QWidget):
    """Yours against forward, backward, Markowitz and the best; beside it the extended Jacobian."""

    def __init__(self, document: Document, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("elimination_panel")
        self.setAccessibleName("Elimination")
        self._document, self._session = document, session
        self.game = elimination_game(session)
        self._film = Film(document.graph, None, "")
        self.title = Phrase(strong=True)
        self.buttons = {
            "play": _button("play", "Eliminate by hand", self.game.toggle, checkable=True),
            "take_back": _button("take_back", "Take back", self.game.take_back),
            "restart": _button("restart", "Start again", self.game.restart),
            "hint": _button("hint", "Hint", self.game.show_hint),
        }
        self.buttons["play"].setToolTip("Click the inner nodes on the canvas in your order (G)")
        self.buttons["hint"].setToolTip("What the best continuation does next, and why (H)")
        self.lanes = Lanes()
        self.hint = Sentence("elimination_hint", "info", "cross")
        self.standing = Prose(token="text_muted", size=12.0)
        self.standing.setObjectName("elimination_standing")
        self.convention = Phrase(token="text_muted")
        self.convention.setObjectName("elimination_convention")
        self.edges = _switch("edges", "edges too", self.game.set_edges)
        self.edges.setToolTip(
            "Click an edge near its head to multiply it with every edge out of its target (front), "
            "near its tail with every edge into its source (back)"
        )
        self.race = _switch("race", "race", self.game.set_racing)
        self.race.setToolTip("After each of your eliminations the best order makes its next one")
        self.free = _switch("free_units", "unit edges free", self.game.set_free_units)
        self.free.setToolTip("Products with an edge whose partial is always 1 or −1 do not count")
        self.merge = _switch("merged", "merge equal subexpressions", self.game.set_merged)
        self.find_button = _button("find", "Find the best…", self._find)
        self.progress = QProgressBar()
        self.progress.setObjectName("elimination_search")
        self.progress.setAccessibleName("Search for the best order")
        self.progress.setTextVisible(False)
        self.progress.setMaximumWidth(140)
        self.progress.setFixedHeight(6)
        self.matrix = MatrixView()
        self.matrix.pointed.connect(self._point)
        self.matrix.clicked.connect(self._eliminate)
        self.matrix.entry_clicked.connect(self._eliminate_edge)
        self._assemble()
        for signal in (
            session.sweep_changed,
            session.step_changed,
            session.progress_changed,
            session.mode_changed,
        ):
            signal.connect(self._show_matrix)
        session.highlight_changed.connect(self._light)
        self.game.changed.connect(self.refresh)
        document.graph_changed.connect(self.refresh)
        self.refresh()

    def _assemble(self) -> None:
        top = Flow(6)
        for name in ("play", "take_back", "restart", "hint"):
            top.addWidget(self.buttons[name])
        switches = Flow(14)
        for box in (self.edges, self.race, self.free, self.merge):
            switches.addWidget(box)
        told = Flow(14)
        told.addWidget(self.title)
        told.addWidget(self.convention)
        search = QHBoxLayout()
        search.setContentsMargins(MARGIN, 2, 10, 6)
        search.setSpacing(10)
        search.addWidget(self.find_button)
        search.addWidget(self.progress)
        search.addWidget(self.standing, 1)
        score = QWidget()
        column = QVBoxLayout(score)
        column.setContentsMargins(MARGIN, 6, 10, 0)
        column.setSpacing(4)
        column.addLayout(top)
        column.addLayout(switches)
        column.addLayout(told)
        column.addWidget(self.hint)
        column.addWidget(self.lanes)
        column.addStretch(1)
        left = QWidget()
        whole = QVBoxLayout(left)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(scrolled(score, across=False), 1)
        whole.addLayout(search)  # the search stays in sight whatever scrolls
        matrix = QWidget()
        row = QVBoxLayout(matrix)
        row.setContentsMargins(10, 8, MARGIN, 10)
        row.setSpacing(6)
        self.matrix_title = heading("Extended Jacobian")
        row.addWidget(self.matrix_title)
        row.addWidget(self.matrix, 1)
        self._split = QSplitter(Qt.Orientation.Horizontal)
        self._split.setObjectName("elimination_split")
        self._split.addWidget(left)
        self._split.addWidget(scrolled(matrix, across=True))
        self._split.setStretchFactor(0, 5)
        self._split.setStretchFactor(1, 4)
        self._split.setSizes([520, 420])
        self._split.setChildrenCollapsible(False)
        self.empty: QLabel = empty_state(EMPTY, "elimination_empty")
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._split)
        self._stack.addWidget(self.empty)

    # Showing ----------------------------------------------------------------------------------

    def refresh(self, *_: object) -> None:
        """Show the score as it is known."""
        game = self.game
        if not self.isVisible():
            return
        known = game.score is not None
        self._stack.setCurrentIndex(0 if known or game.is_on else 1)
        boxes = ((self.edges, game.edges), (self.race, game.racing), (self.free, game.free_units))
        for box, on in boxes:
            box.setChecked(on)
        self.merge.setVisible(game.can_merge)
        self.merge.setChecked(game.merging.is_on)
        self.merge.setToolTip(merging_words(game.score, on=game.merging.is_on))
        self.buttons["play"].setChecked(game.is_on)
        self.buttons["take_back"].setEnabled(bool(game.played))
        self.buttons["restart"].setEnabled(bool(game.played))
        self.title.setText(self._title())
        self.hint.say(game.hint)
        self.lanes.show_lanes(self._lanes())
        self._show_search()
        if game.score is not None:
            self.convention.setText(f"Counted: {self._convention(game.score)}.")
        self._show_matrix()

    def _convention(self, score: Score) -> str:
        merging = self.game.merging
        words = score.played.convention
        if self.game.can_merge:
            words += ", equal subexpressions " + ("merged" if merging.is_on else "apart")
        return words

    def _title(self) -> str:
        game = self.game
        if not game.is_on:
            return "Multiplications of eliminating every inner node"
        if game.is_over and game.score is not None:
            return f"Done: {verdict(int(game.score.played), game.best, game.score.program)}"
        left = len(game.left)
        what = "a node, or an edge near its head or tail," if game.edges else "a node"
        return f"Click {what} to eliminate it: {left} node{'' if left == 1 else 's'} left"

    def _lanes(self) -> list[Lane]:
        game = self.game
        score = game.score
        if score is None:
            return []
        lanes = []
        played = len(game.played)
        done = _blocks(game.played, score.costs["played"])
        if game.is_on:
            total = f"{int(score.played)}" if game.is_over else f"{int(score.played)} so far"
            lanes.append(Lane("you", "cross", done, total, strong=True))
        best = game.best
        if best is not None:
            costs = score.costs["best"]
            if best is not score.orders["best"]:
                costs = ()
            blocks = _blocks(best.vertices, costs)
            lanes.append(self._lane("best known", "cross", blocks, best.cost, played))
        if score.program is not None:
            program = score.program
            blocks = _blocks(program.moves, score.costs["program"])
            lanes.append(self._lane("best by edges", "cross", blocks, program.cost, played))
        secret = game.is_on and not game.is_over
        for name in ("markowitz", "backward", "forward"):
            order = score.orders[name]
            blocks = _blocks(order.vertices, score.costs[name])
            token = name if name != "markowitz" else "accent"
            if secret and name == "markowitz":
                blocks = ()  # as good as a hint
            lanes.append(self._lane(LABELS[name], token, blocks, order.cost, None))
        apart = game.merging.best
        if game.merging.is_on and apart is not None:
            lanes.append(Lane("best before merging", "text_muted", (), str(int(apart.cost)), False,
                              int(apart.cost)))  # fmt: skip
        return lanes

    def _lane(
        self,
        label: str,
        token: str,
        blocks: tuple[tuple[str, int], ...],
        spent: Cost,
        played: int | None,
    ) -> Lane:
        """A lane of another order; in a race it goes on with yours.

        Args:
            played: how many eliminations you have made, for the order you race.
        """
        cost = int(spent)
        total = str(cost)
        over = self.game.is_over
        if played is not None and self.game.is_on and not over and not self.game.racing:
            blocks = ()  # they would tell what to do
        elif played is not None and self.game.is_on and not over:
            so_far = sum(cost for _, cost in blocks[:played])
            total = f"{so_far} so far" if played < len(blocks) else total
            blocks = blocks[:played]
        return Lane(label, token, blocks, total, False, cost)

    def _show_search(self) -> None:
        game = self.game
        searching = game.searched is not None
        self.progress.setVisible(searching)
        self.find_button.setText("Stop" if searching else "Find the best…")
        best = game.best
        if searching:
            self.progress.setRange(0, 1000)
            self.progress.setValue(round(1000 * (game.searched or 0.0)))
            self.standing.setText(f"{game.best_so_far} so far" if game.best_so_far else "looking…")
        elif best is not None:
            words = f"Best known {int(best.cost)}: {standing_words(best)}."
            program = game.score.program if game.score is not None else None
            if program is not None:
                words += f" {program_words(program)}"
            self.standing.setText(words)
        self.find_button.setEnabled(searching or best is None or not best.proven_optimal)

    def _show_matrix(self, *_: object) -> None:
        if not self.isVisible():
            return
        session, graph = self._session, self._document.graph
        wanted = (graph, session.sweep, session.mode)
        film = self._film
        if any(
            a is not b for a, b in zip((film.graph, film.sweep, film.mode), wanted, strict=True)
        ):
            film = self._film = Film(*wanted)
        if len(graph) > MOST_VERTICES:
            return
        moment = film.moment(session.step_index, session.progress)
        matrix = extended_jacobian(graph, session.sweep, moment)
        offered = frozenset(graph.id_of(name) for name in self.game.left if name in graph)
        names = {id_: graph.nodes_by_id[id_].name for id_ in matrix.order}
        offered = offered if self.game.is_on else frozenset()
        self.matrix.show_matrix(matrix, names, offered, self._entries_offered())
        filled = sum(entry.kind == "fill_in" for entry in matrix.entries.values())
        self.matrix_title.setText(
            f"Extended Jacobian: {len(matrix.entries)} entries, {filled} filled in"
            if matrix.order
            else "Extended Jacobian: choose cross mode to see it fill in"
        )

    # Links ------------------------------------------------------------------------------------

    def _light(self) -> None:
        self.matrix.set_lit(
            frozenset((source, target) for source, target, _ in self._session.highlighted_edges)
        )

    def _point(self, pair: tuple[str, str] | None) -> None:
        self._session.highlight(edges=[(*pair, "")] if pair is not None else [])

    def _eliminate(self, vertex: str) -> None:
        if self.game.offers(vertex):
            self.game.eliminate(self._document.graph.nodes_by_id[vertex].name)

    def _entries_offered(self) -> dict[tuple[str, str], tuple[str, str]]:
        """What a click, and a click with Shift, on an entry eliminates, in words."""
        game, graph = self.game, self._document.graph
        if not (game.is_on and game.edges and game.score) or game.score.moves != game.played:
            return {}
        found = {}
        for (source, target), costs in game.score.edges.items():
            if source in graph and target in graph and costs != (None, None):
                words = [
                    "" if cost is None else move_words(move, game.joined(move), cost)
                    for cost, move in zip(
                        costs,
                        (EdgeMove(source, target, True), EdgeMove(source, target, False)),
                        strict=True,
                    )
                ]
                found[graph.id_of(source), graph.id_of(target)] = words[0], words[1]
        return found

    def _eliminate_edge(self, pair: tuple[str, str], shifted: bool) -> None:
        move = self.game.move_of(*pair, near_head=not shifted)
        if move is not None:
            self.game.eliminate(move)

    def _find(self) -> None:
        if self.game.searched is not None:
            self.game.stop_search()
        else:
            self.game.search()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.game.want("panel", True)
        self.refresh()
        self._show_matrix()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.game.want("panel", False)


def _blocks(names: tuple[Move, ...], costs: tuple[int, ...]) -> tuple[tuple[str, int], ...]:
    return tuple((_short(n), cost) for n, cost in zip(names, costs, strict=False))


def _short(move: Move) -> str:
    """A vertex or an edge as it stands in a block."""
    if isinstance(move, str):
        return name_pretty(move)
    return name_pretty(f"{move.source}→{move.target}") + (" front" if move.front else " back")


def _button(name: str, text: str, action: object, *, checkable: bool = False) -> QPushButton:
    button = QPushButton(text)
    button.setObjectName(f"elimination_{name}")
    button.setCheckable(checkable)
    button.clicked.connect(lambda _checked: action())  # type: ignore[operator]
    return button


def _switch(name: str, text: str, action: object) -> QCheckBox:
    box = QCheckBox(text)
    box.setObjectName(f"elimination_{name}")
    box.clicked.connect(action)
    return box
