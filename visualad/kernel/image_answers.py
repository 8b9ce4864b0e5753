"""Answers about pictures; importing this registers them."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING

from visualad.kernel.answers import answer
from visualad.kernel.image_messages import ImageSeen, LookAtImage

if TYPE_CHECKING:
    from visualad.training.image_input import Pictures

_known: dict[Hashable, Pictures] = {}  # the last data set: standardising takes time


@answer.register
def _(request: LookAtImage) -> ImageSeen:
    import numpy as np

    from visualad.training.data_settings import settings_key
    from visualad.training.image_input import look, next_wrong, pictures, to_pixels, with_parameters

    settings = request.graph.training.get("data") or {}
    key = settings_key(settings)
    if key not in _known:
        found = pictures(settings)
        _known.clear()
        _known[key] = found
    found = _known[key]
    graph = with_parameters(request.graph, request.parameters or {})
    count = len(found.data)
    index, none_wrong = request.index % count, False
    if request.drawing is not None:
        index = -1
        drawing = np.asarray(request.drawing, dtype=float)
        pixels = to_pixels(drawing, found.shape, fitted=request.fitted)
    else:
        if request.wrong:
            wrong = next_wrong(graph, found, request.index)
            index, none_wrong = (index, True) if wrong is None else (wrong, False)
        pixels = found.pixels(index)
    seen = look(graph, found, pixels)
    return ImageSeen(
        request.id,
        pixels,
        found.classes,
        seen.scores,
        seen.are_probabilities,
        seen.layers,
        index=index,
        label=found.label(index) if index >= 0 else -1,
        tested=bool(found.tested[index]) if index >= 0 else False,
        count=count,
        none_wrong=none_wrong,
    )
