"""The files that films are kept in: PDF by Qt, GIF by Pillow, MP4 by OpenCV.

OpenCV's wheels hold FFmpeg under the LGPL, without the encoders under the GPL (x264, x265) that
PyAV's and imageio-ffmpeg's come with. So films are VP9 in MP4, which is free of patents too and
which browsers, VLC and PowerPoint of today play.
"""

from __future__ import annotations

import io
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtGui import QImage, QPainter

from visualad.errors import VisualADError
from visualad.gui import fonts
from visualad.gui.film import RATES, Shot
from visualad.gui.film_stage import HEIGHT, WIDTH, Stage
from visualad.gui.paper import Paper

if TYPE_CHECKING:
    from PIL import Image

_GIF_SCALE = 0.75
_GIF_COLOURS = 128


def pdf(stage: Stage, shots: Iterator[Shot]) -> bytes:
    """Vector graphics, one page for each shot."""
    with Paper(WIDTH, HEIGHT, f"{stage.sweep.mode.capitalize()} mode, step by step") as paper:
        for _ in shots:
            paper.turn()
            with fonts.plain_figures():
                stage.paint(paper.painter)
        return paper.content()


def picture(stage: Stage, scale: float) -> QImage:
    """The page that is shown as pixels, RGB without transparency."""
    image = QImage(round(WIDTH * scale), round(HEIGHT * scale), QImage.Format.Format_RGB888)
    painter = QPainter(image)
    try:
        painter.scale(scale, scale)
        stage.paint(painter)
    finally:
        painter.end()
    return image


def pixels(image: QImage) -> np.ndarray:
    """An image in Format_RGB888 as (height, width, 3) bytes."""
    rows = np.frombuffer(image.constBits(), dtype=np.uint8).reshape(image.height(), -1)
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).copy()


def gif(stage: Stage, shots: Iterator[Shot]) -> bytes:
    """An endless film with one palette for all frames, so that no colour flickers."""
    from PIL import Image

    palette = _palette(stage)
    frames: list[Image.Image] = []  # a byte for each pixel
    durations: list[int] = []
    for shot in shots:
        colours = Image.fromarray(pixels(picture(stage, _GIF_SCALE)))
        frames.append(colours.quantize(palette=palette, dither=Image.Dither.NONE))
        durations.append(shot.frames * 1000 // RATES[".gif"])
    out = io.BytesIO()
    frames[0].save(
        out,
        format="GIF",
        save_all=True,
        append_images=frames[1:],
        duration=durations,
        loop=0,
        optimize=False,
    )
    return out.getvalue()


def _palette(stage: Stage) -> Image.Image:
    """The colours of the film: those of three of its moments together."""
    from PIL import Image

    last = len(stage.sweep) - 1
    samples = []
    for index, progress in ((-1, 1.0), (last // 2, 0.5), (last, 1.0)):
        stage.go_to(index, progress)
        samples.append(pixels(picture(stage, _GIF_SCALE)))
    together = Image.fromarray(np.concatenate(samples))
    return together.quantize(colors=_GIF_COLOURS, method=Image.Quantize.MEDIANCUT)


def mp4(stage: Stage, shots: Iterator[Shot]) -> bytes:
    """VP9 in MP4.

    Raises:
        VisualADError: if this OpenCV cannot write that.
    """
    import cv2

    # It tells its own business on standard error.
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
    with tempfile.TemporaryDirectory(prefix="visualad-film-") as folder:
        path = Path(folder) / "film.mp4"
        code = cv2.VideoWriter.fourcc(*"vp09")
        writer = cv2.VideoWriter(
            os.fspath(path), cv2.CAP_FFMPEG, code, float(RATES[".mp4"]), (WIDTH, HEIGHT)
        )
        if not writer.isOpened():
            raise VisualADError(
                "The OpenCV that is installed here cannot write VP9 films; "
                "pip install --force-reinstall opencv-python-headless."
            )
        try:
            for shot in shots:
                frame: Any = cv2.cvtColor(pixels(picture(stage, 1.0)), cv2.COLOR_RGB2BGR)
                for _ in range(shot.frames):
                    writer.write(frame)
        finally:
            writer.release()
        return path.read_bytes()
