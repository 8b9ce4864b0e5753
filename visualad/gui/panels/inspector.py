"""The inspector: what is selected, its numbers and settings; the inputs and the seed below."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from visualad.errors import VisualADError
from visualad.exchange.words import title
from visualad.graph.checks import problems
from visualad.graph.edits import rename
from visualad.graph.model import Node
from visualad.gui import fonts
from visualad.gui.document import Document
from visualad.gui.network_watch import network_watch
from visualad.gui.panels.fields import Faulty, Field
from visualad.gui.panels.inputs import InputsSection
from visualad.gui.panels.neuron_section import NeuronSection
from visualad.gui.panels.node_facts import (
    Fact,
    check_text,
    edge_facts,
    first_paragraph,
    graph_facts,
    kink_of,
    node_facts,
    subtitle,
)
from visualad.gui.panels.parts import MARGIN, Elided, Prose, Rule, Sentence, Text, heading, muted
from visualad.gui.panels.seed import SeedSection
from visualad.gui.panels.settings_form import SettingsForm
from visualad.gui.panels.sweeps import known_sweeps
from visualad.gui.session import Session

MOST_CHECKED = 10_000  # nodes
EMPTY = "The graph is empty. Type a formula above, or drag a node onto the canvas."


class InspectorPanel(QScrollArea):
    """Everything about the selection, in the order in which it is asked for."""

    def __init__(self, document: Document, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("inspector_panel")
        self.setAccessibleName("Inspector")
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._document = document
        self._session = session
        self._sweeps = known_sweeps(session)
        self._problems: dict[str, str] = {}
        self._build()
        document.graph_changed.connect(self.refresh)
        session.evaluated.connect(self.refresh)
        session.selection_changed.connect(self.refresh)
        session.mode_changed.connect(self.refresh)
        session.step_changed.connect(self._step_changed)
        session.check_changed.connect(self.refresh)
        self._sweeps.changed.connect(self.refresh)
        self.refresh()

    def _build(self) -> None:
        self.name = Elided("", "text", 19.0, fonts.Weight.DemiBold)
        self.name.setObjectName("inspector_name")
        self.subtitle = Elided("", "text_muted")
        self.subtitle.setObjectName("inspector_subtitle")
        self.facts = Facts()
        self.fault = Sentence("inspector_error")
        self.kink = Sentence("inspector_kink", "warning", "warning")
        self.check = Facts()
        self.check.setObjectName("inspector_check")
        self.doc = Prose(token="text_muted", size=12.0)
        self.doc.setObjectName("inspector_doc")
        self.rename = Field("inspector_rename", "Name of the node", str.strip, self._rename)
        self.rename_row = QWidget()
        row = QHBoxLayout(self.rename_row)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        label = muted("name")
        label.setBuddy(self.rename)
        row.addWidget(label, 0, Qt.AlignmentFlag.AlignTop)
        label.setMinimumHeight(26)
        row.addWidget(Faulty(self.rename), 1)
        self.settings = SettingsForm(self._document)
        self.inputs = InputsSection(self._document, self)
        self.seed = SeedSection(self._document, self._session)
        self._inputs_title = heading("Inputs")
        self._rules = [Rule(), Rule(), Rule()]
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(MARGIN, 10, MARGIN, 14)
        column.setSpacing(8)
        self.neuron = NeuronSection(network_watch(self._document, self._session))
        column.addWidget(self.neuron)
        column.addWidget(self.name)
        column.addWidget(self.subtitle)
        for widget in (self.facts, self.check, self.fault, self.kink, self.doc, self._rules[0]):
            column.addWidget(widget)
        column.addWidget(self.rename_row)
        column.addWidget(self.settings)
        for below in (self._rules[1], self._inputs_title, self.inputs, self._rules[2], self.seed):
            column.addWidget(below)
        column.addStretch(1)
        self.setWidget(inside)

    # Showing ----------------------------------------------------------------------------------

    def refresh(self, *_: object) -> None:
        """Show the selection as it is now; nothing is done while nobody can see it."""
        if not self.isVisible():
            return
        session, graph = self._session, self._document.graph
        chosen = session.selected_nodes
        if len(chosen) > 1:
            nodes = [node for id_, node in graph.nodes_by_id.items() if id_ in chosen]
        else:
            nodes = [graph.nodes_by_id[id_] for id_ in chosen if id_ in graph.nodes_by_id]
        edges = session.selected_edges
        # Of a very large graph the kernel says what cannot be computed.
        self._problems = dict(problems(graph)) if len(graph) <= MOST_CHECKED else {}
        if len(nodes) == 1 and not edges:
            self._show_node(nodes[0])
        elif nodes:
            self._show_several(nodes)
        elif len(edges) == 1:
            self._show_edge()
        else:
            self._show_graph()
        self._inputs_title.setVisible(not self.inputs.isHidden())
        self._rules[1].setVisible(not self.inputs.isHidden())
        self._rules[2].setVisible(not self.seed.isHidden())

    def _show_node(self, node: Node) -> None:
        session, graph = self._session, self._document.graph
        is_output = node.id in graph.output_ids
        self._head(title(graph, node, is_output=is_output), subtitle(graph, node))
        self.facts.show_facts(node_facts(session, self._sweeps, node))
        self._show_check(node)
        fault = session.failures.get(node.id, "") or self._problems.get(node.id, "")
        self.fault.say(fault)
        self.kink.say(session.cautions.get(node.id, "") or kink_of(self._sweeps, node))
        self._describe(first_paragraph(node.operation.doc) if node.operation else "")
        self.rename_row.show()
        self.rename.show_text(node.name)
        self.settings.show_nodes([node])
        self._rules[0].show()

    def _show_several(self, nodes: Sequence[Node]) -> None:
        graph = self._document.graph
        names = ", ".join(title(graph, n, is_output=False) for n in nodes[:12])
        names += ", …" if len(nodes) > 12 else ""
        chosen = {node.id for node in nodes}
        group = next((g for g in graph.groups.values() if chosen == set(g.members)), None)
        if group is not None:
            self._head(group.title, f"group of {len(nodes)} nodes: {names}")
        else:
            self._head(f"{len(nodes)} nodes", names)
        self.settings.show_nodes(nodes)
        common = not self.settings.isHidden()
        self._plain([], "Settings that all of them have:" if common else "")
        self._rules[0].setVisible(common)

    def _show_edge(self) -> None:
        (key,) = self._session.selected_edges
        name, below, facts = edge_facts(self._session, self._document.graph, key)
        self._head(name, below)
        self.settings.show_nodes([])
        self._plain(facts, "How much the target changes when only this input changes.")
        self._rules[0].hide()

    def _show_graph(self) -> None:
        graph = self._document.graph
        path = self._document.path
        self._head(path.stem if path is not None else "Graph", "nothing is selected")
        self.settings.show_nodes([])
        self._plain(graph_facts(graph) if len(graph) else [], "" if len(graph) else EMPTY)
        if len(graph):
            self._show_check(None)
            faults = list(self._problems.values())
            more = f" ({len(faults) - 1} more)" if len(faults) > 1 else ""
            self.fault.say(faults[0] + more if faults else "")
        self._rules[0].hide()

    def _head(self, name: str, below: str) -> None:
        self.name.setText(name)
        self.subtitle.setText(below)

    def _plain(self, facts: Sequence[Fact], words: str) -> None:
        self.facts.show_facts(facts)
        self.check.show_facts([])
        self.fault.say("")
        self.kink.say("")
        self._describe(words)
        self.rename_row.hide()

    def _describe(self, words: str) -> None:
        self.doc.setText(words)
        self.doc.setVisible(bool(words))

    def _show_check(self, node: Node | None) -> None:
        # Its number is a derivative, which an exercise may ask for.
        open_ = bool(self._session.mode) and not self._session.mask
        found = check_text(self._session.check, node) if open_ else None
        facts = []
        if found is not None:
            text, agrees = found
            facts.append(Fact("Check", text, "success" if agrees else "error"))
        self.check.show_facts(facts)

    def _step_changed(self, _index: int) -> None:
        if len(self._session.selected_nodes) == 1:
            self.refresh()

    # Editing ----------------------------------------------------------------------------------

    def _rename(self, name: str) -> None:
        selected = self._session.selected_nodes
        if len(selected) != 1:
            return
        (id_,) = selected
        old = self._document.graph.nodes_by_id[id_].name
        refused: list[str] = []
        self._document.refused.connect(refused.append)
        self._document.apply(f"Rename {old}", lambda graph: rename(graph, id_, name))
        self._document.refused.disconnect(refused.append)
        if refused:
            raise VisualADError(refused[0])

    # Being seen -------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._sweeps.want("inspector", True)
        self._session.want_check(True)
        self.refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._sweeps.want("inspector", False)
        self._session.want_check(False)


class Facts(QWidget):
    """Rows of a label at the left and a number at the right. Hidden while there are none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(10)
        self._grid.setVerticalSpacing(5)
        self._grid.setColumnStretch(1, 1)
        self._labels: list[tuple[Text, Elided]] = []

    def show_facts(self, facts: Sequence[Fact]) -> None:
        """Show these rows."""
        while len(self._labels) < len(facts):
            row = len(self._labels)
            label = Text("", "text_muted", 12.0)
            number = Elided("")
            number.setAlignment(Qt.AlignmentFlag.AlignRight)
            self._grid.addWidget(label, row, 0)
            self._grid.addWidget(number, row, 1)
            self._labels.append((label, number))
        for (label, number), fact in zip(self._labels, facts, strict=False):
            colour = "text_muted" if fact.token == "text" else fact.token
            label.setText(fact.label)
            label.set_token(colour)
            number.setText(fact.text)
            number.set_token(fact.token)
            weight = fonts.Weight.DemiBold if fact.strong else fonts.Weight.Normal
            number.setFont(fonts.text(14.0 if fact.strong else fonts.SIZE, weight))
        for index, (label, number) in enumerate(self._labels):
            label.setVisible(index < len(facts))
            number.setVisible(index < len(facts))
        self.setVisible(bool(facts))

    def texts(self) -> list[tuple[str, str]]:
        """The rows that are shown."""
        return [(a.text(), b.text()) for a, b in self._labels if not a.isHidden()]
