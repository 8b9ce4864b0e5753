"""The field that shows the graph as a formula and builds the graph from what is typed."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from visualad.errors import ParseError, VisualADError
from visualad.graph.formula import formula
from visualad.graph.model import DATA, PARAMETER, VARIABLE, Graph
from visualad.gui import fonts, theme
from visualad.gui.document import Document
from visualad.ops.writing import name_pretty

MOST_NAMES = 4  # inputs written out in front of the field
_GIVEN = (VARIABLE, PARAMETER, DATA)  # leaves whose value is no part of the formula
MOST_WRITTEN = 5_000  # nodes; of more the formula would be longer than anybody reads
LONGEST = 20_000  # characters of a formula that are worth showing in one line


class FormulaBar(QWidget):
    """`f(x₁, x₂) = [formula]`: Enter builds the graph, Escape brings its formula back."""

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("formula_bar")
        self._document = document
        self._shown: Graph | None = None
        self.label = QLabel()
        self.label.setObjectName("formula_label")
        self.label.setProperty("muted", True)
        self.field = QLineEdit()
        self.field.setObjectName("formula_field")
        self.field.setAccessibleName("Formula of the graph")
        self.field.setPlaceholderText("Type a formula, for example x1*sin(x2), and press Enter")
        self.field.setToolTip("Type a formula and press Enter to build its graph")
        self.field.setMinimumHeight(28)
        self.field.setMinimumWidth(160)
        self.label.setBuddy(self.field)
        self.field.installEventFilter(self)
        self.field.returnPressed.connect(self.build)
        self.field.textEdited.connect(self._edited)
        self._fault: ErrorBubble | None = None
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 0, 4, 0)
        row.setSpacing(8)
        row.addWidget(self.label)
        row.addWidget(self.field, 1)
        document.graph_changed.connect(self.refresh)
        document.replaced.connect(self._replaced)
        theme.theme_changed.connect(self._paint)
        self._paint()
        self.refresh()

    # What is shown ----------------------------------------------------------------------------

    @property
    def fault(self) -> str:
        """The sentence and caret shown beneath the field; "" when there are none."""
        return self._fault.words if self._fault is not None else ""

    def refresh(self) -> None:
        """Show the graph's formula, unless something else is being typed."""
        graph = self._document.graph
        if graph is self._shown or (self.field.isModified() and self.field.hasFocus()):
            return
        shown, typed = self._shown, self.field.isModified() or bool(self.fault)
        if shown is not None and not typed and reads_the_same(shown, graph):
            self._shown = graph
            return
        self._show(graph)

    def _show(self, graph: Graph) -> None:
        self._shown = graph
        self.label.setText(signature(graph))
        few = 0 < len(graph) <= MOST_WRITTEN
        try:
            text = "; ".join(formula(graph, names=False).splitlines()) if few else ""
            hint = "Type a formula, for example x1*sin(x2), and press Enter"
        except VisualADError as error:
            text, hint = "", error.message
        if len(graph) > MOST_WRITTEN:
            hint = f"The formula of {len(graph):,} nodes is not written out."
        if ";" in text:  # several statements are no single f = ...
            self.label.setText(signature(graph).removesuffix(" =") + ":")
        if len(text) > LONGEST:
            text, hint = "", f"This graph's formula has {len(text):,} characters."
        self.field.setPlaceholderText(hint)
        if text != self.field.text():
            self.field.setText(text)
            self.field.setCursorPosition(0)
        self.field.setModified(False)
        self._clear_fault()

    def take_focus(self) -> None:
        """Put the cursor into the field, all selected."""
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()

    # Building ---------------------------------------------------------------------------------

    def build(self) -> bool:
        """Build the graph of the text; False when it cannot be read, which is then said beneath."""
        text = self.field.text()
        if not self.field.isModified() and not self.fault:
            return True
        from visualad.graph.reformulate import reformulate  # late: the parser comes along

        try:
            graph = reformulate(self._document.graph, text)
        except VisualADError as error:
            self._show_fault(error)
            return False
        self._clear_fault()
        self.field.setModified(False)
        self._document.apply("Edit formula", lambda _: graph)
        self._show(self._document.graph)
        return True

    def _show_fault(self, error: VisualADError) -> None:
        self._clear_fault()
        if isinstance(error, ParseError):
            self._fault = ErrorBubble(self.window(), error.message, error.caret)
        else:
            self._fault = ErrorBubble(self.window(), error.message, "")
        self._mark(True)
        corner = self.field.mapTo(self.window(), QPoint(0, self.field.height() + 4))
        self._fault.show_at(corner, self.window().width() - corner.x() - 16)

    def _clear_fault(self) -> None:
        if self._fault is not None:
            self._fault.hide()
            self._fault.deleteLater()
            self._fault = None
            self._mark(False)

    def _mark(self, invalid: bool) -> None:
        self.field.setProperty("invalid", "true" if invalid else "false")
        self.field.style().unpolish(self.field)
        self.field.style().polish(self.field)

    def _edited(self) -> None:
        self._clear_fault()

    def _replaced(self) -> None:
        self._shown = None
        self.field.setModified(False)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress:
            assert isinstance(event, QKeyEvent)
            if event.key() == Qt.Key.Key_Escape:
                self._show(self._document.graph)
                self.field.clearFocus()
                return True
        elif event.type() == QEvent.Type.FocusOut and not self.field.isModified():
            self._show(self._document.graph)
        return False

    def _paint(self) -> None:
        self.label.setFont(fonts.text(13.0))
        self.field.setFont(fonts.text(13.0))
        self.label.setStyleSheet(f"color: {theme.current().text_muted};")


