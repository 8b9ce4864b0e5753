"""Drawing an edge between two ports, or taking one end of an edge elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF, Qt

from visualad.exchange import routes
from visualad.graph.checks import Validity
from visualad.graph.folding import EdgeKey
from visualad.gui.canvas import hits
from visualad.gui.canvas.edge_line import painter_path
from visualad.gui.canvas.gestures.base import Gesture, Press
from visualad.gui.canvas.hits import Port

if TYPE_CHECKING:
    from visualad.gui.canvas.view import CanvasView

# On a large graph only the ports one can see are asked whether they fit.
_MOST_ASKED = 400


class Connect(Gesture):
    """From a port to another. An edge that is taken by its end leaves when dropped on nothing.

    Ports that cannot be connected fade; near one of them the reason stands at the mouse. Dropped
    on the empty canvas, the edge asks what node to make there.
    """

    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, view: CanvasView, press: Press) -> None:
        super().__init__(view, press)
        self._fixed, self._moving = _ends(view, press)
        self._goal: Port | None = None
        self._validity = Validity(True)
        self._asked: dict[Port, Validity] = {}

    @classmethod
    def fits(cls, view: CanvasView, press: Press) -> bool:
        if not press.is_left or press.holds(Qt.KeyboardModifier.AltModifier):
            return False
        return press.hit.port is not None or bool(press.hit.end)

    def start(self) -> None:
        if self._moving is not None:
            self.view.scene_.edges[self._moving].set_look(hidden=True)
        self._dim()

    def _dim(self) -> None:
        """Light the ports that fit and fade the nodes that have none."""
        scene = self.view.scene_
        visible = self.view.visible_rect()
        seen = [i for i in scene.nodes.values() if visible.intersects(i.body())]
        for item in seen[:_MOST_ASKED]:
            if item.node_id == self._fixed.node:
                continue
            names = item.face.ports if self._fixed.is_output else ("out",)
            fitting = frozenset(name for name in names if self._ask(Port(item.node_id, name)).ok)
            item.set_look(open_ports=fitting, dimmed=not fitting)

    def _ask(self, port: Port) -> Validity:
        if port not in self._asked:
            self._asked[port] = self.view.editing.may_connect(self._fixed, port, self._moving)
        return self._asked[port]

    def drag(self, at: QPointF, screen: QPoint, modifiers: Qt.KeyboardModifier) -> None:
        self._goal = self._port_near(at)
        end = at
        self._validity = Validity(True)
        if self._goal is not None:
            self._validity = self._ask(self._goal)
            end = self.view.scene_.port(self._goal.node, self._goal.name)
        start = self.view.scene_.port(self._fixed.node, self._fixed.name)
        if not self._fixed.is_output:
            start, end = end, start
        path = painter_path(routes.direct(start.toTuple(), end.toTuple()))
        snapped = self._goal is not None and self._validity.ok
        self.view.overlay.show_shapes(
            line=path,
            token="accent" if self._validity.ok else "error",
            dashed=not snapped,
            dot=(end if self._fixed.is_output else start) if self._goal is not None else None,
        )
        self.view.bubble.say(self._validity.reason, screen)

    def _port_near(self, at: QPointF) -> Port | None:
        """The port that takes the edge here: one in reach, or one of the card under the mouse."""
        scene = self.view.scene_
        takes_output = not self._fixed.is_output
        near = hits.nearest_port(
            scene, at, hits.SNAP / self.view.zoom, outputs=takes_output, inputs=not takes_output
        )
        if near is not None and near.node != self._fixed.node:
            return near
        card = hits.node_at(scene, at)
        if card is None or card.node_id in ("", self._fixed.node) or card.look.ghost:
            return None
        names = ("out",) if takes_output else card.face.ports
        ports = [Port(card.node_id, name) for name in names]
        taken = self.view.document.graph.sources
        free = [p for p in ports if p.is_output or (p.node, p.name) not in taken]
        fitting = [p for p in (*free, *ports) if self._ask(p).ok]
        return next(iter((*fitting, *ports)), None)

    def finish(self, at: QPointF, screen: QPoint) -> None:
        goal = self._goal
        if goal is not None:
            if self._validity.ok:
                self.view.editing.connect(self._fixed, goal, self._moving)
            else:
                self.view.status_changed.emit(self._validity.reason)
        elif self._moving is not None:
            self.view.editing.disconnect([self._moving])
        else:
            self.view.search_to_connect(self._fixed, at, screen)

    def click(self) -> None:
        if self.press.hit.edge is not None:
            self.view.session.select((), [self.press.hit.edge])
        else:
            self.view.session.select([self.press.hit.node])

    def end(self) -> None:
        for item in self.view.scene_.nodes.values():
            item.set_look(open_ports=frozenset(), dimmed=False)
        if self._moving is not None and self._moving in self.view.scene_.edges:
            self.view.scene_.edges[self._moving].set_look(hidden=False)
        super().end()


def _ends(view: CanvasView, press: Press) -> tuple[Port, EdgeKey | None]:
    """The port that stays, and the edge whose end is taken, if one is."""
    hit, graph = press.hit, view.document.graph
    if hit.edge is not None:
        source, target, port = hit.edge
        return (Port(source, "out") if hit.end == "target" else Port(target, port)), hit.edge
    assert hit.port is not None
    port_ = hit.port
    if not port_.is_output and (port_.node, port_.name) in graph.sources:
        source = graph.sources[port_.node, port_.name]
        return Port(source, "out"), (source, port_.node, port_.name)
    return port_, None
