"""Gradient norms by layer while training, why they vanish, and the units that have died."""

from __future__ import annotations

import math
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from visualad.graph.model import Graph
from visualad.gui.document import Document
from visualad.gui.panels.curve_plot import CurvePlot, Line, nearest
from visualad.gui.panels.exporting import Exporting, Picture, Rows
from visualad.gui.panels.fields import Choice
from visualad.gui.panels.frames import Frames
from visualad.gui.panels.gradient_words import (
    NO_IDLE,
    bound_words,
    layer_name,
    unit_words,
    warning,
)
from visualad.gui.panels.layer_profile import Bar, LayerProfile
from visualad.gui.panels.legend import Entry, Legend
from visualad.gui.panels.parts import Prose, Sentence, empty_state, heading, muted
from visualad.gui.panels.ramp import ramp
from visualad.gui.panels.training_edits import layers_of
from visualad.gui.session import Session
from visualad.gui.training_editor import training_editor
from visualad.ops.declaration import REGISTRY
from visualad.ops.writing import number_pretty
from visualad.training.initializers import INITIALIZERS
from visualad.training.layers import ACTIVATIONS
from visualad.training.vanishing import Chain, chain_of

EMPTY = (
    "Press Train: the length of the gradient ‖∂L/∂W‖ in each layer is drawn here, to see whether "
    "it vanishes on its way to the first one."
)
FRAME_MS = 120
SIDE = 262  # px


