"""The loss curves, live while training."""

from __future__ import annotations

import csv
import math
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QEvent, QObject, QPointF, Qt, QTimer
from PySide6.QtGui import QContextMenuEvent, QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QFileDialog,
    QHBoxLayout,
    QMenu,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from visualad.gui import fonts, theme
from visualad.gui.curves import Column, thinned
from visualad.gui.document import Document
from visualad.gui.panels.parts import Elided, Text, empty_state
from visualad.gui.session import Session
from visualad.ops.writing import number_pretty

EMPTY = "Press Train: the loss on training and test data is drawn here, epoch by epoch."
FRAME_MS = 34  # at most 30 times a second
MOST_POINTS = 1600  # of a curve, more than a panel is wide
SMALLEST = 1e-300  # what a logarithmic axis can show


class LossPanel(QWidget):
    """Training loss (solid) and test loss (dashed) over the epochs."""

    def __init__(self, document: Document, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("loss_panel")
        self.setAccessibleName("Loss")
        self._document = document
        self._session = session
        self.plot: Any = None  # a pyqtgraph.PlotWidget once it is wanted
        self._curves: dict[str, Any] = {}
        self._cursor: Any = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(FRAME_MS)
        self._timer.timeout.connect(self.draw)
        self.train_text = Text("", "plot_train", 12.5, fonts.Weight.DemiBold)
        self.train_text.setObjectName("loss_train")
        self.test_text = Text("", "plot_test", 12.5, fonts.Weight.DemiBold)
        self.test_text.setObjectName("loss_test")
        self.cursor_text = Elided("", "text_muted", 12.0)
        self.cursor_text.setObjectName("loss_cursor")
        self.log = QCheckBox("logarithmic")
        self.log.setObjectName("loss_log")
        self.log.setAccessibleName("Logarithmic loss axis")
        self.log.setChecked(True)
        self.log.toggled.connect(self._set_log)
        top = QHBoxLayout()
        top.setContentsMargins(14, 6, 14, 0)
        top.setSpacing(18)
        top.addWidget(self.train_text)
        top.addWidget(self.test_text)
        top.addWidget(self.cursor_text, 1)
        top.addWidget(self.log)
        self._shown = QWidget()
        self._column = QVBoxLayout(self._shown)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(2)
        self._column.addLayout(top)
        self.empty = empty_state(EMPTY, "loss_empty")
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self._shown)
        self._stack.addWidget(self.empty)
        self._stack.setCurrentIndex(1)
        session.training_progress.connect(self._later)
        session.training_changed.connect(self._later)
        theme.theme_changed.connect(self._paint)

    # Drawing ----------------------------------------------------------------------------------

    def _later(self, *_: object) -> None:
        if self.isVisible() and not self._timer.isActive():
            self._timer.start()

    def draw(self) -> None:
        """Bring curves and legend up to date."""
        curves = self._session.curves
        if not curves.epochs:
            self._stack.setCurrentIndex(1)
            return
        if self.plot is None:
            self._make_plot()
        view = self.plot.getPlotItem().vb
        span = None if view.autoRangeEnabled()[0] else tuple(view.viewRange()[0])
        for name, values in (("train", curves.train), ("test", curves.test)):
            epochs, losses = thinned(curves.epochs.array, values.array, MOST_POINTS, span)
            if self.log.isChecked():
                losses = np.where(losses > SMALLEST, losses, np.nan)
            self._curves[name].setData(epochs, losses)
        self.train_text.setText(f"— train {_latest(curves.train)}")
        has_test = any(not math.isnan(value) for value in curves.test[-1:])
        self.test_text.setText(f"╌ test {_latest(curves.test)}" if has_test else "")
        self._stack.setCurrentIndex(0)

    def _make_plot(self) -> None:
        # Slow to import, and only wanted once something has been trained.
        import pyqtgraph

        from visualad.gui.panels.log_axis import LogAxis

        plot = pyqtgraph.PlotWidget(enableMenu=False, axisItems={"left": LogAxis("left")})
        # pyqtgraph makes its own menu all the same, which must go when the plot goes.
        unused = plot.getPlotItem().ctrlMenu
        unused.setParent(plot, unused.windowFlags())
        plot.setObjectName("loss_plot")
        plot.setAccessibleName("Loss by epoch")
        plot.hideButtons()
        plot.setLabel("bottom", "epoch")
        plot.setLabel("left", "loss")
        plot.showGrid(x=False, y=True, alpha=0.25)
        plot.getPlotItem().getAxis("left").enableAutoSIPrefix(False)
        plot.getPlotItem().getAxis("bottom").enableAutoSIPrefix(False)
        for name in ("test", "train"):
            self._curves[name] = plot.plot([], [], antialias=True)
        self._cursor = pyqtgraph.InfiniteLine(angle=90, movable=False)
        self._cursor.hide()
        plot.addItem(self._cursor, ignoreBounds=True)
        plot.scene().sigMouseMoved.connect(self._point)
        # Nearer by, other points of the curves are needed.
        plot.getPlotItem().vb.sigXRangeChanged.connect(self._later)
        plot.viewport().installEventFilter(self)
        plot.setLogMode(x=False, y=self.log.isChecked())
        self.plot = plot
        self._column.addWidget(plot, 1)
        self._paint()

    def _paint(self) -> None:
        if self.plot is None:
            return
        import pyqtgraph

        shown = theme.current()
        self.plot.setBackground(shown.surface)
        for name, style in (("train", Qt.PenStyle.SolidLine), ("test", Qt.PenStyle.DashLine)):
            colour = getattr(shown, f"plot_{name}")
            self._curves[name].setPen(pyqtgraph.mkPen(colour, width=1, style=style))
        self._cursor.setPen(pyqtgraph.mkPen(shown.text_muted, width=1, style=Qt.PenStyle.DotLine))
        for side in ("left", "bottom"):
            axis = self.plot.getPlotItem().getAxis(side)
            axis.setPen(pyqtgraph.mkPen(shown.border))
            axis.setTextPen(pyqtgraph.mkPen(shown.text_muted))
            axis.setTickFont(fonts.text(11.0))
            axis.label.setFont(fonts.text(11.0))

    def _set_log(self, logarithmic: bool) -> None:
        if self.plot is not None:
            self.plot.setLogMode(x=False, y=logarithmic)
            self.plot.enableAutoRange()
            self.draw()

    def _show_all(self, _checked: bool = False) -> None:
        self.plot.enableAutoRange()
        self.draw()

    # The cursor -------------------------------------------------------------------------------

    def _point(self, place: QPointF) -> None:
        epochs = self._session.curves.epochs
        if not epochs or not self.plot.sceneBoundingRect().contains(place):
            return
        epoch = self.plot.getPlotItem().vb.mapSceneToView(place).x()
        self.show_cursor(epoch)

    def show_cursor(self, epoch: float) -> None:
        """Show the losses at the epoch nearest to this one."""
        curves = self._session.curves
        index = int(np.argmin(np.abs(curves.epochs.array - epoch)))
        self._cursor.setPos(curves.epochs[index])
        self._cursor.show()
        test = curves.test[index]
        also = "" if math.isnan(test) else f", test {number_pretty(test)}"
        self.cursor_text.setText(
            f"epoch {curves.epochs[index]:,}: train {number_pretty(curves.train[index])}{also}"
        )

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave and self._cursor is not None:
            self._cursor.hide()
            self.cursor_text.setText("")
        elif event.type() == QEvent.Type.ContextMenu:
            self._open_menu(event)  # type: ignore[arg-type]
            return True
        return super().eventFilter(watched, event)

    # Exporting --------------------------------------------------------------------------------

    def menu(self) -> QMenu:
        """The context menu."""
        menu = QMenu(self)
        menu.addAction("Show All").triggered.connect(self._show_all)
        log = menu.addAction("Logarithmic Loss")
        log.setCheckable(True)
        log.setChecked(self.log.isChecked())
        log.triggered.connect(self.log.setChecked)
        menu.addSeparator()
        menu.addAction("Export as CSV…").triggered.connect(lambda: self._export("csv"))
        menu.addAction("Export as PNG…").triggered.connect(lambda: self._export("png"))
        return menu

    def _open_menu(self, event: QContextMenuEvent) -> None:
        menu = self.menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(event.globalPos())

    def _export(self, kind: str) -> None:
        pattern = f"{kind.upper()} (*.{kind})"
        name, _ = QFileDialog.getSaveFileName(self, "Export Loss", f"loss.{kind}", pattern)
        if not name:
            return
        path = Path(name) if Path(name).suffix else Path(f"{name}.{kind}")
        try:
            (self.write_csv if kind == "csv" else self.write_png)(path)
        except OSError as error:
            self._session.problem.emit(f"{path.name} cannot be written: {error.strerror}.", "")

    def write_csv(self, path: Path) -> None:
        """Write epoch, train and test loss as a table.

        Raises:
            OSError: if the file cannot be written.
        """
        curves = self._session.curves
        with path.open("w", newline="", encoding="utf-8") as stream:
            table = csv.writer(stream)
            table.writerow(("epoch", "train", "test"))
            for epoch, train, test in zip(curves.epochs, curves.train, curves.test, strict=True):
                table.writerow((epoch, repr(train), "" if math.isnan(test) else repr(test)))

    def write_png(self, path: Path) -> None:
        """Write the panel as a picture.

        Raises:
            OSError: if the file cannot be written.
        """
        if not self._shown.grab().save(str(path), "PNG"):
            raise OSError(5, "the picture could not be stored")

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.draw()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()


def _latest(values: Column) -> str:
    return number_pretty(values[-1]) if values else ""
