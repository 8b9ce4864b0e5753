"""Answers about data sets; importing this registers them. What they need is imported when asked."""

from __future__ import annotations

from visualad.kernel.answers import answer
from visualad.kernel.data_messages import (
    DataPreview,
    DatasetDrawn,
    DataTaken,
    DrawDataset,
    PreviewData,
    TakeData,
)


@answer.register
def _(request: PreviewData) -> DataPreview:
    from visualad.kernel.data_choice import preview

    return preview(request)


@answer.register
def _(request: TakeData) -> DataTaken:
    from visualad.kernel.data_choice import take

    return take(request)


@answer.register
def _(request: DrawDataset) -> DatasetDrawn:
    from visualad.kernel.data_choice import draw

    return draw(request)
