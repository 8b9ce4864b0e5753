"""The plugins of a window: kept up to date with their files, told to everything that shows them."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from PySide6.QtCore import QFileSystemWatcher, QObject, QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices

from visualad.errors import VisualADError
from visualad.graph.placeholders import outdated, placeholder_reason, upgrade
from visualad.gui.canvas.palette import Palette
from visualad.gui.plugins_window import PluginsWindow
from visualad.gui.questions import Question
from visualad.kernel.messages import Failed, Reply
from visualad.kernel.plugin_messages import CheckPlugin, PluginChecked, Start, UpdatePlugins
from visualad.ops.findings import Finding
from visualad.plugins.choices import set_disabled
from visualad.plugins.places import is_safe_mode, user_folder, watched_paths
from visualad.plugins.records import FAILED, LOADED, NODES, Inventory, Plugin
from visualad.plugins.template import new_plugin, node_type_of

if TYPE_CHECKING:
    from visualad.gui.main_window import MainWindow

SETTLED_MS = 200  # after a file has changed; editors write in several steps
LIMIT_MS = 20_000  # that such a test may take
IDLE_MS = 800  # until a plugin of the user's own is tested by itself
OFFERING = ("palette", "training", "plugins")  # panels that offer what plugins bring

Findings = dict[str, tuple[Finding, ...]]


class PluginCenter(QObject):
    """Reloads plugins when their files change, switches them on and off, has them tested.

    Attributes:
        findings: by origin, what the automatic tests found, by node type.
        faults: by origin, why they could not be run.
        paths: of further plugin files and folders.
        loading: name of the plugin that is being loaded, or "".

    Signals:
        changed: any of this, or the plugins themselves.
    """

    changed = Signal()

    is_safe: bool

    def __init__(self, window: MainWindow, start: Start) -> None:
        super().__init__(window)
        self._window = window
        self._kernel = window.kernel
        self.paths = start.paths
        self.is_safe = start.safe or is_safe_mode()
        self.findings: dict[str, Findings] = {}
        self.faults: dict[str, str] = {}
        self.loading = ""
        self._known: dict[str, Plugin] = {}
        self._checking = ""
        self._closed = False
        self._rests = False
        self._changed_files: set[str] = set()  # and folders, since the last update
        self._tickets: list[int] = []
        self._watcher = QFileSystemWatcher(self)
        self._settle = self._timer(SETTLED_MS, self.update)
        self._idle = self._timer(IDLE_MS, self._check_next)
        self._limit = self._timer(LIMIT_MS, self._kernel.interrupt)
        for signal in (self._watcher.fileChanged, self._watcher.directoryChanged):
            signal.connect(self._touched)

    def start(self) -> None:
        """The window is there: follow the plugins from now on."""
        self._kernel.plugins_changed.connect(self._show)
        self._kernel.plugin_loading.connect(self._show_loading)
        self._window.document.replaced.connect(self._offer_upgrade)
        self._window.docks.contents.filled.connect(self._show_in_panel)
        self._watch()
        if self.inventory.plugins:  # a kernel that another window has started
            self._show(frozenset())

    @property
    def inventory(self) -> Inventory:
        """The plugins, and what they bring."""
        return self._kernel.inventory

    @property
    def checked(self) -> frozenset[str]:
        """The node types that have passed all tests."""
        return frozenset(
            name
            for by_name in self.findings.values()
            for name, found in by_name.items()
            if all(f.passed is not False for f in found) and any(f.passed for f in found)
        )

    @property
    def is_checking(self) -> str:
        """The origin of the plugin that is being tested, or ""."""
        return self._checking

    # Doing ------------------------------------------------------------------------------------

    def update(self, again: Collection[str] = ()) -> None:
        """Load what has changed, and in any case the plugins of these origins."""
        if self.is_safe or self._closed:
            return
        touched, self._changed_files = self._changed_files, set()
        is_busy = self._window.session.is_training
        if self._limit.isActive() and self._checking in touched and not is_busy:
            self._kernel.interrupt()  # a test that nobody has asked for, of what was there before
        self._watch()
        self._tickets.append(self._kernel.ask(UpdatePlugins(tuple(again)), self._updated))

    def set_enabled(self, origin: str, enabled: bool) -> None:
        """Switch a plugin on or off, for good."""
        try:
            set_disabled(origin, not enabled)
        except VisualADError as error:
            self._window.notifications.show(error.message)
            return
        self.update()

    def check(self, origin: str) -> None:
        """Run the automatic tests on a plugin's node types."""
        if self._checking or self._closed:
            return
        self._checking = origin
        self._tickets.append(
            self._kernel.ask(CheckPlugin(origin), lambda reply: self._checked(origin, reply))
        )
        self.changed.emit()

    def rest(self) -> None:
        """Test nothing by itself until a plugin changes: the user has stopped everything."""
        self._rests = True

    def upgrade_nodes(self) -> None:
        """Bring all outdated nodes to the version of their type that is loaded, in one step."""
        self._window.document.apply("Upgrade Nodes", upgrade)

    def close(self) -> None:
        """The window closes."""
        self._closed = True
        self._settle.stop()
        self._idle.stop()
        self._limit.stop()
        watched = [*self._watcher.files(), *self._watcher.directories()]
        if watched:
            self._watcher.removePaths(watched)
        for ticket in self._tickets:
            self._kernel.forget(ticket)

    def new(self) -> None:
        """Ask for a name, write the file of a new plugin, and show where it is."""
        name = self._window.dialogs.plugin_name()
        if not name:
            return
        try:
            path = new_plugin(name, user_folder())
        except VisualADError as error:
            self._window.notifications.show(error.message)
            return
        self.update()
        opened = QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))
        called = node_type_of(name)
        taken = f" VisualAD has '{name}', so its node type is {called}." if called != name else ""
        where = "" if opened else " Open it in an editor."
        self._window.notifications.show(f"The new plugin is {path}.{taken}{where}", "info")

    def show_window(self) -> PluginsWindow:
        """The window that lists every plugin."""
        shown = self._window.findChild(PluginsWindow)
        if shown is None:
            shown = PluginsWindow(self._window)
        shown.show()
        shown.raise_()
        shown.activateWindow()
        return shown

    # Files ------------------------------------------------------------------------------------

    def _watch(self) -> None:
        if self.is_safe:
            return
        wanted = {str(path) for path in watched_paths(self.paths)}
        present = {*self._watcher.files(), *self._watcher.directories()}
        if present - wanted:
            self._watcher.removePaths(sorted(present - wanted))
        if wanted - present:
            self._watcher.addPaths(sorted(wanted - present))

    def _touched(self, path: str) -> None:
        self._changed_files.add(path)
        self._settle.start()

    # Answers ----------------------------------------------------------------------------------

    def _updated(self, reply: Reply) -> None:
        if isinstance(reply, Failed):
            self._window.notifications.show(reply.message, "error", reply.detail)
        self._watch()
        self.changed.emit()

    def _show_loading(self, name: str) -> None:
        self.loading = name
        if name:
            self._window.status.say(f"Loading the plugin “{name}”…")
        else:
            self._window.status.clearMessage()
        self.changed.emit()

    def _show(self, operations: frozenset[str]) -> None:
        if self._closed:
            return
        before, self._known = self._known, {p.key: p for p in self.inventory.plugins}
        for key, plugin in self._known.items():
            known = before.get(key)
            if known is None or _differs(known, plugin):
                self.findings.pop(plugin.origin, None)
                self.faults.pop(plugin.origin, None)
                Question.forgive()
                self._rests = False
                # What describes them may be the same, and yet they compute something else.
                operations |= frozenset(plugin.provides) | self._missing()
        self._show_things()
        if operations:
            self._window.document.renew_operations(operations)
        self._tell_failures(before)
        if operations:
            self._offer_upgrade()
        self._watch()
        self._idle.start()
        self.changed.emit()

    def _missing(self) -> frozenset[str]:
        """The node types that the document lacks; the reason for it may be another one now."""
        return frozenset(n.op for n in self._window.document.graph if placeholder_reason(n))

    def _show_things(self) -> None:
        """Everything in the window that offers what plugins bring."""
        window, docks = self._window, self._window.docks
        for name in OFFERING:
            self._show_in_panel(name)
        docks.follow_plugins(bool(self.inventory.panels))
        window.toolbar.refresh()
        window.files.show_lessons(self.inventory.lessons)
        window.commands.refresh()

    def _show_in_panel(self, name: str) -> None:
        panel = self._window.docks.contents.made(name)
        if isinstance(panel, Palette):
            panel.show_checked(self.checked)
        elif name in OFFERING and panel is not None:
            panel.follow_plugins()  # type: ignore[attr-defined]

    def _tell_failures(self, before: dict[str, Plugin]) -> None:
        new = [
            plugin
            for plugin in self._known.values()
            if plugin.status == FAILED
            and (plugin.key not in before or before[plugin.key].error != plugin.error)
        ]
        action = ("Plugins…", self.show_window)
        if len(new) == 1:
            self._window.notifications.show(new[0].error, "warning", new[0].detail, action)
        elif new:
            names = ", ".join(plugin.name for plugin in new[:5])
            sentence = f"{len(new)} plugins could not be loaded: {names}."
            self._window.notifications.show(sentence, "warning", "", action)

    def _offer_upgrade(self) -> None:
        nodes = outdated(self._window.document.graph)
        if nodes:
            kinds = ", ".join(sorted({node.op for node in nodes}))
            one = len(nodes) == 1
            sentence = (
                f"{nodes[0].name if one else f'{len(nodes)} nodes'} "
                f"{'was' if one else 'were'} made with another version of {kinds}."
            )
            action = ("Upgrade", self.upgrade_nodes)
            self._window.notifications.show(sentence, "warning", "", action)

    # Tests ------------------------------------------------------------------------------------

    def _check_next(self) -> None:
        """Test a plugin of the user's own that has not been tested since it was loaded."""
        due = [
            plugin.origin
            for plugin in self.inventory.plugins
            if plugin.is_file
            and plugin.status == LOADED
            and NODES in plugin.kind
            and plugin.provides
            and plugin.origin not in self.findings
            and plugin.origin not in self.faults
        ]
        if not due or self._checking or self._rests:
            return
        if self._kernel.is_busy:
            self._idle.start()
        else:
            self.check(due[0])
            self._limit.start()  # nobody has asked for it, so nobody would stop it

    def _checked(self, origin: str, reply: Reply) -> None:
        self._checking = ""
        self._limit.stop()
        if isinstance(reply, PluginChecked):
            self.findings[origin] = dict(reply.findings)
            self.faults.pop(origin, None)
        elif isinstance(reply, Failed):
            self.faults[origin] = reply.message
        self._show_things()
        self._idle.start()
        self.changed.emit()

    def _timer(self, milliseconds: int, call: object) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(milliseconds)
        timer.timeout.connect(call)
        return timer


def _differs(a: Plugin, b: Plugin) -> bool:
    """Whether a plugin was loaded anew in between."""
    return (a.status, a.source, a.error) != (b.status, b.source, b.error)
