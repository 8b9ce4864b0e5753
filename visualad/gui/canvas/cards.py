"""Keeps the texts of the cards up to date, and makes only those anew that have changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QRectF

from visualad.graph.model import Node
from visualad.gui.canvas.faces import Looks, face

if TYPE_CHECKING:
    from visualad.gui.canvas.scene import CanvasScene

# In a larger graph cards that are out of sight get their texts when they come into sight.
MOST_AT_ONCE = 200
_NEAR = 300.0
_MOST_COMPARED = 4096


class Cards:
    """The faces of the node items of a scene.

    Attributes:
        visible: a part of the scene around what is seen; null when no card can be read.
    """

    def __init__(self, scene: CanvasScene) -> None:
        self._scene = scene
        self._made_from: dict[str, tuple[Any, ...]] = {}
        self._stale: set[str] = set()
        self.visible = QRectF()

    def forget(self, id_: str) -> None:
        """A node is gone."""
        self._made_from.pop(id_, None)
        self._stale.discard(id_)

    def looks(self) -> Looks:
        """What faces are made from at this moment."""
        scene = self._scene
        return Looks(
            values=scene.session.values,
            failures=scene.session.failures,
            derivatives=scene.moment.derivatives,
            kinks={**scene.moment.kinks, **scene.session.cautions},
            mask=scene.session.mask,
            eliminates=scene.moment.mode == "cross",
            eliminated=scene.moment.eliminated,
        )

    def show(self, ids: Iterable[str]) -> set[str]:
        """New texts for these nodes; returns those whose size or ports have changed."""
        wanted = set(ids)
        if len(wanted) > MOST_AT_ONCE:
            seen = self._in_sight()
            self._stale |= wanted - seen
            wanted &= seen
        self._stale -= wanted
        return self._make(wanted)

    def show_visible(self, visible: QRectF) -> set[str]:
        """The view has moved: cards that have come into sight get their texts."""
        nothing = visible.isNull()
        if not nothing and self.visible.contains(visible):
            return set()
        self.visible = QRectF() if nothing else visible.adjusted(-_NEAR, -_NEAR, _NEAR, _NEAR)
        if not self._stale:
            return set()
        wanted = self._stale & self._in_sight()
        self._stale -= wanted
        return self._make(wanted)

    def _in_sight(self) -> set[str]:
        if self.visible.isNull():
            return set()
        return self._scene.nodes_in(self.visible)

    def _make(self, ids: Iterable[str]) -> set[str]:
        scene, looks = self._scene, self.looks()
        resized = set()
        for id_ in ids:
            node = scene.graph.nodes_by_id.get(id_)
            if node is None or id_ not in scene.nodes:  # or a group's card stands for it
                continue
            made_from = self._ingredients(node, looks)
            before = self._made_from.get(id_)
            if before is not None and _same(before, made_from):
                continue
            self._made_from[id_] = made_from
            # Edges would have to be routed anew at every other number of a run.
            made = face(scene.graph, node, looks)
            if scene.nodes[id_].set_face(made, may_shrink=not scene.session.shows_run):
                resized.add(id_)
        return resized

    def _ingredients(self, node: Node, looks: Looks) -> tuple[Any, ...]:
        """Everything that a face depends on."""
        graph, id_ = self._scene.graph, node.id
        sources = graph.sources
        feeding = [sources.get((id_, port)) for port in node.ports]
        names = tuple(graph.nodes_by_id[s].name if s is not None else None for s in feeding)
        return (
            node.op,
            node.name,
            node.aliases,
            node.settings,
            node.operation,
            names,
            graph.output_ids if id_ in graph.output_ids else None,
            looks.failures.get(id_),
            looks.kinks.get(id_),
            looks.values.get(id_),
            looks.derivatives.get(id_),
            looks.mask.kinds(graph, id_),
            looks.mask.of_node(id_),
        )


def _same(a: Any, b: Any) -> bool:
    """Equality that understands arrays; large ones only when they are the same object."""
    if a is b:
        return True
    if isinstance(a, tuple) and isinstance(b, tuple):
        return len(a) == len(b) and all(_same(x, y) for x, y in zip(a, b, strict=True))
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        return (
            isinstance(a, np.ndarray)
            and isinstance(b, np.ndarray)
            and a.shape == b.shape
            and a.size <= _MOST_COMPARED
            and a.tobytes() == b.tobytes()
        )
    # Settings may hold arrays: other settings are another mapping, which `is` has told.
    if type(a) is not type(b) or isinstance(a, Mapping):
        return False
    return bool(a == b)
