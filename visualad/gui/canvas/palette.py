"""The panel of node types: searched, dragged onto the canvas, or added with a double click."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import (
    QByteArray,
    QEvent,
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPoint,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QDrag, QKeyEvent, QPainter, QPixmap
from PySide6.QtWidgets import (
    QAbstractItemView,
    QLabel,
    QLineEdit,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeWidget,
    QTreeWidgetItem,
    QTreeWidgetItemIterator,
    QVBoxLayout,
    QWidget,
)

from visualad.gui import fonts, icons, theme
from visualad.gui.canvas import catalogue
from visualad.gui.canvas.editing import NODE_MIME
from visualad.gui.document import Document
from visualad.gui.session import Session
from visualad.ops.declaration import REGISTRY, Operation

_OPERATION = Qt.ItemDataRole.UserRole
_WIDE_SYMBOL = 3
CHECKED = "✓ checked"
_SIGNS = {"mul": "×", "div": "÷"}  # formulas have · and /, which alone say little
_ROW, _HEADING, _SYMBOLS = 22, 30, 30


class Palette(QWidget):
    """A search field over the tree of node types.

    Signals:
        chosen: Enter or a double click on a node type; its name.
    """

    chosen = Signal(str)

    def __init__(
        self,
        document: Document | None = None,
        session: Session | None = None,
        parent: QWidget | None = None,
    ) -> None:
        """The palette shows the registry; it needs neither document nor session."""
        super().__init__(parent)
        self.setObjectName("palette")
        self.setAccessibleName("Node types")
        self.field = QLineEdit()
        self.field.setObjectName("palette_search")
        self.field.setAccessibleName("Search nodes")
        self.field.setPlaceholderText("Search nodes…  Tab")
        self.field.setClearButtonEnabled(True)
        self._search_icon = self.field.addAction(
            icons.icon("search", "text_muted"), QLineEdit.ActionPosition.LeadingPosition
        )
        self.field.textChanged.connect(self._search)
        self.field.installEventFilter(self)
        self.tree = _Tree(self)
        self.tree.itemActivated.connect(self._activate)
        self.nothing = QLabel()
        self.nothing.setObjectName("palette_nothing")
        self.nothing.setWordWrap(True)
        self.nothing.setMargin(6)
        self.nothing.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 8, 6, 6)
        column.setSpacing(6)
        column.addWidget(self.field)
        column.addWidget(self.nothing)
        column.addWidget(self.tree, 1)
        self.checked: frozenset[str] = frozenset()
        self._shown: object = None  # what the tree was made of
        theme.theme_changed.connect(self._follow_theme)
        self.refresh()

    def show_checked(self, names: frozenset[str]) -> None:
        """Mark the node types of plugins that have passed the automatic tests."""
        self.checked = names
        self.refresh()

    def refresh(self) -> None:
        """Read the registry again: plugins have come or gone."""
        self._search(self.field.text())

    def names(self) -> list[str]:
        """The node types that are listed, in order."""
        return [declared.name for declared in self._listed()]

    def _listed(self) -> list[Operation]:
        every = QTreeWidgetItemIterator(self.tree)
        found = []
        while (item := every.value()) is not None:
            if item.data(0, _OPERATION) is not None:
                found.append(item.data(0, _OPERATION))
            every += 1
        return found

    def _follow_theme(self) -> None:
        self.nothing.setStyleSheet(f"color: {theme.current().text_muted};")
        self._shown = None
        self.refresh()

    def _search(self, typed: str) -> None:
        wanted = typed.strip()
        found = {"": catalogue.search(wanted)} if wanted else catalogue.groups()
        shown = (wanted, self.checked, found)
        if shown == self._shown:
            return
        self._shown = shown
        self.tree.clear()
        self.tree.checked = self.checked
        for heading, operations in found.items():
            if wanted:
                self._list(operations)
            else:
                self._group(heading, operations)
        nothing = self.tree.topLevelItemCount() == 0
        self.nothing.setVisible(nothing)
        if nothing:
            self.nothing.setText(
                f"No node is called “{wanted}”. A plugin can add it: see Plugins in the menu."
            )

    def _group(self, heading: str, operations: Sequence[Operation]) -> None:
        group = QTreeWidgetItem([heading])
        group.setFlags(Qt.ItemFlag.ItemIsEnabled)
        self.tree.addTopLevelItem(group)
        for declared in operations:
            group.addChild(_entry(declared))
        group.setExpanded(True)

    def _list(self, operations: Sequence[Operation]) -> None:
        for declared in operations:
            self.tree.addTopLevelItem(_entry(declared))
        self._choose(self._first())

    def _activate(self, item: QTreeWidgetItem) -> None:
        declared = item.data(0, _OPERATION)
        if declared is not None:
            self.chosen.emit(declared.name)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if (
            watched is self.field
            and event.type() == QEvent.Type.KeyPress
            and isinstance(event, QKeyEvent)
        ):
            key = event.key()
            if key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
                self.tree.setFocus()
                if self.tree.currentItem() is None:
                    self._choose(self._first())
                else:
                    self.tree.keyPressEvent(event)
                return True
            if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                chosen = self.tree.currentItem()
                if chosen is not None and self.field.text().strip():
                    self._activate(chosen)
                return True
            if key == Qt.Key.Key_Escape and self.field.text():
                self.field.clear()
                return True
        return super().eventFilter(watched, event)

    def _choose(self, item: QTreeWidgetItem | None) -> None:
        if item is not None:
            self.tree.setCurrentItem(item)

    def _first(self) -> QTreeWidgetItem | None:
        top = self.tree.topLevelItem(0)
        return top.child(0) if top is not None and top.childCount() else top


class _Tree(QTreeWidget):
    """The tree; a drag from it carries the name of a node type."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.checked: frozenset[str] = frozenset()
        self.setObjectName("palette_tree")
        self.setAccessibleName("Node types")
        self.setHeaderHidden(True)
        self.setIndentation(6)
        self.setItemDelegate(_Rows(self))
        self.setMouseTracking(True)
        self.setRootIsDecorated(False)
        self.setDragEnabled(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.setExpandsOnDoubleClick(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setStyleSheet("QTreeWidget { background: transparent; }")
        self.itemClicked.connect(self._fold)

    def _fold(self, item: QTreeWidgetItem) -> None:
        if item.childCount():
            item.setExpanded(not item.isExpanded())

    def mimeTypes(self) -> list[str]:
        return [NODE_MIME]

    def mimeData(self, items: Sequence[QTreeWidgetItem]) -> QMimeData:
        declared = items[0].data(0, _OPERATION) if items else None
        return node_mime(declared.name) if declared is not None else QMimeData()

    def startDrag(self, actions: Qt.DropAction) -> None:
        item = self.currentItem()
        declared = item.data(0, _OPERATION) if item is not None else None
        if declared is None:
            return
        drag = QDrag(self)
        drag.setMimeData(node_mime(declared.name))
        picture = _card(declared, self.devicePixelRatioF())
        drag.setPixmap(picture)
        drag.setHotSpot(QPoint(75, 16))
        drag.exec(Qt.DropAction.CopyAction)


def node_mime(name: str) -> QMimeData:
    """What a drag of a node type carries."""
    mime = QMimeData()
    mime.setData(NODE_MIME, QByteArray(name.encode()))
    return mime


def _entry(declared: Operation) -> QTreeWidgetItem:
    item = QTreeWidgetItem([declared.label])
    item.setData(0, _OPERATION, declared)
    formula = catalogue.formula(declared)
    item.setToolTip(0, "\n\n".join(part for part in (formula, declared.doc) if part))
    item.setData(0, Qt.ItemDataRole.AccessibleTextRole, declared.label)
    item.setData(0, Qt.ItemDataRole.AccessibleDescriptionRole, catalogue.summary(declared))
    flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsDragEnabled
    item.setFlags(flags)
    return item


class _Rows(QStyledItemDelegate):
    """Headings with air above them; entries with their symbols in a column."""

    def __init__(self, tree: _Tree) -> None:
        super().__init__(tree)
        self._tree = tree

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        heading = index.data(_OPERATION) is None
        return QSize(120, _HEADING if heading else _ROW)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        shown = theme.current()
        declared = index.data(_OPERATION)
        state, rect = option.state, option.rect  # type: ignore[attr-defined]
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.save()
        if declared is None:
            painter.setPen(shown.colour("text_muted"))
            painter.setFont(fonts.text(11, fonts.Weight.Bold))
            painter.drawText(rect.adjusted(4, 8, 0, 0), left, index.data())
            painter.restore()
            return
        if state & QStyle.StateFlag.State_Selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(shown.colour("accent_soft"))
            painter.drawRoundedRect(rect.adjusted(0, 0, -2, 0), 4, 4)
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(shown.colour("hover"))
            painter.drawRoundedRect(rect.adjusted(0, 0, -2, 0), 4, 4)
        words = rect.adjusted(8, 0, -4, 0)
        if not declared.plugin and has_symbols(declared.category):
            painter.setPen(shown.colour("accent"))
            painter.setFont(fonts.text(13, fonts.Weight.Medium))
            painter.drawText(words, left, symbol_of(declared))
            words = words.adjusted(_SYMBOLS, 0, 0, 0)
        painter.setPen(shown.colour("text"))
        painter.setFont(fonts.text(13))
        note = CHECKED if declared.name in self._tree.checked else ""
        room = words.width() - (fonts.metrics(13).horizontalAdvance(note) + 6 if note else 0)
        label = fonts.metrics(13).elidedText(declared.label, Qt.TextElideMode.ElideRight, room)
        painter.drawText(words, left, label)
        if note:
            taken = round(fonts.metrics(13).horizontalAdvance(label))
            words = words.adjusted(taken + 6, 0, 0, 0)
            painter.setPen(shown.colour("success"))
            painter.drawText(words, left, note)
        painter.restore()


def symbol_of(declared: Operation) -> str:
    """What stands before the name; "" where the name says it: sin, cos, exp."""
    symbol = _SIGNS.get(declared.name, declared.symbol)
    if symbol in (declared.name, declared.label) or len(symbol) > _WIDE_SYMBOL:
        return ""
    return symbol


def has_symbols(category: str) -> bool:
    """Whether a category has a column for symbols: when most of its node types have one."""
    members = [declared for declared in REGISTRY if declared.category == category]
    return 2 * sum(bool(symbol_of(declared)) for declared in members) > len(members)


def _card(declared: Operation, ratio: float) -> QPixmap:
    """What hangs at the mouse while a node type is dragged."""
    shown = theme.current()
    picture = QPixmap(round(150 * ratio), round(34 * ratio))
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setOpacity(0.92)
    painter.setBrush(shown.colour("surface"))
    painter.setPen(shown.colour("accent"))
    painter.drawRoundedRect(1, 1, 148, 32, 6, 6)
    painter.setPen(shown.colour("text"))
    painter.setFont(fonts.text(13, fonts.Weight.DemiBold))
    words = fonts.metrics(13, fonts.Weight.DemiBold).elidedText(
        declared.label, Qt.TextElideMode.ElideRight, 130
    )
    painter.drawText(11, 22, words)
    painter.end()
    return picture
