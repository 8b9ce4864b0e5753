"""What lies under a point of the canvas."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF

from visualad.graph.folding import EdgeKey
from visualad.gui import fonts
from visualad.gui.canvas.backdrops import FRAME_TITLE
from visualad.gui.canvas.geometry import VALUE_SIZE
from visualad.gui.canvas.group_items import GroupCard
from visualad.gui.canvas.node_item import NodeItem
from visualad.gui.canvas.scene import CanvasScene

SNAP = 18.0  # px on the screen: how near a port must be to take what is dragged
GRAB = 11.0  # px on the screen: how near a port must be to be taken hold of
_LINE = 7.0
_FAR = 12.0  # px on the screen: how near one points at a node that is a few pixels large
_RIM = 5.0  # px on the screen: how near the side of a note or frame is taken hold of
_END = 26.0  # px along an edge from its end within which the end is taken hold of


@dataclass(frozen=True)
class Port:
    """A port: of an input its name, of the output "out"."""

    node: str
    name: str

    @property
    def is_output(self) -> bool:
        """Whether edges leave here."""
        return self.name == "out"


@dataclass(frozen=True)
class Hit:
    """What is under the mouse; the most particular thing that is there.

    Attributes:
        node: id of the node, also when one of its ports or parts is hit.
        port: the port; part: "name", "value" or "" of a node, "name", "toggle" or "" of a group.
        edge: key of the edge, and `end` "source" or "target" when one of its ends is hit.
        group: id of a group, hit at its card, or at the title and border of its box.
        frame, note: their ids; a frame is hit at its title and border.
        sides: those of the frame or note that are taken hold of there: "left", "right", "top"
            and "bottom".
    """

    node: str = ""
    port: Port | None = None
    part: str = ""
    edge: EdgeKey | None = None
    end: str = ""
    group: str = ""
    frame: str = ""
    note: str = ""
    sides: frozenset[str] = frozenset()

    @property
    def backdrop(self) -> tuple[str, str] | None:
        """The note or frame, as it is selected."""
        return ("note", self.note) if self.note else ("frame", self.frame) if self.frame else None

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing but canvas."""
        return not (self.node or self.edge or self.group or self.frame or self.note)


def hit(scene: CanvasScene, at: QPointF, zoom: float) -> Hit:
    """What is at a point in scene coordinates, as seen at a zoom."""
    if scene.is_far and scene.crowd.is_used:
        nearest = scene.crowd.nearest(at, _FAR / zoom)
        if nearest:
            return Hit(node=nearest)
    port = nearest_port(scene, at, GRAB / zoom)
    if port is not None:
        return Hit(node=port.node, port=port)
    node = node_at(scene, at)
    if isinstance(node, GroupCard):
        toggles = node.toggle_rect().contains(at)
        return Hit(group=node.group_id, part="toggle" if toggles else part_at(node, at))
    if node is not None:
        return Hit(node=node.node_id, part=part_at(node, at))
    edge = edge_at(scene, at, _LINE / zoom)
    if edge is not None:
        return Hit(edge=edge, end=_end(scene, edge, at, _END / zoom))
    group = _box_at(scene, at)
    if group is not None:
        return group
    for id_, note in reversed(scene.notes.items()):
        sides = _sides(note.area(), at, _RIM / zoom)
        if sides or note.area().contains(at):
            return Hit(note=id_, sides=sides)
    for id_, frame in reversed(scene.frames.items()):
        area = frame.area()
        sides = _sides(area, at, _RIM / zoom)
        if sides or (area.contains(at) and at.y() < area.top() + FRAME_TITLE):
            return Hit(frame=id_, part="" if sides else "name", sides=sides)
    return Hit()


def _sides(area: QRectF, at: QPointF, reach: float) -> frozenset[str]:
    """The sides of a rectangle on which a point lies; two at a corner."""
    reach = min(reach, area.width() / 4, area.height() / 4)
    if not area.adjusted(-reach, -reach, reach, reach).contains(at):
        return frozenset()
    away = {
        "left": at.x() - area.left(),
        "right": at.x() - area.right(),
        "top": at.y() - area.top(),
        "bottom": at.y() - area.bottom(),
    }
    return frozenset(side for side, distance in away.items() if abs(distance) <= reach)


def nearest_port(
    scene: CanvasScene,
    at: QPointF,
    radius: float,
    *,
    outputs: bool = True,
    inputs: bool = True,
) -> Port | None:
    """The port whose centre is nearest to a point, within a radius."""
    best, best_distance = None, radius
    area = _around(at, radius)
    for item in scene.items(area.adjusted(-12, -12, 12, 12)):
        if not isinstance(item, NodeItem) or item.look.ghost:
            continue
        for port in _ports(item, outputs=outputs, inputs=inputs):
            away = scene.port(port.node, port.name) - at
            distance = float(np.hypot(away.x(), away.y()))
            if distance <= best_distance:
                best, best_distance = port, distance
    return best


