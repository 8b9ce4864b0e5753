"""The texts of all edges: what they say, how they look and where they go."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from visualad.exchange.edge_texts import Writings, fill_in_texts, partial_texts
from visualad.exchange.label_places import Place, Wish, place
from visualad.gui.canvas.derivation import EdgeKey
from visualad.gui.canvas.edge_item import EdgeItem, LabelItem, text_size

if TYPE_CHECKING:
    from visualad.gui.canvas.scene import CanvasScene

# With more edges only those that are active, lit or selected have a text.
MOST_LABELS = 250


class EdgeLabels:
    """One text item for each edge that has a text."""

    def __init__(self, scene: CanvasScene) -> None:
        self._scene = scene
        self._items: dict[EdgeKey, LabelItem] = {}
        self._writings: dict[EdgeKey, Writings] = {}
        self._places: dict[EdgeKey, Place] = {}
        self._room: dict[EdgeKey, tuple[tuple[float, float], ...]] = {}
        self._hidden = False

    # What they say ----------------------------------------------------------------------------

    def refresh(self, *, place: bool = False) -> None:
        """Take the numbers of this moment; look for new places where the old ones are too small."""
        wanted = self._texts()
        for key in [key for key in self._items if key not in wanted]:
            self.remove(key)
        new = [key for key in wanted if key not in self._items]
        for key in new:
            self._items[key] = LabelItem(key)
            self._items[key].setVisible(not self._hidden)
            self._scene.addItem(self._items[key])
        grown = any(not self._fits(key, texts) for key, texts in wanted.items())
        self._writings = wanted
        if new or grown or place:
            self.place()
        else:
            self.restyle()

    def place(self) -> None:
        """Find places for all texts."""
        if self._texts().keys() != self._items.keys():
            self.refresh()
            return
        lines = {key: self._line(key) for key in self._items}
        keys = [key for key in self._items if lines[key] is not None]
        wishes = []
        for key in keys:
            line = lines[key]
            assert line is not None
            self._room[key] = tuple(_room(lines_) for lines_ in self._writings[key])
            wishes.append(Wish(line.points(), self._room[key]))
        found = place(wishes, self._scene.bodies(self._scene.moment.eliminated))
        self._places = dict(zip(keys, found, strict=True))
        for key, where in self._places.items():
            self._items[key].setPos(*where.centre)
        self.restyle()

    def follow(self, edges: Mapping[EdgeKey, EdgeItem]) -> None:
        """While edges move: keep their texts at the middle."""
        for key, edge in edges.items():
            if key in self._items:
                self._items[key].setPos(edge.path.pointAtPercent(0.5))

    def restyle(self) -> None:
        """Texts in the colour and weight of their state."""
        scene = self._scene
        now = scene.moment
        pairs = {key[:2] for key in now.active_edges if not key[2]}
        if len(scene.edges) > MOST_LABELS and self._texts().keys() != self._items.keys():
            self.refresh()
            return
        for key, item in self._items.items():
            writings = self._writings[key]
            number = self._places[key].writing if key in self._places else 0
            edge = scene.edges.get(key)
            lit = edge is not None and (edge.look.lit or edge.look.selected)
            active = key in now.active_edges or key[:2] in pairs
            pair = (key[0], key[1])
            made = now.fill_ins.get(pair) or now.changed.get(pair)
            item.show_lines(
                writings[min(number, len(writings) - 1)],
                token=(now.mode or "accent") if active or made or lit else "",
                strong=active or (made is not None and made.fresh),
            )

    # Items ------------------------------------------------------------------------------------

    def remove(self, key: EdgeKey) -> None:
        """Take the text of an edge away."""
        item = self._items.pop(key, None)
        if item is not None:
            self._scene.removeItem(item)
        self._places.pop(key, None)
        self._room.pop(key, None)

    def set_hidden(self, hidden: bool) -> None:
        """Hide all texts: too small to be read."""
        self._hidden = hidden
        for item in self._items.values():
            item.setVisible(not hidden)

    def items(self) -> Iterable[LabelItem]:
        """All text items."""
        return self._items.values()

    # Details ----------------------------------------------------------------------------------

    def _texts(self) -> dict[EdgeKey, Writings]:
        scene, now = self._scene, self._scene.moment
        session = scene.session
        few = len(scene.edges) <= MOST_LABELS
        names = {id_: node.name for id_, node in scene.graph.nodes_by_id.items()}
        found: dict[EdgeKey, Writings] = {}
        said: set[tuple[str, str]] = set()
        for key, edge in scene.edges.items():
            if edge.look.ghost or not (
                few or edge.look.active or edge.look.lit or edge.look.selected
            ):
                continue
            changed = now.changed.get((key[0], key[1]))
            if changed is None:
                texts = partial_texts(session.formulas.get(key), session.partials.get(key))
            elif key[:2] in said:  # two edges side by side are one in the linearised graph
                continue
            else:
                said.add((key[0], key[1]))
                texts = fill_in_texts(names[key[0]], names[key[1]], changed.partial)
            if texts:
                found[key] = texts
        for (source, target), edge_made in now.fill_ins.items():
            if (source, target) in scene.fill_ins:
                found[source, target, ""] = fill_in_texts(
                    names[source], names[target], edge_made.partial
                )
        return found

    def _line(self, key: EdgeKey) -> EdgeItem | None:
        return self._scene.edges.get(key) or self._scene.fill_ins.get((key[0], key[1]))

    def _fits(self, key: EdgeKey, texts: Writings) -> bool:
        room = self._room.get(key)
        if room is None or len(room) != len(texts) or key not in self._places:
            return False
        number = self._places[key].writing
        return text_size(texts[number], strong=True)[0] <= room[number][0]


def _room(lines: tuple[str, ...]) -> tuple[float, float]:
    """Some space to spare, so that a number may grow a little without moving."""
    width, height = text_size(lines, strong=True)
    return -(-width // 8) * 8, height
