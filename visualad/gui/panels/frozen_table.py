"""A table whose first column stays in sight while the others are scrolled sideways."""

from __future__ import annotations

from PySide6.QtCore import QAbstractItemModel, QEvent, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTableView, QWidget

Index = QModelIndex | QPersistentModelIndex
Hint = QAbstractItemView.ScrollHint


class FrozenTable(QTableView):
    """Rows are selected; what is done to the first column happens in a view that lies on it.

    Attributes:
        first: that view, of the same model and selection.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.first = QTableView(self)
        self._edge = QFrame(self)  # only where something is hidden behind it
        self._edge.setObjectName("frozen_edge")
        self._edge.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        for view in (self, self.first):
            view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
            view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
            view.setShowGrid(False)
            view.verticalHeader().hide()
            view.horizontalHeader().setHighlightSections(False)
            view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
            view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        first = self.first
        first.setEditTriggers(QAbstractItemView.EditTrigger.DoubleClicked)
        first.setFocusProxy(self)
        first.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        first.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        first.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        first.customContextMenuRequested.connect(self.customContextMenuRequested)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.horizontalHeader().sectionResized.connect(self._place)
        self.horizontalHeader().geometriesChanged.connect(self._place)
        across, down = self.horizontalScrollBar(), self.verticalScrollBar()
        across.valueChanged.connect(lambda value: self._edge.setVisible(value > 0))
        down.valueChanged.connect(first.verticalScrollBar().setValue)
        first.verticalScrollBar().valueChanged.connect(down.setValue)
        self._edge.hide()

    def setModel(self, model: QAbstractItemModel | None) -> None:
        """Show a model; once."""
        assert model is not None
        super().setModel(model)
        self.first.setModel(model)
        self.first.setSelectionModel(self.selectionModel())
        model.modelReset.connect(self._place)
        self._place()

    def set_row_height(self, height: int) -> None:
        """Of every row, in px."""
        for view in (self, self.first):
            view.verticalHeader().setDefaultSectionSize(height)

    def edit_first(self, row: int) -> None:
        """Edit the first cell of a row where it is seen."""
        self.first.edit(self.first.model().index(row, 0))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        current = self.currentIndex()
        if event.key() == Qt.Key.Key_F2 and current.isValid():
            self.edit_first(current.row())
        else:
            super().keyPressEvent(event)

    def scrollTo(self, index: Index, hint: Hint = Hint.EnsureVisible) -> None:
        """Bring a cell into sight, also from behind the first column."""
        if index.column() == 0:
            self.first.scrollTo(index, hint)
            return
        super().scrollTo(index, hint)
        hidden = self.columnWidth(0) - self.visualRect(index).left()
        if hidden > 0:
            across = self.horizontalScrollBar()
            across.setValue(across.value() - hidden)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.StyleChange, QEvent.Type.FontChange):
            self._place()

    def _place(self, *_: object) -> None:
        """Lay the view of the first column on it, and hide the others there."""
        columns = self.horizontalHeader().count()
        for column in range(1, columns):
            self.first.setColumnHidden(column, True)
        head, frame = self.horizontalHeader(), self.frameWidth()
        self.first.horizontalHeader().setFixedHeight(max(head.height(), 1))
        width = self.columnWidth(0) if columns else 0
        self.first.setColumnWidth(0, width)
        height = head.height() + self.viewport().height()
        self.first.setGeometry(frame, frame, width, height)
        self._edge.setGeometry(frame + width, frame, 1, height)
        self._edge.raise_()