def _ports(item: NodeItem, *, outputs: bool, inputs: bool) -> list[Port]:
    """Ports at which an edge may be taken; the inputs of a group are of several nodes in it."""
    if isinstance(item, GroupCard):
        return [Port(node, "out") for node in item.shown.results] if outputs else []
    names = (("out",) if outputs else ()) + (item.face.ports if inputs else ())
    return [Port(item.node_id, name) for name in names]


def _box_at(scene: CanvasScene, at: QPointF) -> Hit | None:
    """The innermost box whose title or border is there."""
    for id_, box in reversed(scene.groups.boxes.items()):
        if not box.area.contains(at):
            continue
        if box.toggle_rect().contains(at):
            return Hit(group=id_, part="toggle")
        if box.title_rect().contains(at):
            return Hit(group=id_, part="name")
        if not box.area.adjusted(8, 8, -8, -8).contains(at):
            return Hit(group=id_)
    return None


def node_at(scene: CanvasScene, at: QPointF) -> NodeItem | None:
    """The card under a point, of a node or a group, the topmost one."""
    for item in scene.items(at):
        if isinstance(item, NodeItem) and item.body().contains(at):
            return item
    return None


def part_at(item: NodeItem, at: QPointF) -> str:
    """Whether a point is on the name or on the (editable) value of a card."""
    local = at - item.pos()
    if item.geometry.title.contains(local):
        width = fonts.width(item.face.title, 14, fonts.Weight.Bold)
        return "name" if local.x() < item.geometry.left + width + 6 else ""
    if item.face.editable and value_rect(item).contains(local):
        return "value"
    return ""


def value_rect(item: NodeItem) -> QRectF:
    """Where the value of a card is written, in its own coordinates; wide enough to be hit."""
    row = item.geometry.rows[0]
    width = max(48.0, fonts.width(item.face.rows[0].text, VALUE_SIZE, fonts.Weight.DemiBold) + 10)
    height = min(row.height(), 28.0)
    top = row.center().y() - height / 2 if item.face.rows[0].cells is None else row.top()
    return QRectF(row.right() - width + 5, top, width, height)


def edge_at(scene: CanvasScene, at: QPointF, radius: float) -> EdgeKey | None:
    """The edge, or the text of an edge, under a point."""
    best, best_distance = None, radius
    for key in scene.lines.keys_in(_around(at, radius)):
        line = scene.edges[key]
        if line.look.ghost:
            continue
        distance = distance_to(line.points(), at)
        if distance <= best_distance:
            best, best_distance = key, distance
    if best is None:
        for label in scene.labels.items():
            on_text = label.isVisible() and label.sceneBoundingRect().contains(at)
            if on_text and label.key in scene.edges:
                return label.key
    return best


@dataclass(frozen=True)
class LinearHit:
    """An edge of the linearised graph under the mouse.

    Attributes:
        pair: ids of its ends; share: how far along it, 0 at its source, 1 at its target.
    """

    pair: tuple[str, str]
    share: float


def linear_edge_at(scene: CanvasScene, at: QPointF, radius: float) -> LinearHit | None:
    """The edge of the linearised graph at a point, a fill-in too; None on a card.

    Fill-ins run across the cards of vertices that are gone.
    """
    card = node_at(scene, at)
    if card is not None and not card.look.ghost:
        return None
    best, best_distance = None, radius
    area = _around(at, radius)
    lines = [scene.edges[key] for key in scene.lines.keys_in(area)]
    lines += [scene.fill_ins[key[:2]] for key in scene.fill_in_lines.keys_in(area)]
    for line in lines:
        if line.look.ghost:
            continue
        distance, share = along(line.points(), at)
        if distance <= best_distance:
            best, best_distance = LinearHit((line.key[0], line.key[1]), share), distance
    return best


def _around(at: QPointF, radius: float) -> QRectF:
    return QRectF(at.x() - radius, at.y() - radius, 2 * radius, 2 * radius)


def along(points: np.ndarray, at: QPointF) -> tuple[float, float]:
    """How far a point is from a line through points, and where on the line (0 to 1) it is next."""
    start, step = points[:-1], np.diff(points, axis=0)
    lengths = np.hypot(*step.T)
    target = np.array([at.x(), at.y()])
    share = ((target - start) * step).sum(axis=1) / np.maximum(lengths**2, 1e-12)
    share = np.clip(share, 0, 1)
    nearest = start + share[:, None] * step
    distances = np.hypot(*(nearest - target).T)
    k = int(distances.argmin())
    run = lengths[:k].sum() + share[k] * lengths[k]
    return float(distances[k]), float(run / max(lengths.sum(), 1e-12))


def distance_to(points: np.ndarray, at: QPointF) -> float:
    """From a point to a line through points."""
    return along(points, at)[0]


def _end(scene: CanvasScene, key: EdgeKey, at: QPointF, radius: float) -> str:
    route = scene.edges[key].route
    to_target = np.hypot(at.x() - route[-1][0], at.y() - route[-1][1])
    to_source = np.hypot(at.x() - route[0][0], at.y() - route[0][1])
    if min(to_target, to_source) > radius:
        return ""
    return "target" if to_target <= to_source else "source"
