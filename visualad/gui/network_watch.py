"""The network of the document neuron by neuron: asked of the kernel, at most 30 times a second."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping

import numpy as np
from PySide6.QtCore import QObject, Signal

from visualad.errors import VisualADError
from visualad.graph.edits import set_settings
from visualad.graph.model import Graph
from visualad.gui.canvas.network_layout import windows_of
from visualad.gui.canvas.network_parts import (
    Bias,
    NetworkNames,
    Neuron,
    Parameter,
    Part,
    Weight,
    value_of,
)
from visualad.gui.document import Document
from visualad.gui.entry import read_number
from visualad.gui.panels.frames import turns
from visualad.gui.questions import same_structure
from visualad.gui.session import Session
from visualad.kernel.messages import Progress, Reply
from visualad.kernel.network_messages import LookAtNetwork, NetworkSeen
from visualad.training.chain import Chain, find_chain
from visualad.training.network_state import NetworkState, Window

FRAME = 1 / 30  # seconds between two pictures, at least
PAINTING = 1 / 3  # of the window's time at most goes into painting them
LOOKING = 1 / 5  # of the kernel's time at most goes into finding out


class NetworkWatch(QObject):
    """What is known of the network, and which part of it is looked at.

    Attributes:
        chain: the layers drawn; None for a graph without any.
        names: how its parts are written; there with a chain.
        windows: for each column which neurons are shown.
        state: the last answer of the kernel, or None; norms: ‖∂L/∂W‖ by id of W.
        hovered, chosen: the part under the mouse, and the one that is selected.
        edited: the weight or bias that is being typed, or None.
        sample: which of the graph's own samples is written out.
        painting: seconds that the last picture took, from who paints it.

    Signals:
        layout_changed: other layers or other neurons are shown.
        changed: state or norms are new.
        pointed: `hovered`, `chosen` or `sample` is another.
        watched: whether somebody shows the network.
    """

    layout_changed = Signal()
    changed = Signal()
    pointed = Signal()
    watched = Signal(bool)

    def __init__(self, document: Document, session: Session) -> None:
        super().__init__(session)
        self.chain: Chain | None = None
        self.names: NetworkNames | None = None
        self.windows: list[Window] = []
        self.state: NetworkState | None = None
        self.norms: Mapping[str, float] = {}
        self.hovered: Part | None = None
        self.chosen: Part | None = None
        self.edited: Parameter | None = None
        self.sample = 0
        self.painting = 0.0
        self._document, self._session = document, session
        self._graph: Graph | None = None
        self._wanted: set[str] = set()
        self._ticket = 0
        self._again = False
        self._failed_live = False
        self._next = 0.0
        self._seen: tuple[Chain, list[Window], NetworkState] | None = None  # not yet shown
        document.graph_changed.connect(self._follow)
        document.replaced.connect(self._forget)
        session.training_progress.connect(self._frame)
        session.training_changed.connect(self._ask)
        session.mask_changed.connect(self._ask)
        session.selection_changed.connect(self._follow_selection)
        self._follow()

    @property
    def is_hidden(self) -> bool:
        """Whether an exercise keeps numbers back that the drawing would tell."""
        return bool(self._session.mask)

    @property
    def is_watched(self) -> bool:
        """Whether somebody shows the network."""
        return bool(self._wanted)

    @property
    def is_live(self) -> bool:
        """Whether the state is that of a run."""
        return self._session.training.is_live

    def want(self, who: str, wanted: bool) -> None:
        """Keep the state up to date, as long as somebody shows it."""
        before = bool(self._wanted)
        (self._wanted.add if wanted else self._wanted.discard)(who)
        if self.is_watched != before:
            self.watched.emit(self.is_watched)
        if self.is_watched and not before:
            self._ask()

    # What is looked at ------------------------------------------------------------------------

    def point_at(self, part: Part | None) -> None:
        """The mouse is over a part, or over none."""
        if part != self.hovered:
            had = self._needs_step
            self.hovered = part
            self.pointed.emit()
            if self._needs_step and not had:
                self._ask()

    def choose(self, part: Part | None) -> None:
        """Select a part; with it the node of its layer."""
        if part == self.chosen:
            return
        self.chosen = part
        if self.chain is not None and part is not None:
            self._session.select([self._node_of(part)])
        self.pointed.emit()
        if self._needs_step:
            self._ask()

    def show_sample(self, sample: int) -> None:
        """Write out another of the graph's own samples."""
        if sample != self.sample:
            self.sample = sample
            self.pointed.emit()
            self.changed.emit()

    def turn_page(self, column: int, by: int) -> None:
        """Show the neurons before or after those shown in a column of many."""
        if self.chain is None:
            return
        first, count = self.windows[column]
        total = self.chain.sizes[column]
        moved = min(max(first + by * count, 0), total - count)
        if moved != first:
            self.windows[column] = (moved, count)
            self.state = None
            self.hovered = None
            self.layout_changed.emit()
            self._ask()

    def bring(self, part: Neuron) -> None:
        """Turn pages until a neuron is shown."""
        first, count = self.windows[part.column]
        while part.index < first:
            self.turn_page(part.column, -1)
            first, _ = self.windows[part.column]
        while part.index >= first + count:
            self.turn_page(part.column, 1)
            first, _ = self.windows[part.column]

    # Numbers ----------------------------------------------------------------------------------

    def value(self, part: Parameter) -> float | None:
        """A parameter as it is now."""
        found = self._of_links(part, "weights", "bias")
        if found is None and self.chain is not None:
            return value_of(self._document.graph, self.chain, part)
        return found

    def gradient(self, part: Parameter) -> float | None:
        """∂L/∂ it over the coming batch, or None."""
        return self._of_links(part, "weight_gradient", "bias_gradient")

    def coming(self, part: Parameter) -> float | None:
        """What it will be after the coming step, or None."""
        return self._of_links(part, "coming_weights", "coming_bias")

    def norm(self, layer: int) -> float | None:
        """‖∂L/∂W‖ of a layer over the training samples."""
        if self.chain is None:
            return None
        return self.norms.get(self.chain.stages[layer].weights)

    def _of_links(self, part: Parameter, weights: str, bias: str) -> float | None:
        if self.state is None or part.layer >= len(self.state.links):
            return None
        links = self.state.links[part.layer]
        array = getattr(links, weights if isinstance(part, Weight) else bias)
        row = part.output - self.state.columns[part.layer + 1].first
        if array is None or not 0 <= row < len(array):
            return None
        if isinstance(part, Bias):
            return float(array[row])
        column = part.input - self.state.columns[part.layer].first
        return float(array[row, column]) if 0 <= column < array.shape[1] else None

    # Editing ----------------------------------------------------------------------------------

    def edit(self, part: Parameter, text: str) -> bool:
        """Set a parameter to what was typed, as one undoable step; False when it is no number."""
        if self.chain is None or self.names is None:
            return False
        try:
            number = read_number(text)
        except VisualADError as error:
            self._document.refused.emit(error.message)
            return False
        if not math.isfinite(number):
            self._document.refused.emit(
                f"'{text.strip()[:40]}' is not finite, and nothing can be learnt from there; "
                "type a number such as 1.5."
            )
            return False
        stage = self.chain.stages[part.layer]
        id_ = stage.weights if isinstance(part, Weight) else stage.bias
        place = (part.output, part.input) if isinstance(part, Weight) else (part.output,)

        def put(graph: Graph) -> Graph:
            value = np.array(graph.nodes_by_id[id_].value)
            value[place] = number
            return set_settings(graph, {id_: {"value": value}})

        return self._document.apply(f"Set {self.names.parameter(part)}", put)

    # Following --------------------------------------------------------------------------------

    def _forget(self) -> None:
        self.state, self.norms = None, {}
        self.hovered = self.chosen = None
        self.sample = 0
        self._graph = None

    def _follow(self) -> None:
        graph = self._document.graph
        before, self._graph = self._graph, graph
        if before is graph:
            return
        chain = self.chain
        if before is None or not same_structure(before, graph) or self._sizes_differ(graph):
            chain = find_chain(graph)
        self.names = NetworkNames(graph, chain) if chain is not None else None
        if self.names is not None and self.state is not None and chain == self.chain:
            self.names.set_inputs(self.state.names, self.state.columns[0].first)
        if chain != self.chain:
            self.chain = chain
            self.windows = windows_of(chain.sizes) if chain is not None else []
            self.state, self.hovered, self.chosen = None, None, None
            self.layout_changed.emit()
            self.pointed.emit()
        self._ask()

    def _sizes_differ(self, graph: Graph) -> bool:
        """Whether a weight matrix has another shape than the drawing."""
        return self.chain is None or any(
            np.shape(graph.nodes_by_id[stage.weights].value) != (stage.outputs, stage.inputs)
            for stage in self.chain.stages
        )

    def _follow_selection(self) -> None:
        """Something else is selected: no neuron is."""
        if self.chosen is not None and self._session.selected_nodes != {self._node_of(self.chosen)}:
            self.chosen = None
            self.pointed.emit()

    def _node_of(self, part: Part) -> str:
        assert self.chain is not None
        if isinstance(part, Neuron):
            return self.chain.stages[part.column - 1].linear if part.column else self.chain.source
        return self.chain.stages[part.layer].linear

    @property
    def _needs_step(self) -> bool:
        return isinstance(self.hovered, Weight | Bias) or isinstance(self.chosen, Weight | Bias)

    # Asking -----------------------------------------------------------------------------------

    def _frame(self, progress: Progress) -> None:
        if progress.gradient_norms is not None:
            self.norms = progress.gradient_norms
        if time.perf_counter() >= self._next:
            self._ask()

    def _ask(self) -> None:
        if self.chain is None or not self._wanted:
            return
        if self.is_hidden:
            if self.state is not None:
                self.state = None
                self.changed.emit()
            return
        if self._ticket:
            self._again = True
            return
        live = self.is_live and not self._failed_live
        self._failed_live = False
        graph = None if live else self._document.graph
        request = LookAtNetwork(graph, tuple(self.windows), step=self._needs_step or not live)
        chain, windows = self.chain, list(self.windows)
        self._ticket = self._session.ask(
            request, lambda reply: self._take(reply, chain, windows, live=live)
        )

    def _take(self, reply: Reply, chain: Chain, windows: list[Window], *, live: bool) -> None:
        self._ticket = 0
        again, self._again = self._again, False
        if chain == self.chain and windows == self.windows and isinstance(reply, NetworkSeen):
            rest = max(FRAME, self.painting / PAINTING, reply.seconds / LOOKING)
            self._next = time.perf_counter() + rest
            self._seen = (chain, windows, reply.state)
            if live:
                turns().enter(self)
            else:
                self.draw_now()
        elif live:  # the run has ended meanwhile
            self._failed_live = again = True
        if again:
            self._ask()

    def draw_now(self) -> None:
        """Show what was seen last; in the turns of the panels while it is live."""
        chain, windows, state = self._seen or (None, None, None)
        self._seen = None
        if state is None or self.is_hidden or (chain, windows) != (self.chain, self.windows):
            return
        assert self.chain is not None
        assert self.names is not None
        self.state = state
        self.names.set_inputs(state.names, state.columns[0].first)
        norms = {
            stage.weights: links.norm
            for stage, links in zip(self.chain.stages, state.links, strict=True)
            if links.norm is not None
        }
        if norms:
            self.norms = norms
        self.sample = min(self.sample, len(state.columns[0].answers) - 1)
        self.changed.emit()


def network_watch(document: Document, session: Session) -> NetworkWatch:
    """The one of this session."""
    found = session.findChild(NetworkWatch)
    return found if isinstance(found, NetworkWatch) else NetworkWatch(document, session)
