"""The window of the plugins: what each is, whether it works and why not; on, off, again, test."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from visualad.gui import fonts, icons, theme
from visualad.gui.notifications import show_text
from visualad.gui.panels.parts import Prose, Sentence, Text, empty_state, muted, scrolled
from visualad.ops.findings import Finding
from visualad.plugins.places import user_folder
from visualad.plugins.records import DISABLED, FAILED, LOADED, NODES, Plugin

if TYPE_CHECKING:
    from visualad.gui.main_window import MainWindow

COLUMNS = ("Plugin", "State", "Brings", "Version", "From")
STATES = {
    LOADED: ("check", "success", "loaded"),
    FAILED: ("error", "error", "failed"),
    DISABLED: ("minus", "text_muted", "off"),
}
EMPTY = (
    "There are no plugins yet.\n\n“New…” writes a file with a node type that works; change it, "
    "save it, and it is in the palette.\nInstalled distributions with plugins are found by "
    "themselves."
)
SAFE = "Safe mode: VisualAD was started without plugins. Start it again without --safe-mode."
SIZE = QSize(900, 560)
_KEY = Qt.ItemDataRole.UserRole


class PluginsWindow(QDialog):
    """A list of all plugins over the details of the one that is chosen."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self.setObjectName("plugins_window")
        self.setWindowTitle("Plugins")
        self.setAccessibleName("Plugins")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(SIZE)
        self._window = window
        self._center = window.plugins
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 14)
        column.setSpacing(10)
        self.place = Prose(token="text_muted", size=12.5)
        self.place.setObjectName("plugins_place")
        column.addWidget(self.place)
        self.tree = self._make_tree()
        self._stack = QStackedWidget()
        self._stack.addWidget(self._make_pages())
        self.empty = empty_state(EMPTY, "plugins_empty")
        self._stack.addWidget(self.empty)
        column.addWidget(self._stack, 1)
        column.addLayout(self._make_buttons())
        self._center.changed.connect(self.refresh)
        theme.theme_changed.connect(self.refresh)
        self.refresh()

    # Building ---------------------------------------------------------------------------------

    def _make_tree(self) -> QTreeWidget:
        tree = QTreeWidget()
        tree.setObjectName("plugins_list")
        tree.setAccessibleName("Plugins")
        tree.setHeaderLabels(COLUMNS)
        tree.setRootIsDecorated(False)
        tree.setUniformRowHeights(True)
        tree.setAlternatingRowColors(False)
        tree.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        tree.setIconSize(QSize(15, 15))
        head = tree.header()
        head.setStretchLastSection(True)
        for number in (0, 1, 3):
            head.setSectionResizeMode(number, QHeaderView.ResizeMode.ResizeToContents)
        head.resizeSection(2, 250)
        tree.currentItemChanged.connect(lambda *_: self._show_details())
        return tree

    def _make_pages(self) -> QWidget:
        details = QWidget()
        column = QVBoxLayout(details)
        column.setContentsMargins(2, 8, 2, 4)
        column.setSpacing(6)
        row = QHBoxLayout()
        self.name = Text("", "text", 14.0, fonts.Weight.DemiBold)
        self.name.setObjectName("plugins_name")
        self.summary = muted("", 12.5)
        row.addWidget(self.name)
        row.addWidget(self.summary, 1)
        column.addLayout(row)
        self.error = Sentence("plugins_error")
        column.addWidget(self.error)
        self.trace = QPushButton("Show Traceback…")
        self.trace.setObjectName("plugins_traceback")
        self.trace.clicked.connect(self._show_traceback)
        column.addWidget(self.trace, 0, Qt.AlignmentFlag.AlignLeft)
        self.tests = Prose("", "text", 12.5)
        self.tests.setFont(fonts.text(12.5, fonts.Weight.DemiBold))
        self.tests.setObjectName("plugins_tests")
        column.addWidget(self.tests)
        self._findings = QVBoxLayout()
        self._findings.setSpacing(2)
        column.addLayout(self._findings)
        column.addStretch(1)
        area = scrolled(details, "plugins_details")
        pages = QSplitter(Qt.Orientation.Vertical)
        pages.setChildrenCollapsible(False)
        pages.addWidget(self.tree)
        pages.addWidget(area)
        pages.setSizes([230, 230])
        return pages

    def _make_buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        self.new = self._button("New…", "plugins_new", self._center.new)
        self.folder = self._button("Open Folder", "plugins_folder", self._window.open_plugin_folder)
        self.check = self._button("Check", "plugins_check", self._check)
        self.check.setToolTip("Run the automatic tests on its node types")
        self.reload = self._button("Reload", "plugins_reload", self._reload)
        self.switch = self._button("Disable", "plugins_switch", self._switch)
        close = self._button("Close", "plugins_close", self.close)
        for button in (self.new, self.folder):
            row.addWidget(button)
        row.addStretch(1)
        for button in (self.check, self.reload, self.switch):
            row.addWidget(button)
        row.addSpacing(12)
        row.addWidget(close)
        return row

    def _button(self, title: str, name: str, call: Callable[[], object]) -> QPushButton:
        button = QPushButton(title)
        button.setObjectName(name)
        button.setAutoDefault(False)
        button.clicked.connect(lambda _=False: call())
        return button

    # Showing ----------------------------------------------------------------------------------

    @property
    def plugin(self) -> Plugin | None:
        """The plugin that is chosen."""
        item = self.tree.currentItem()
        key = item.data(0, _KEY) if item is not None else None
        return next((p for p in self._center.inventory.plugins if p.key == key), None)

    def choose(self, key: str) -> None:
        """Choose a plugin."""
        for number in range(self.tree.topLevelItemCount()):
            item = self.tree.topLevelItem(number)
            if item is not None and item.data(0, _KEY) == key:
                self.tree.setCurrentItem(item)

    def refresh(self) -> None:
        """Show the plugins as they are; the chosen one stays chosen."""
        plugins = self._center.inventory.plugins
        safe = self._center.is_safe
        words = f"Python files in {user_folder()} are loaded as plugins, and anew when saved."
        if self._center.loading:
            words = f"Loading “{self._center.loading}”…"
        self.place.setText(SAFE if safe else words)
        self.place.set_token("warning" if safe else "text_muted")
        chosen = self.plugin
        self.tree.blockSignals(True)
        self.tree.clear()
        for plugin in plugins:
            self.tree.addTopLevelItem(self._row(plugin))
        self.tree.blockSignals(False)
        self._stack.setCurrentIndex(0 if plugins else 1)
        self.choose(chosen.key if chosen is not None else self._first(plugins))
        self._show_details()

    def _first(self, plugins: tuple[Plugin, ...]) -> str:
        """What to look at first: one that failed."""
        ordered = sorted(plugins, key=lambda plugin: plugin.status != FAILED)
        return ordered[0].key if ordered else ""

    def _row(self, plugin: Plugin) -> QTreeWidgetItem:
        icon, token, word = STATES[plugin.status]
        every = [
            f for found in self._center.findings.get(plugin.origin, {}).values() for f in found
        ]
        if plugin.status == LOADED and any(f.passed is False for f in every):
            icon, token, word = "warning", "warning", "tests fail"
        brings = plugin.kind if plugin.status != LOADED else _brings(plugin)
        item = QTreeWidgetItem(
            [plugin.name, word, brings, plugin.version or "—", shortened(plugin)]
        )
        item.setData(0, _KEY, plugin.key)
        item.setIcon(1, icons.icon(icon, token))
        item.setToolTip(4, plugin.origin)
        item.setToolTip(2, brings)
        item.setSizeHint(0, QSize(120, 26))
        if plugin.status == DISABLED:
            for number in range(len(COLUMNS)):
                item.setForeground(number, theme.current().colour("text_muted"))
        return item

    def _show_details(self) -> None:
        plugin = self.plugin
        able = plugin is not None and not self._center.is_safe
        off = plugin is not None and plugin.status == DISABLED
        self.switch.setText("Enable" if off else "Disable")
        self.switch.setEnabled(able)
        self.reload.setEnabled(able and not off)
        testable = plugin is not None and plugin.status == LOADED and NODES in plugin.kind
        checking = plugin is not None and self._center.is_checking == plugin.origin
        self.check.setText("Stop" if checking else "Check")
        self.check.setEnabled(checking or (able and testable and not self._center.is_checking))
        self.name.setText("" if plugin is None else plugin.name)
        self.summary.setText("" if plugin is None else _summary(plugin))
        self.error.say("" if plugin is None else plugin.error)
        self.trace.setVisible(plugin is not None and bool(plugin.detail))
        self._show_findings(plugin)

    def _show_findings(self, plugin: Plugin | None) -> None:
        while (item := self._findings.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        origin = plugin.origin if plugin is not None and plugin.status == LOADED else ""
        findings = self._center.findings.get(origin, {})
        fault = self._center.faults.get(origin, "")
        if origin and self._center.is_checking == origin:
            self.tests.setText("Testing…")
        elif fault:
            self.tests.setText(f"The tests did not come to their end. {fault}")
        elif findings:
            every = [f for found in findings.values() for f in found]
            wrong = sum(f.passed is False for f in every)
            right = sum(f.passed is True for f in every)
            failed = f"{wrong} test{'s' if wrong > 1 else ''} failed, " if wrong else ""
            self.tests.setText(f"{failed}{right} passed" + ("" if wrong else ": checked"))
        else:
            self.tests.setText("")
        self.tests.setVisible(bool(self.tests.text()))
        for name, found in findings.items():
            for finding in sorted(found, key=lambda f: f.passed is not False):
                self._findings.addWidget(_finding(name if len(findings) > 1 else "", finding))

    # Doing ------------------------------------------------------------------------------------

    def _show_traceback(self) -> None:
        plugin = self.plugin
        if plugin is not None:
            show_text(self, "Traceback", plugin.error, plugin.detail)

    def _check(self) -> None:
        plugin = self.plugin
        if plugin is not None and self._center.is_checking:
            self._window.kernel.interrupt()
        elif plugin is not None:
            self._center.check(plugin.origin)

    def _reload(self) -> None:
        plugin = self.plugin
        if plugin is not None:
            self._center.update([plugin.origin])

    def _switch(self) -> None:
        plugin = self.plugin
        if plugin is not None:
            self._center.set_enabled(plugin.origin, plugin.status == DISABLED)


def shortened(plugin: Plugin) -> str:
    """Where a plugin is from, as people write it."""
    folder = str(user_folder())
    if plugin.is_file and plugin.origin.startswith(folder):
        return "your plugin folder"
    return plugin.origin


def _brings(plugin: Plugin) -> str:
    names = ", ".join(plugin.provides)
    return f"{plugin.kind}: {names}" if names else "nothing"


def _summary(plugin: Plugin) -> str:
    return f"  {_brings(plugin)}" if plugin.status == LOADED else f"  {STATES[plugin.status][2]}"


def _finding(name: str, finding: Finding) -> QWidget:
    """A line for a test: a sign, what was tested, and what is wrong."""
    sign, token = {
        True: ("✓", "success"),
        False: ("✗", "error"),
        None: ("–", "text_muted"),
    }[finding.passed]
    line = QWidget()
    row = QHBoxLayout(line)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(8)
    mark = Text(sign, token, 13.0, fonts.Weight.DemiBold)
    mark.setFixedWidth(14)
    row.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
    title = Text(
        f"{name}: {finding.test}" if name else finding.test,
        "text" if finding.passed is not None else "text_muted",
        12.5,
    )
    title.setFixedWidth(190)
    row.addWidget(title, 0, Qt.AlignmentFlag.AlignTop)
    note = "nothing to judge" if finding.passed is None else finding.sentence
    words = Prose(note, "error" if finding.passed is False else "text_muted", 12.5)
    row.addWidget(words, 1)
    line.setAccessibleName(f"{finding.test}: {note or 'passed'}")
    return line
