"""The pages of a film as vector graphics and as pixels, and the two files without a codec.

PDF is written by Qt, GIF by Pillow.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtGui import QImage, QPainter

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
