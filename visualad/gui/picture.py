"""Pictures of the window and of the graph, made without a display."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from visualad.autodiff.sweeps import Seed
from visualad.errors import FileError, VisualADError
from visualad.graph.atomic_write import reason_of, write_atomically
from visualad.graph.model import Graph

if TYPE_CHECKING:
    from PySide6.QtGui import QImage

    from visualad.gui.canvas.view import CanvasView
    from visualad.gui.main_window import MainWindow

PATIENCE = 60.0  # seconds for the kernel to start and answer
MARGIN = 24.0  # scene units around a graph
KINDS = ("window", "graph")


def write_picture(
    source: str | os.PathLike[str] | Graph,
    out: str | os.PathLike[str],
    kind: str = "window",
    theme: str = "light",
    size: tuple[int, int] = (1440, 900),
    mode: str | None = None,
    step: int | None = None,
    scale: float = 1.0,
    epochs: int = 0,
    *,
    seed: Seed = None,
    order: str | tuple[str, ...] = "backward",
    neurons: bool = False,
) -> Path:
    """Draw a graph as the window shows it, once all has been computed.

    Args:
        source: a `.vad` file or a graph.
        out: `.png`, for a graph `.svg` and `.pdf` too. Written whole or not at all.
        kind: "window" or "graph".
        theme: "light" or "dark".
        size: of the window in px.
        mode: "forward", "backward" or "cross" to show the derivative.
        step: counted from 1 as on screen; 0 is before the first, None after the last.
        scale: device pixels per px of the picture.
        epochs: train so many before the picture is taken; for a network with its data.
        seed: of the mode, as of `sweep`.
        order: of elimination, in cross mode.
        neurons: show the layers of a network neuron by neuron.

    Returns:
        The path written.

    Raises:
        VisualADError: when something of that is not possible; FileError for files.
    """
    from visualad.gui import theme as themes

    target = Path(out)
    _check(target, kind, theme, size, mode, scale)
    with tempfile.TemporaryDirectory(prefix="visualad-picture-") as folder:
        window, shown_before = _window(Path(folder), theme)
        try:
            window.resize(*size)
            if isinstance(source, Graph):
                window.document.new(source)
            else:
                window.document.open(Path(source))
            window.docks.fill()
            window.show()
            window.docks.reset()
            window.canvas.fit_all(glide=False)
            _compute(window, mode, step, seed, order)
            if neurons:
                _turn_over(window)
            if epochs:
                _train(window, epochs)
            if kind == "graph":
                save_scene(window.canvas, target, scale)
            else:
                _save(_grab(window, scale), target)
        finally:
            window.document.new()
            window.close()
            window.deleteLater()
            _settle(0.0)
            themes.set_theme(shown_before)
    return target


def save_scene(view: CanvasView, path: Path, scale: float = 2.0) -> None:
    """Write the whole scene of a canvas as `.png`, `.svg` or `.pdf`.

    Raises:
        FileError: if the file cannot be written.
    """
    from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRectF, QSize
    from PySide6.QtGui import QImage, QPainter
    from PySide6.QtSvg import QSvgGenerator

    from visualad.gui import fonts, theme
    from visualad.gui.outlines import with_outlines
    from visualad.gui.paper import Paper

    scene = view.scene_
    # Not all items: overlays reach far beyond the graph.
    area = scene.graph_rect().adjusted(-MARGIN, -MARGIN, MARGIN, MARGIN)
    whole = QRectF(0, 0, area.width(), area.height())
    background = theme.current().colour("background")
    if path.suffix.lower() == ".svg":
        content = QByteArray()
        buffer = QBuffer(content)
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        generator = QSvgGenerator()
        generator.setOutputDevice(buffer)
        generator.setSize(QSize(round(area.width()), round(area.height())))
        generator.setViewBox(QRectF(0, 0, area.width(), area.height()))
        generator.setTitle("Computational graph")
        painter = QPainter(generator)
        painter.fillRect(whole, background)
        scene.render(painter, whole, area)
        painter.end()
        buffer.close()
        _write(path, with_outlines(bytes(content.data()).decode("utf-8")).encode("utf-8"))
        return
    if path.suffix.lower() == ".pdf":
        with Paper(area.width(), area.height(), "Computational graph") as paper:
            paper.turn()
            paper.painter.fillRect(whole, background)
            with fonts.plain_figures():
                scene.render(paper.painter, whole, area)
            _write(path, paper.content())
        return
    image = QImage(
        round(area.width() * scale), round(area.height() * scale), QImage.Format.Format_ARGB32
    )
    image.fill(background)
    painter = QPainter(image)
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
    scene.render(painter, QRectF(image.rect()), area)
    painter.end()
    _save(image, path)


def _check(
    target: Path, kind: str, theme: str, size: tuple[int, int], mode: str | None, scale: float
) -> None:
    if kind not in KINDS:
        raise VisualADError(f"There is no picture of kind '{kind}'; use 'window' or 'graph'.")
    endings = (".png", ".svg", ".pdf") if kind == "graph" else (".png",)
    if target.suffix.lower() not in endings:
        raise FileError(
            f"A picture of the {kind} is written as {' or '.join(endings)}, "
            f"not as '{target.name}'; change the ending."
        )
    if theme not in ("light", "dark"):
        raise VisualADError(f"There is no theme '{theme}'; use 'light' or 'dark'.")
    if mode not in (None, "", "forward", "backward", "cross"):
        raise VisualADError(f"There is no mode '{mode}'; use 'forward', 'backward' or 'cross'.")
    if not all(200 <= side <= 10_000 for side in size) or not 0.25 <= scale <= 8:
        raise VisualADError(
            "A picture is 200 to 10,000 px wide and high, at a scale of 0.25 to 8; "
            "choose such a size."
        )


def _window(folder: Path, theme_name: str) -> tuple[MainWindow, str]:
    """A window that nobody sees, with settings of its own; and the theme shown until now."""
    from PySide6.QtCore import QCoreApplication, Qt

    if QCoreApplication.instance() is None:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"

    from visualad.gui import theme
    from visualad.gui.app import application
    from visualad.gui.main_window import MainWindow
    from visualad.gui.settings import Settings

    app = application()
    before = theme.current().name
    theme.set_theme(theme_name)
    theme.apply(app)
    window = MainWindow(Settings(folder / "window.ini"))
    window.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
    return window, before


def _compute(
    window: MainWindow,
    mode: str | None,
    step: int | None,
    seed: Seed,
    order: str | tuple[str, ...],
) -> None:
    """Wait until all is computed, and show the step."""
    session = window.session
    problems: list[str] = []
    session.problem.connect(lambda sentence, _: problems.append(sentence))
    session.remark.connect(problems.append)
    _wait(lambda: not window.kernel.is_busy, "values")
    if mode:
        problems.clear()
        session.set_order(order)
        session.set_mode(mode)
        session.set_seed(seed)
        _wait(lambda: not window.kernel.is_busy, f"the {mode} mode")
        if session.sweep is None:
            raise VisualADError(problems[-1] if problems else "There is no derivative to show.")
        session.go_to(len(session.sweep) - 1 if step is None else step - 1)
        shown = session.step_shown
        if shown is not None:
            session.select([shown.node])
    _settle(0.3)
    _wait(lambda: not window.kernel.is_busy, "the panels")
    _settle(0.1)


def _turn_over(window: MainWindow) -> None:
    """Show the neurons in place of the cards."""
    if not window.run("view.neurons"):
        raise VisualADError("The graph has no linear layers whose neurons could be shown.")
    _wait(lambda: not window.kernel.is_busy, "the network")


def _train(window: MainWindow, epochs: int) -> None:
    """Train from the graph's parameters; the same graph always gives the same picture."""
    from visualad.graph.edits import set_training

    wanted = {**window.document.graph.training, "epochs": epochs}
    window.document.apply("Train", lambda graph: set_training(graph, wanted))
    training = window.session.training
    training.start()
    _wait(lambda: not training.state, "the training")
    if not training.curves.epochs:
        raise VisualADError("The graph cannot be trained, so there is no picture of its training.")
    _wait(lambda: not window.kernel.is_busy, "values")
    _settle(0.5)


