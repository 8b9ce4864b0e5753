"""The loss panel with a curve of a million points: a further point arrives and is painted."""

from __future__ import annotations

import statistics

import numpy as np
from PySide6.QtCore import QEventLoop, QTimer

from benchmarks.waits import CLOCKS

COUNT, ROUNDS = 1_000_000, 20


def measure(_seconds: float, clock: str) -> dict[str, float]:
    """Medians of 20, in milliseconds."""
    import visualad as va
    from visualad.gui.app import application
    from visualad.gui.main_window import MainWindow
    from visualad.gui.panels.loss import LossPanel
    from visualad.gui.settings import Settings

    app = application()
    window = MainWindow(Settings())
    window.document.new(va.mlp([2, 8, 8, 1], loss="mean_squared_error", data="spiral"))
    window.resize(1440, 900)
    window.show()
    window.docks.fill()
    window.docks.raise_("loss")
    panel = window.docks.panel("loss")
    assert isinstance(panel, LossPanel)
    curves = window.session.curves
    losses = np.exp(-np.arange(COUNT) / COUNT) + 0.01 * np.random.default_rng(0).normal(size=COUNT)
    curves.epochs.extend(range(COUNT))
    curves.train.extend(losses.tolist())
    curves.test.extend((losses + 0.1).tolist())
    panel.draw()
    loop = QEventLoop()
    QTimer.singleShot(1000, loop.quit)
    loop.exec()
    spent = []
    now = CLOCKS[clock]
    for turn in range(ROUNDS):
        begin = now()
        curves.epochs.append(COUNT + turn)
        curves.train.append(0.4)
        curves.test.append(0.5)
        panel.draw()
        panel.plot.plot.viewport().repaint()
        app.processEvents()
        spent.append(now() - begin)
    window.document.new()
    window.close()
    return {"loss curve of a million points: update and paint": statistics.median(spent) * 1e3}
