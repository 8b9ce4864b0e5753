"""The main window: it is put together here, and what it does lies in its parts."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, QUrl, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QDesktopServices,
    QDragEnterEvent,
    QDropEvent,
    QKeyEvent,
    QPaintEvent,
    QShortcutEvent,
)
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QApplication,
    QLineEdit,
    QMainWindow,
    QPlainTextEdit,
    QTextEdit,
    QVBoxLayout,
    QWidget,
)

from visualad.errors import VisualADError
from visualad.graph import edits
from visualad.gui import crash, help_texts, theme
from visualad.gui.actions import Actions
from visualad.gui.answering import answering
from visualad.gui.canvas.palette import Palette
from visualad.gui.canvas.view import CanvasView
from visualad.gui.coach import CoachMark
from visualad.gui.command_palette import CommandPalette
from visualad.gui.data_files import DataFiles
from visualad.gui.dialogs import Dialogs
from visualad.gui.docks import Dock, Docks
from visualad.gui.document import Document
from visualad.gui.elimination_game import elimination_game
from visualad.gui.exercise_run import exercise_run
from visualad.gui.files import Files
from visualad.gui.kernel_bridge import KernelBridge
from visualad.gui.live_values import LiveValues
from visualad.gui.network_stage import NetworkStage
from visualad.gui.notifications import Notifications, show_text
from visualad.gui.plugin_center import PluginCenter
from visualad.gui.questions import AGAIN, Question
from visualad.gui.recent import RecentFiles
from visualad.gui.recovery import Recovery
from visualad.gui.runs import runs_of
from visualad.gui.session import Session
from visualad.gui.settings import Settings
from visualad.gui.side_by_side import SideBySide
from visualad.gui.status import StatusBar
from visualad.gui.toolbar import MainToolBar
from visualad.gui.transport import Transport
from visualad.kernel.client import KernelClient
from visualad.kernel.plugin_messages import Start
from visualad.plugins.places import user_folder
from visualad.training.shipped import image_shape

if TYPE_CHECKING:
    from visualad.gui.training_editor import TrainingEditor

SIZE = QSize(1440, 900)
FIRST_PAUSE_MS = 20  # after the first painting: it reaches the screen, waiting events are answered
QUIET_MS = 800  # after which nobody minds that the window stands still for a moment
HINT = "Press <b>Backward</b>, then <b>Space</b>: watch the derivative travel through the graph."


class MainWindow(QMainWindow):
    """The window on one document.

    Attributes:
        document, session, kernel: what is edited, what is looked at, who computes.
        plugins: the plugins, kept up to date.
        commands: the actions by command id; `run` triggers any.
        canvas, stage, docks, toolbar, transport, notifications: its parts.
        files, recent, recovery, dialogs, settings: around the document.
    """

    document: Document
    session: Session
    settings: Settings
    commands: Actions
    files: Files
    data: DataFiles
    recent: RecentFiles
    docks: Docks
    plugins: PluginCenter
    canvas: CanvasView
    stage: NetworkStage
    side_by_side: SideBySide
    toolbar: MainToolBar

    closing = Signal()  # nothing can stop it any more
    painted = Signal()  # once: the window has been seen for the first time

    def __init__(
        self,
        settings: Settings | None = None,
        kernel: KernelBridge | None = None,
        plugins: Start | None = None,
    ) -> None:
        """Build the window, empty.

        Args:
            kernel: one to share; else the window has its own and ends it when it closes.
            plugins: which plugins its own kernel loads beside those of the usual places.
        """
        super().__init__()
        self.setObjectName("main_window")
        self.setAcceptDrops(True)
        self.resize(SIZE)
        self.setMinimumSize(940, 480)  # fits 1920 x 1080 at 200 %
        self.settings = settings if settings is not None else Settings()
        client = KernelClient(plugins) if kernel is None else None
        self.kernel: KernelBridge = kernel or KernelBridge(client, self)
        self._owns_kernel = kernel is None
        self.document = Document(parent=self)
        self.session = Session(self.document, self.kernel, self)
        self.session.playback.reduced_motion = self.settings.reduced_motion
        runs_of(self.session)
        self._training_editor: TrainingEditor | None = None
        self.recent = RecentFiles(self.settings, self)
        self.dialogs = Dialogs(self)
        self.recovery = Recovery(self.document, parent=self)
        self.plugins = PluginCenter(self, plugins or Start())
        self.commands = Actions(self)
        self._was_painted = False
        self._coach: CoachMark | None = None
        self._palette: CommandPalette | None = None
        self._assemble()
        self._connect()
        self.plugins.start()
        self.restore_layout()
        self.canvas.setFocus()
        self._show_title()
        self.commands.refresh()

    # Putting it together ----------------------------------------------------------------------

    def _assemble(self) -> None:
        self.canvas = CanvasView(self.document, self.session)
        self.canvas.setObjectName("canvas")
        middle = QWidget()
        middle.setObjectName("middle")
        self.stage = NetworkStage(self.document, self.session)
        self.notifications = Notifications(self.stage)
        self.toolbar = MainToolBar(self)
        self.addToolBar(self.toolbar)
        self.transport = Transport(self)
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.canvas.questions.answer_with(answering(self.document, self.session))
        answering(self.document, self.session).register("canvas", self.canvas.questions)
        self.side_by_side = SideBySide(self.document, self.session, self.kernel, self.canvas)
        self.stage.set_cards(self.side_by_side.stage, self.canvas)
        LiveValues(self.session, self.canvas.isVisible)
        column.addWidget(self.stage, 1)
        column.addWidget(self.transport)
        self.setCentralWidget(middle)
        self.status = StatusBar(self.document, self.session, self.stop_computing)
        self.setStatusBar(self.status)
        self.docks = Docks(self, self._make_panel)
        self.files = Files(self)
        self.data = DataFiles(self)
        self.commands.build_menus(self.menuBar())
        self.files.build_menus(self.commands.menus["File"])
        self.menuBar().setObjectName("menu_bar")

    def _make_panel(self, kind: type) -> QWidget:
        panel: QWidget = kind(self.document, self.session)
        if isinstance(panel, Palette):
            panel.chosen.connect(self.canvas.add_node_at_centre)
        elif hasattr(panel, "command_requested"):
            panel.command_requested.connect(self.run)
        return panel

    def _connect(self) -> None:
        refresh = self.commands.refresh
        self.document.graph_changed.connect(self._follow)
        self.document.path_changed.connect(self._show_title)
        self.document.dirty_changed.connect(self.setWindowModified)
        self.document.refused.connect(self._tell)
        self.session.problem.connect(self._tell)
        self.session.news.connect(lambda sentence: self.notifications.show(sentence, "info"))
        self.session.remark.connect(self.status.say)
        self.session.selection_changed.connect(refresh)
        self.session.mode_changed.connect(self._mode_changed)
        for signal in (
            self.session.sweep_changed,
            self.session.step_changed,
            self.session.playing_changed,
            self.session.training_changed,
            self.session.playback.speed_changed,
        ):
            signal.connect(refresh)
            signal.connect(self.transport.refresh)
        self.docks.changed.connect(refresh)
        self.side_by_side.changed.connect(self._share_room)
        elimination_game(self.session).changed.connect(refresh)
        self.kernel.computing_changed.connect(self.status.set_busy)
        self.status.slow_changed.connect(refresh)
        self.session.training.unheard.connect(self.kernel.interrupt)
        self.notifications.said.connect(self.status.say)
        self.canvas.command_requested.connect(self.run)
        self.canvas.status_changed.connect(self.status.say)
        self.stage.status_changed.connect(self.status.say)
        self.stage.changed.connect(refresh)
        wanted = exercise_run(self.document, self.session).opened
        wanted.connect(lambda: self.docks.raise_("predict"))
        self.docks.contents.seen.connect(self._panel_seen)
        self.recovery.failed.connect(self._tell)
        self.painted.connect(lambda: QTimer.singleShot(FIRST_PAUSE_MS, self, self._listen))

    def _follow(self) -> None:
        training = self.document.graph.training
        self.docks.follow_training(bool(training))
        self._share_stage()
        self.docks.follow_pictures(image_shape(training.get("data") or {}) is not None)
        self.commands.refresh()

    def _share_stage(self) -> None:
        """The room of the film's buttons is the network's until a mode is chosen."""
        graph = self.document.graph
        trains = bool(graph.parameters and graph.training)
        self.transport.setHidden(trains and not self.session.mode)

    def _share_room(self) -> None:
        """Three canvases side by side take the room of the panels below."""
        self.docks.make_room(wanted=self.side_by_side.is_open)
        self.commands.refresh()

    def _mode_changed(self, mode: str) -> None:
        if mode:
            self.docks.show("derivation")
        self.commands.refresh()
        self.transport.refresh()
        self._share_stage()

    def _tell(self, sentence: str, detail: str = "") -> None:
        action = ("Ask Again", self.ask_again) if AGAIN in sentence else None
        self.notifications.show(sentence, "error" if detail else "warning", detail, action)

    def _show_title(self) -> None:
        self.setWindowTitle(f"{self.document.title}[*] — VisualAD")
        self.setWindowModified(self.document.is_dirty)

    # Commands ---------------------------------------------------------------------------------

    @property
    def training_editor(self) -> TrainingEditor:
        """What the controls of training do, made when it is asked for: few windows train."""
        if self._training_editor is None:
            from visualad.gui.training_editor import training_editor

            self._training_editor = training_editor(self.document, self.session)
            self._training_editor.hiding_changed.connect(self.commands.refresh)
        return self._training_editor

    def run(self, identity: str) -> bool:
        """Run the command with this id; False when it makes no sense at present.

        Raises:
            VisualADError: if there is no such command.
        """
        return self.commands.run(identity)

    def edit(self, what: str) -> None:
        """undo, redo, cut, copy, paste or select_all, in a text field when one has the focus.

        Where there is nothing to take back in the field, the last edit of the graph is meant.
        """
        field = QApplication.focusWidget()
        if isinstance(field, QLineEdit) and (
            (what == "undo" and not field.isUndoAvailable())
            or (what == "redo" and not field.isRedoAvailable())
        ):
            field = None
        if isinstance(field, QLineEdit | QTextEdit | QPlainTextEdit) and field.isVisible():
            (field.selectAll if what == "select_all" else getattr(field, what))()
        elif what in ("undo", "redo"):
            self._undo(again=what == "redo")
        else:
            getattr(self.canvas, what)()

    def _undo(self, *, again: bool) -> None:
        """Take back (or do again) what was done last: an edit, or an elimination by hand."""
        game = elimination_game(self.session)
        if again and game.can_go_again:
            game.go_again()
        elif not again and game.can_take_back:
            game.take_back()
        elif again:
            self.document.redo()
        else:
            self.document.undo()

    def rename_selected(self) -> None:
        """Edit the name or title of what is selected, or the text of a note, in its place."""
        self.canvas.keyboard.rename()

    def step_inside(self) -> None:
        """Open the group that comes next, or the one just passed, and show its first step."""
        session = self.session
        card = session.next_card
        if not card:
            return
        session.pause()
        first = session.first_inside(card)
        members = session.folding.cards[card].members
        self.canvas.grouping.open(card)
        self.canvas.show_nodes(members)
        session.go_to(first)

    def go_to_end(self) -> None:
        """Show the whole derivative."""
        if self.session.sweep is not None:
            self.session.pause()
            self.session.go_to(len(self.session.sweep) - 1)

    def set_dtype(self, dtype: str) -> None:
        """Compute in "float64" or "float32"."""
        self.document.apply(f"Use {dtype}", lambda graph: edits.set_dtype(graph, dtype))

    def stop_computing(self) -> None:
        """Stop what the kernel does at the moment."""
        if self.session.is_training:
            self.session.train_stop()
        else:
            self.plugins.rest()
            self.kernel.interrupt()

    def ask_again(self) -> None:
        """Compute everything that is shown anew, also what was stopped."""
        Question.forgive()
        self.document.renew_operations(())

    def choose_lesson_controls(self) -> None:
        """Choose what students see of the controls of training."""
        from visualad.gui.lesson_controls import LessonControlsDialog

        LessonControlsDialog(self.training_editor, self).exec()

    def toggle_theme(self) -> None:
        """Dark instead of light, and back."""
        self.set_theme("light" if theme.current().is_dark else "dark")

    def set_theme(self, name: str) -> None:
        """Show and remember a theme."""
        self.settings.theme = name
        theme.set_theme(name)
        self.commands.refresh()

    def toggle_reduced_motion(self) -> None:
        """Whether pulses travel."""
        reduced = not self.session.playback.reduced_motion
        self.session.playback.reduced_motion = reduced
        self.settings.reduced_motion = reduced

    def open_command_palette(self) -> None:
        """Find a command by typing."""
        if self._palette is None:
            self._palette = CommandPalette(self)
        self._palette.open()

    def open_node_palette(self) -> None:
        """Find a node type by typing, and put it where the mouse is or in the middle."""
        at = self.canvas.mapFromGlobal(self.cursor().pos())
        inside = self.canvas.viewport().rect()
        self.canvas.open_palette_at(at if inside.contains(at) else inside.center())

    # Help -------------------------------------------------------------------------------------

    def show_hint(self) -> None:
        """Point at what to press first."""
        if self._coach is None:
            self.toolbar.show_training(False)
            self._coach = CoachMark(self.toolbar.modes["backward"], HINT)
            self._coach.dismissed.connect(self._hint_seen)
            self.session.playing_changed.connect(self._coach.dismiss)
            self.document.replaced.connect(self._coach.dismiss)

    def _hint_seen(self) -> None:
        self._coach = None
        self.settings.hint_seen = True

    def show_shortcuts(self) -> None:
        """All shortcuts, from the table of commands."""
        show_text(self, "Keyboard Shortcuts", "What the keys do", help_texts.shortcuts())

    def show_about(self) -> None:
        """Version, licence, fonts."""
        show_text(self, "About VisualAD", *help_texts.about())

    def open_plugin_folder(self) -> None:
        """Open it in the file manager, made if it is not there."""
        self._open_folder(user_folder())

    def open_log(self) -> None:
        """Show the end of the log file."""
        path = crash.log_path()
        text = path.read_text(encoding="utf-8", errors="replace")[-60_000:] if path.exists() else ""
        show_text(self, "Log", str(path), text or "Nothing has gone wrong so far.")

    def _open_folder(self, folder: Path) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            self.notifications.show(f"The folder {folder} cannot be made ({error.strerror}).")
            return
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder))):
            self.notifications.show(f"The plugin folder is {folder}.", "info")

    # Layout -----------------------------------------------------------------------------------

    def restore_layout(self) -> None:
        """Take up size and layout of the last time."""
        if not self.settings.geometry.isEmpty():
            self.restoreGeometry(self.settings.geometry)
        self.docks.restore(self.settings.layout)

    # Events -----------------------------------------------------------------------------------

    def setVisible(self, visible: bool) -> None:
        if visible:  # before any panel is seen, so that none is made in vain
            self.docks.follow_training(bool(self.document.graph.training))
        super().setVisible(visible)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and _keeps_key(event):
            event.accept()
            return True
        if isinstance(event, QShortcutEvent) and event.isAmbiguous():
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._was_painted:
            self._was_painted = True
            self.painted.emit()

    def show_soon(self) -> None:
        """Start the kernel and show the window; answers are taken up when it has been painted."""
        self.kernel.start()
        self.kernel.listen(listening=False)
        QTimer.singleShot(QUIET_MS, self, self._listen)  # it may be minimised from the start
        self.show()

    def _listen(self) -> None:
        self.kernel.listen(listening=True)

    def _panel_seen(self, dock: Dock) -> None:
        if dock.plots and "pyqtgraph" not in sys.modules:
            QTimer.singleShot(QUIET_MS, self, self._import_plots)

    def _import_plots(self) -> None:
        """What plots are made with takes long to import: not when Train is pressed, but before."""
        if not self.isVisible() or "pyqtgraph" in sys.modules:
            return
        pressed = QApplication.mouseButtons() != Qt.MouseButton.NoButton
        if pressed or self.session.is_playing or self.session.is_busy or self.session.is_training:
            QTimer.singleShot(QUIET_MS, self, self._import_plots)
        else:
            import_module("pyqtgraph")

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if _dropped_file(event) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        path = _dropped_file(event)
        if path is not None:
            event.acceptProposedAction()
            if path.suffix.lower() == ".vad":
                self.files.open(path)
            else:
                self.data.open(path)

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self.files.may_lose():
            event.ignore()
            return
        self.settings.store_window(self.saveGeometry(), self.docks.save())
        self.recovery.clear()
        self.closing.emit()
        self.session.close()
        self.plugins.close()
        self.status.stop()
        self.notifications.clear()
        if self._owns_kernel:
            self.kernel.close()
        super().closeEvent(event)


def _keeps_key(event: QEvent) -> bool:
    """Whether a plain key belongs to the widget that has the focus, not to a shortcut."""
    assert isinstance(event, QKeyEvent)
    modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    if modifiers not in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier):
        return False
    focus = QApplication.focusWidget()
    if event.key() in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
        return not isinstance(focus, CanvasView)  # elsewhere it moves the focus, as everywhere
    moving = (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_End)
    if isinstance(focus, QAbstractItemView) and _selects_rows(focus):
        return event.key() in moving[2:]  # there is nothing at the left or right of a row
    if isinstance(focus, QAbstractSlider | QAbstractItemView):
        return event.key() in moving
    if isinstance(focus, QAbstractButton):
        return event.key() == Qt.Key.Key_Space
    return isinstance(focus, QLineEdit | QTextEdit | QPlainTextEdit)


def _selects_rows(view: QAbstractItemView) -> bool:
    return view.selectionBehavior() == QAbstractItemView.SelectionBehavior.SelectRows


def _dropped_file(event: QDropEvent) -> Path | None:
    """The `.vad` file or file of data that is being dropped, or None."""
    from visualad.training.columns import is_data_file  # late: it reads tables

    paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
    known = [path for path in paths if path.suffix.lower() == ".vad" or is_data_file(path)]
    # Of a pair of MNIST files those with the images bring the labels along.
    known.sort(key=lambda path: "labels" in path.name)
    return known[0] if known else None


def open_first(window: MainWindow, path: Path | None) -> None:
    """What the window shows at the start: the file, or the lecture's graph with a hint."""
    with window.commands.held():
        if path is not None and window.files.open(path):
            return
        try:
            window.files.open_lecture()
        except (VisualADError, FileNotFoundError) as error:
            window.notifications.show(str(error))
        if not window.settings.hint_seen:
            window.show_hint()