def _wait(condition: Callable[[], bool], what: str) -> None:
    from PySide6.QtWidgets import QApplication

    deadline = time.monotonic() + PATIENCE
    QApplication.processEvents()
    while not condition():
        if time.monotonic() > deadline:
            raise VisualADError(
                f"The picture is not made because computing {what} took over {PATIENCE:.0f} s."
            )
        QApplication.processEvents()
        time.sleep(0.005)


def _settle(seconds: float) -> None:
    """Let queued events, layouts and animations come to their end."""
    from PySide6.QtCore import QCoreApplication, QEvent
    from PySide6.QtWidgets import QApplication

    deadline = time.monotonic() + seconds
    while True:
        QApplication.processEvents()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        if time.monotonic() >= deadline:
            return
        time.sleep(0.01)


def _grab(window: MainWindow, scale: float) -> QImage:
    from PySide6.QtCore import QPoint
    from PySide6.QtGui import QImage, QPainter

    image = QImage(window.size() * scale, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(scale)
    painter = QPainter(image)
    window.render(painter, QPoint(0, 0))
    painter.end()
    return image


def _save(image: QImage, path: Path) -> None:
    from PySide6.QtCore import QBuffer, QByteArray, QIODevice
    from PySide6.QtGui import QImageWriter

    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"png")).write(image)
    _write(path, bytes(content.data()))


def _write(path: Path, content: bytes) -> None:
    try:
        write_atomically(path, content)
    except OSError as error:
        raise FileError(f"'{path}' cannot be written: {reason_of(error, path)}.") from error
