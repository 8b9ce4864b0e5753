"""The training panel: data, features, layers and how they learn."""

from __future__ import annotations

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from visualad.graph.model import Graph
from visualad.gui.document import Document
from visualad.gui.panels import training_edits as edits
from visualad.gui.panels.data_section import DataSection
from visualad.gui.panels.dataset_picture import forget_drawn
from visualad.gui.panels.learning_section import LearningSection
from visualad.gui.panels.network_section import FeatureSection, NetworkSection
from visualad.gui.panels.parts import Sentence
from visualad.gui.session import Session
from visualad.gui.training_editor import training_editor

SIDE, GAP = 12, 16
NARROWEST = 192


class TrainingPanel(QWidget):
    """What decides how the graph is trained; each control is one undoable step.

    Attributes:
        data, features, network, learning: its sections.
        reason: why the graph cannot be trained; backend_note: what the backend waits for.

    Signals:
        command_requested: the id of a command of the window.
    """

    command_requested = Signal(str)

    def __init__(self, document: Document, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("training_panel")
        self.setAccessibleName("Training")
        self._document = document
        self._session = session
        self._editor = training_editor(document, session)
        self._graph: Graph | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(SIDE, 10, SIDE, 12)
        column.setSpacing(GAP)
        self.reason = Sentence("training_reason", "info", "text_muted")
        self.backend_note = Sentence("backend_note", "info", "text_muted")
        self.data = DataSection(self._editor)
        self.features = FeatureSection(self._editor)
        self.network = NetworkSection(self._editor)
        self.learning = LearningSection(self._editor)
        self._sections = (self.data, self.features, self.network, self.learning)
        for widget in (self.reason, self.backend_note, *self._sections):
            column.addWidget(widget)
        column.addStretch(1)
        self.data.command_requested.connect(self.command_requested)
        self.learning.folds["start"].button.toggled.connect(self._show_anew)
        self._editor.refused.connect(self._show_anew)
        self._editor.hiding_changed.connect(self._show_anew)
        document.graph_changed.connect(self.refresh)
        session.training_changed.connect(self._show_notes)
        session.training_progress.connect(self._show_notes)
        self.refresh()

    def follow_plugins(self) -> None:
        """Offer the data sets, optimisers and losses that there are now."""
        forget_drawn()
        self.learning.offer_losses()
        self._show_anew()

    def _show_anew(self, *_: object) -> None:
        self._graph = None
        self.refresh()

    def refresh(self) -> None:
        """Show the graph's settings of training."""
        graph = self._document.graph
        if not self.isVisible() or graph is self._graph:
            return
        self._graph = graph
        reason = edits.reason_against(graph)
        self.reason.say(reason)
        able = bool(graph.parameters)
        for section in self._sections:
            section.setEnabled(able)
            section.setToolTip("" if able else reason)
        hidden = self._editor.hidden
        self.data.refresh()
        has_features = self.features.refresh()
        self.network.refresh(hidden)
        self.learning.refresh()
        for name, widget in {**self.data.controls, **self.learning.controls}.items():
            widget.setVisible(name not in hidden)
        self.features.setVisible(has_features and "features" not in hidden)
        in_network = {"layers", "activation", "normalization"}
        self.network.setVisible(able and not in_network <= hidden)
        self._show_notes()

    def _show_notes(self, *_: object) -> None:
        if not self.isVisible():
            return
        run = self._session.training
        notes = run.last.notes if run.last is not None and run.state else ()
        self.backend_note.say(" ".join(notes))

    def minimumSizeHint(self) -> QSize:
        """As wide as a layer's row, also while there is none yet: the dock asks only once."""
        return QSize(max(super().minimumSizeHint().width(), NARROWEST), 0)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()
        self._show_notes()
