"""Answers to what the window asks of plugins: files, lessons, panels."""

from __future__ import annotations

from visualad.kernel.answers import answer
from visualad.kernel.plugin_messages import (
    DrawPanel,
    GraphFound,
    OpenLesson,
    PanelDrawn,
    ReadGraph,
)


@answer.register
def _(request: ReadGraph) -> GraphFound:
    from visualad.exchange.extensions import read_graph_file

    return GraphFound(request.id, read_graph_file(request.path))


@answer.register
def _(request: OpenLesson) -> GraphFound:
    from visualad.plugins.lessons import lesson_graph

    return GraphFound(request.id, lesson_graph(request.name))


@answer.register
def _(request: DrawPanel) -> PanelDrawn:
    from visualad.plugins.panels import View, panel_blocks

    view = View(request.graph, request.mode, request.seed)
    return PanelDrawn(request.id, panel_blocks(request.name, view))
