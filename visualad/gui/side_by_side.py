"""All three modes of one graph side by side, locked to the same step or free."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPalette
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from visualad.autodiff.steps import BACKWARD, MODES
from visualad.gui import fonts, theme
from visualad.gui.answering import answering
from visualad.gui.canvas.view import CanvasView
from visualad.gui.document import Document
from visualad.gui.kernel_bridge import KernelBridge
from visualad.gui.session import Session

WIDE = 1.2  # width by height of a graph from which on canvases stand below each other
TITLES = {"forward": "Forward", "backward": "Backward", "cross": "Cross"}


class SideBySide(QObject):
    """Puts two more canvases beside that of the window, so that each mode has one.

    The window's canvas always shows the mode that is chosen, and the transport moves its film.
    Locked, the other two go along to the same step; free, they stay where they are until their
    mode is chosen. Choosing a mode makes the canvases change roles, and no film loses its place.

    Attributes:
        stage: the widget that holds the canvases; with one canvas it looks like that canvas.
        locked: whether all are at the same step.

    Signals:
        changed: opened, closed, locked or set free.
    """

    locked: bool
    changed = Signal()

    def __init__(
        self, document: Document, session: Session, kernel: KernelBridge, canvas: CanvasView
    ) -> None:
        super().__init__(session)
        self._document, self._session, self._kernel = document, session, kernel
        self.locked = True
        self._canvas = canvas
        self._main = _Pane(canvas, self._set_locked)
        self._others: dict[str, _Other] = {}
        self._places: dict[str, int] = {}  # steps of modes to go on from
        self._mode = ""
        self.stage = QSplitter(Qt.Orientation.Vertical)
        self.stage.setObjectName("stage")
        self.stage.setChildrenCollapsible(False)
        self.stage.addWidget(self._main)
        session.mode_changed.connect(self._change_roles)
        session.sweep_changed.connect(self._follow_sweep)
        session.step_changed.connect(self._follow_step)
        session.progress_changed.connect(self._follow_step)
        session.selection_changed.connect(self._follow_selection)
        session.highlight_changed.connect(self._follow_highlight)
        session.mask_changed.connect(self._follow_mask)
        document.replaced.connect(self._forget_places)

    @property
    def is_open(self) -> bool:
        """Whether there are three canvases."""
        return bool(self._others)

    @property
    def canvases(self) -> dict[str, CanvasView]:
        """The canvas of each mode."""
        found = {mode: other.canvas for mode, other in self._others.items()}
        return {**found, self._session.mode: self._canvas} if found else {}

    def toggle(self) -> None:
        """Open or close."""
        (self.close if self.is_open else self.open)()

    def open(self) -> None:
        """Show all three modes; from values alone beginning with backward mode."""
        if self.is_open:
            return
        if not self._session.mode:
            self._session.set_mode(BACKWARD)
        self._mode = self._session.mode
        rect = self._canvas.scene_.graph_rect()
        wide = rect.width() > WIDE * rect.height()
        self.stage.setOrientation(Qt.Orientation.Vertical if wide else Qt.Orientation.Horizontal)
        for mode in MODES:
            if mode != self._mode:
                self._open_other(mode)
        self._arrange()
        self._follow_step()
        self.changed.emit()

    def close(self) -> None:
        """Back to one canvas."""
        for mode in list(self._others):
            self._others.pop(mode).close()
        self._main.show_header("", 0)
        self._canvas.fit_all(glide=False)
        self.changed.emit()

    def set_locked(self, locked: bool) -> None:
        """Let all canvases go to the same step, or each stay at its own."""
        self.locked = locked
        self._follow_step()
        self._show_headers()
        self.changed.emit()

    def _set_locked(self, locked: bool) -> None:
        self.set_locked(locked)

    def _open_other(self, mode: str) -> None:
        other = _Other(self._document, self._session, self._kernel, mode, self._set_locked)
        self._others[mode] = other
        other.pane.chosen.connect(lambda: self._choose(other))
        other.canvas.command_requested.connect(self._canvas.command_requested)
        other.canvas.status_changed.connect(self._canvas.status_changed)
        other.session.selection_changed.connect(lambda: self._take_selection(other.session))
        other.session.highlight_changed.connect(lambda: self._take_highlight(other.session))
        other.session.sweep_changed.connect(self._follow_step)
        other.canvas.questions.answer_with(answering(self._document, self._session))

    def _arrange(self) -> None:
        """Forward, backward, cross, in this order, with equal room."""
        for place, mode in enumerate(MODES):
            pane = self._main if mode == self._mode else self._others[mode].pane
            self.stage.insertWidget(place, pane)
            pane.show()
        self.stage.setSizes([1000] * len(MODES))
        for canvas in self.canvases.values():
            canvas.fit_all(glide=False)
        self._show_headers()

    # Roles ------------------------------------------------------------------------------------

    def _choose(self, other: _Other) -> None:
        """Somebody works on this canvas: its mode is the one that is played."""
        self._session.set_mode(other.session.mode)

    def _change_roles(self, mode: str) -> None:
        if not self.is_open:
            self._mode = mode
            return
        if not mode:  # values only: nothing to compare
            self.close()
            return
        before = self._mode
        other = self._others.pop(mode, None)
        if other is None or before == mode:
            return
        self._places[mode] = other.session.step_index
        self._places[before] = self._step_before
        other.close()
        self._mode = mode
        self._open_other(before)
        self._arrange()

    def _follow_sweep(self) -> None:
        session = self._session
        place = self._places.pop(session.mode, None) if session.sweep is not None else None
        if place is not None and self.is_open and session.complete:
            session.go_to(place)
        self._follow_step()

    def _forget_places(self) -> None:
        self._places.clear()

    # Following --------------------------------------------------------------------------------

    _step_before = -1

    def _follow_step(self, *_: object) -> None:
        session = self._session
        if session.sweep is not None:
            self._step_before = session.step_index
        for mode, other in self._others.items():
            if other.session.sweep is None:
                continue
            if self.locked and session.sweep is not None:
                other.go_to(session.step_index, session.progress)
            elif mode in self._places:
                other.go_to(self._places.pop(mode), 1.0)
        self._show_headers()

    def _follow_selection(self) -> None:
        for other in self._others.values():
            _select_as(other.session, self._session)

    def _take_selection(self, session: Session) -> None:
        _select_as(self._session, session)

    def _follow_highlight(self) -> None:
        for other in self._others.values():
            other.session.highlight(
                self._session.highlighted_nodes, self._session.highlighted_edges
            )

    def _take_highlight(self, session: Session) -> None:
        self._session.highlight(session.highlighted_nodes, session.highlighted_edges)

    def _follow_mask(self) -> None:
        for other in self._others.values():
            other.session.set_mask(self._session.mask)

    def _show_headers(self) -> None:
        if not self.is_open:
            return
        for mode in MODES:
            pane = self._main if mode == self._mode else self._others[mode].pane
            session = self._session if mode == self._mode else self._others[mode].session
            pane.show_header(mode, session.step_index, len(session.sweep or ()))
            pane.show_lock(mode == MODES[0], self.locked)
            pane.show_chosen(mode == self._mode)


class _Other:
    """A canvas with a session of its own, in a mode that is not chosen."""

    def __init__(
        self, document: Document, session: Session, kernel: KernelBridge, mode: str, lock: object
    ) -> None:
        self.session = Session(document, kernel, document)
        self.session.playback.reduced_motion = session.playback.reduced_motion
        self.session.set_mask(session.mask)
        self.session.set_mode(mode)
        _select_as(self.session, session)
        self.canvas = CanvasView(document, self.session)
        self.canvas.setObjectName(f"canvas_{mode}")
        self.canvas.setAccessibleName(f"Canvas in {mode} mode")
        self.pane = _Pane(self.canvas, lock)

    def go_to(self, step: int, progress: float) -> None:
        """Show a step; beyond the end the last one as it stands at its end."""
        sweep = self.session.sweep
        if sweep is None:
            return
        last = len(sweep) - 1
        self.session.playback.go_to(min(step, last), progress if step <= last else 1.0)

    def close(self) -> None:
        """Forget the canvas and its questions."""
        self.session.close()
        self.pane.hide()
        self.pane.setParent(None)
        self.pane.deleteLater()
        self.canvas.scene_.deleteLater()
        self.session.deleteLater()


def _select_as(session: Session, other: Session) -> None:
    """Select what another session has selected."""
    session.select(other.selected_nodes, other.selected_edges, other.selected_backdrops)


class _Pane(QFrame):
    """A canvas under a line that says its mode and its step.

    Signals:
        chosen: the line was clicked, or the canvas got the focus.
    """

    chosen = Signal()

    def __init__(self, canvas: CanvasView, lock: object) -> None:
        super().__init__()
        self.setObjectName("pane")
        self._canvas = canvas
        self._mode = ""
        self._chosen = True
        self.header = QWidget()
        self.header.setObjectName("pane_header")
        self.header.setAutoFillBackground(True)
        self.title = QLabel()
        self.title.setFont(fonts.text(13.0, fonts.Weight.DemiBold))
        self.place = QLabel()
        self.place.setFont(fonts.text(12.0))
        self.lock = QCheckBox("all at the same step")
        self.lock.setObjectName("pane_lock")
        self.lock.clicked.connect(lock)
        row = QHBoxLayout(self.header)
        row.setContentsMargins(14, 3, 14, 3)
        row.setSpacing(12)
        row.addWidget(self.title)
        row.addWidget(self.place)
        row.addStretch(1)
        row.addWidget(self.lock)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.header)
        column.addWidget(canvas, 1)
        self.header.hide()
        theme.theme_changed.connect(self._paint)

    def show_header(self, mode: str, step: int, steps: int = 0) -> None:
        """Say the mode and where its film stands; nothing for no mode."""
        self.header.setVisible(bool(mode))
        self.title.setText(TITLES.get(mode, ""))
        self.place.setText(
            f"step {step + 1} of {steps}" if step >= 0 else f"start of {steps}" if steps else ""
        )
        if mode != self._mode:
            self._mode = mode
            self._paint()

    def show_lock(self, shown: bool, locked: bool) -> None:
        """Show the switch that locks all canvases, or not."""
        self.lock.setVisible(shown)
        self.lock.setChecked(locked)

    def show_chosen(self, chosen: bool) -> None:
        """Whether this is the mode that is played."""
        if chosen != self._chosen:
            self._chosen = chosen
            self._paint()

    def _paint(self) -> None:
        shown = theme.current()
        palette = self.header.palette()
        back = shown.mode_soft(self._mode) if self._chosen and self._mode else shown.panel
        palette.setColor(QPalette.ColorRole.Window, QColor(back))
        self.header.setPalette(palette)
        for label, colour in ((self.title, shown.mode(self._mode)), (self.place, shown.text_muted)):
            colours = label.palette()
            colours.setColor(QPalette.ColorRole.WindowText, QColor(colour))
            label.setPalette(colours)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self.header.geometry().contains(event.position().toPoint()):
            self.chosen.emit()