class ErrorBubble(QFrame):
    """A sentence beneath the field, with the place of the fault marked by a caret."""

    def __init__(self, parent: QWidget, sentence: str, caret: str) -> None:
        super().__init__(parent)
        self.setObjectName("formula_error")
        self.words = f"{sentence}\n{caret}".strip()
        self.setAccessibleName(sentence)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 8)
        column.setSpacing(4)
        told = QLabel(sentence)
        told.setWordWrap(True)
        told.setTextFormat(Qt.TextFormat.PlainText)
        column.addWidget(told)
        if caret:
            marked = QLabel(caret)
            marked.setObjectName("formula_caret")
            marked.setTextFormat(Qt.TextFormat.PlainText)
            marked.setFont(fonts.monospaced())
            column.addWidget(marked)
        colours = theme.current()
        self.setStyleSheet(
            f"#formula_error {{ background: {colours.error_soft};"
            f" border: 1px solid {colours.error}; border-radius: 6px; }}"
            f"QLabel {{ color: {colours.text}; background: transparent; }}"
        )

    def show_at(self, corner: QPoint, most: int) -> None:
        """Show it there, at most so wide."""
        self.setMaximumWidth(max(200, min(640, most)))
        self.adjustSize()
        self.move(corner)
        self.show()
        self.raise_()


def reads_the_same(a: Graph, b: Graph) -> bool:
    """Whether two graphs surely have the same formula: at most values of inputs and places differ.

    Quick, for while a slider is dragged or a node moved; a formula of many nodes takes its time.
    """
    return (
        a.sources == b.sources
        and a.declared_outputs == b.declared_outputs
        and list(a.nodes_by_id) == list(b.nodes_by_id)
        and all(
            node is (now := b.nodes_by_id[id_])
            or (
                (node.op, node.name, node.aliases) == (now.op, now.name, now.aliases)
                and (node.op in _GIVEN or node.settings is now.settings)
            )
            for id_, node in a.nodes_by_id.items()
        )
    )


def signature(graph: Graph) -> str:
    """What stands before the field: `f(x₁, x₂, x₃) =`."""
    names = [name_pretty(name) for name in graph.inputs]
    if len(names) > MOST_NAMES:
        names = [*names[: MOST_NAMES - 2], "…", names[-1]]
    if not names:
        return "f ="
    return f"f({', '.join(names)}) ="
