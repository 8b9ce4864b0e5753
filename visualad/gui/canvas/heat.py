"""Arrays as small pictures in the diverging colours of the theme."""

from __future__ import annotations

import numpy as np
from PySide6.QtGui import QImage

from visualad.gui import theme


def picture(cells: np.ndarray, scale: float, shown: theme.Theme) -> QImage:
    """One pixel for each cell: -scale is the negative end of the map, +scale the positive.

    Cells that are no number are transparent, so that the hatch below them shows.
    """
    colours = theme.diverging(shown)
    finite = np.isfinite(cells)
    share = np.where(finite, cells, 0.0) / scale
    levels = np.clip((share + 1) * 127.5, 0, 255).astype(np.intp)
    rgba = np.empty((*cells.shape, 4), dtype=np.uint8)
    rgba[..., :3] = colours[levels]
    rgba[..., 3] = np.where(finite, 255, 0)
    height, width = cells.shape
    data = rgba.tobytes()
    return QImage(data, width, height, 4 * width, QImage.Format.Format_RGBA8888).copy()