class GradientsPanel(QWidget):
    """Gradient norms over the epochs and by layer."""

    def __init__(self, document: Document, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("gradients_panel")
        self.setAccessibleName("Gradient norms")
        self._document = document
        self._session = session
        self._editor = training_editor(document, session)
        self._plot: CurvePlot | None = None
        self._chain: tuple[Graph, Chain | str] | None = None
        self.frames = Frames(self, self.draw, FRAME_MS)
        self.legend = Legend("gradients_legend")
        self.profile = LayerProfile("‖∂L/∂W‖ by layer, now")
        self.warning = Sentence("gradients_warning", "warning", "warning")
        self.bound = Prose(token="text_muted", size=12.0)
        self.bound.setObjectName("gradients_bound")
        self._unit_rows: list[QPushButton] = []
        self.no_idle = muted(NO_IDLE)
        self.activation = Choice("gradients_activation", "Activation", (), self._activate)
        self.initializer = Choice(
            "gradients_initializer",
            "Initialiser",
            [(name, name) for name in ("default", *INITIALIZERS)],
            self._initialize,
        )
        self.exporting = Exporting(
            self,
            session,
            "gradient-norms",
            self.exported_rows,
            self.exported_picture,
            self._fill_menu,
        )
        self._build()
        session.training_progress.connect(self.frames.later)
        session.training_changed.connect(self.frames.later)
        document.graph_changed.connect(self.frames.later)

    def _build(self) -> None:
        side = QWidget()
        self._column = QVBoxLayout(side)
        self._column.setContentsMargins(12, 4, 12, 8)
        self._column.setSpacing(6)
        self._column.addWidget(self.warning)
        self._column.addWidget(self.bound)
        form = QGridLayout()
        form.setHorizontalSpacing(8)
        form.setVerticalSpacing(4)
        form.setColumnStretch(1, 1)
        for row, (title, choice) in enumerate(
            (("activation", self.activation), ("initialiser", self.initializer))
        ):
            choice.setToolTip(f"Begin anew with another {title} and see")
            form.addWidget(muted(title), row, 0)
            form.addWidget(choice, row, 1)
        self._column.addLayout(form)
        self._column.addWidget(heading("Idle units"))
        self._column.addWidget(self.no_idle)
        self._units = QVBoxLayout()
        self._units.setSpacing(0)
        self._column.addLayout(self._units)
        self._column.addStretch(1)
        scroll = QScrollArea()
        scroll.setObjectName("gradients_side")
        scroll.setWidget(side)
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFixedWidth(SIDE)
        self._plots = QHBoxLayout()
        self._plots.setSpacing(0)
        self._plots.addWidget(self.profile, 2)
        left = QVBoxLayout()
        left.setContentsMargins(0, 6, 0, 0)
        left.setSpacing(2)
        top = QHBoxLayout()
        top.setContentsMargins(14, 0, 14, 0)
        top.addWidget(self.legend, 1)
        left.addLayout(top)
        left.addLayout(self._plots, 1)
        self._shown = QWidget()
        whole = QHBoxLayout(self._shown)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(left, 1)
        whole.addWidget(scroll)
        self.empty = empty_state(EMPTY, "gradients_empty")
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._shown)
        self._stack.addWidget(self.empty)
        self._stack.setCurrentIndex(1)

    # Drawing ----------------------------------------------------------------------------------

    @property
    def plot(self) -> CurvePlot:
        """The curves, made when they are first wanted."""
        if self._plot is None:
            self._plot = plot = CurvePlot(
                "gradients_plot", "Gradient norms by epoch", ("epoch", "‖∂L/∂W‖")
            )
            plot.pointed.connect(self.show_cursor)
            plot.ranged.connect(self.frames.later)
            self.exporting.on(plot.plot.viewport())
            self._plots.insertWidget(0, plot, 3)
        return self._plot

    def draw(self) -> None:
        """Bring everything up to date."""
        curves, graph = self._session.curves, self._document.graph
        if not len(curves.places) or not curves.norms.keys() <= graph.nodes_by_id.keys():
            self._stack.setCurrentIndex(1)
            return
        names = self._names()
        colours = dict(zip(names, ramp(len(names)), strict=True))
        self.plot.show_lines(
            [
                Line(names[layer], curves.places, norms, colours[layer])
                for layer, norms in curves.norms.items()
            ]
        )
        self._show_layers(len(curves.places) - 1, colours)
        norms = {layer: column[-1] for layer, column in curves.norms.items()}
        self.warning.say(warning(norms, names))
        self.bound.setText(bound_words(self._chain_of(graph), names))
        self._show_units(graph)
        self._show_choices(graph)
        self._stack.setCurrentIndex(0)

    def _names(self) -> dict[str, str]:
        graph = self._document.graph
        return {layer: layer_name(graph, layer) for layer in self._session.curves.norms}

    def _chain_of(self, graph: Graph) -> Chain | str:
        if self._chain is None or self._chain[0] is not graph:
            self._chain = (graph, chain_of(graph))
        return self._chain[1]

    def _show_layers(self, index: int, colours: dict[str, str]) -> None:
        """Legend and bars for a place of the curves."""
        curves, names = self._session.curves, self._names()
        norms = {layer: column[index] for layer, column in curves.norms.items()}
        chain, shares, last = self._chain_of(self._document.graph), {}, 0.0
        if isinstance(chain, Chain) and chain.weights[-1] in norms:
            shares, last = chain.shares(), norms[chain.weights[-1]]
        self.profile.show_bars(
            [
                Bar(
                    names[layer],
                    norm,
                    colours[layer],
                    last * shares[layer] if layer in shares else None,
                )
                for layer, norm in norms.items()
            ]
        )
        self.legend.show_entries(
            [
                Entry(f"{names[layer]} {number_pretty(norm, 3)}", colours[layer])
                for layer, norm in norms.items()
            ]
        )

    def _show_units(self, graph: Graph) -> None:
        rows = unit_words(self._session.curves.units, graph)
        while len(self._unit_rows) < len(rows):
            button = QPushButton()
            button.setObjectName("idle_units")
            button.setStyleSheet(
                "QPushButton { border: none; background: transparent; text-align: left; "
                "padding: 1px 0; font-weight: normal; }"
                "QPushButton:hover { text-decoration: underline; }"
            )
            button.setCursor(Qt.CursorShape.PointingHandCursor)
            button.setToolTip("Show this node")
            self._units.addWidget(button)
            self._unit_rows.append(button)
        for number, button in enumerate(self._unit_rows):
            button.setVisible(number < len(rows))
            if number < len(rows) and button.text() != rows[number][1]:
                node, words = rows[number]
                button.setText(words)
                button.setAccessibleName(words)
                if button.property("node") is not None:
                    button.clicked.disconnect()
                button.setProperty("node", node)
                button.clicked.connect(partial(self._show_node, node))
        self.no_idle.setVisible(not rows)

    def _show_node(self, node: str, _checked: bool = False) -> None:
        if node in self._document.graph.nodes_by_id:
            self._session.select([node])

    # Beginning anew ---------------------------------------------------------------------------

    def _show_choices(self, graph: Graph) -> None:
        found = layers_of(graph)
        can = found is not None and len(found.layers) > 1
        self.activation.setEnabled(can)
        self.initializer.setEnabled(found is not None)
        kinds = [o for o in REGISTRY if o.category == ACTIVATIONS and o.elementwise]
        items = [(o.label, o.name) for o in kinds if len(o.ports) == 1]
        self.activation.set_items(items)
        if found is not None and not self.activation.view().isVisible():
            used = set(found.activations)
            self.activation.show_data(used.pop() if len(used) == 1 else None)
        if not self.initializer.view().isVisible():
            self.initializer.show_data(graph.training.get("initializer") or "default")

    def _activate(self, name: str) -> None:
        self._editor.begin_with_activation(name)

    def _initialize(self, name: str) -> None:
        self._editor.set_initializer(name)

    # The cursor -------------------------------------------------------------------------------

    def show_cursor(self, place: float) -> None:
        """Show the layers as they were at a place, in epochs; as they are for NaN."""
        places = self._session.curves.places
        if not len(places):
            return
        if math.isnan(place):
            self.plot.show_cursor(place)
            self.draw()
            return
        index = nearest(places, place)
        self.plot.show_cursor(places[index])
        names = self._names()
        self._show_layers(index, dict(zip(names, ramp(len(names)), strict=True)))

    # Exporting --------------------------------------------------------------------------------

    def _fill_menu(self, menu: object) -> None:
        action = menu.addAction("Show All")  # type: ignore[attr-defined]
        action.triggered.connect(lambda _checked=False: self.plot.show_all())

    def exported_rows(self) -> Rows:
        """The norms of all layers by epoch."""
        self.draw()
        return self.plot.rows()

    def exported_picture(self) -> Picture:
        """The curves and their legend."""
        return self.plot.plot, self.legend.words()
