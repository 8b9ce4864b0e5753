"""The texts of all edges: what they say, how they look and where they go."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from visualad.exchange.edge_texts import Writings, fill_in_texts, partial_texts
from visualad.exchange.label_places import Place, Wish, place
from visualad.graph.folding import EdgeKey
from visualad.gui.canvas.edge_line import EdgeLine
from visualad.gui.canvas.edge_text import LabelItem, text_size
from visualad.gui.stamps import Stamp
from visualad.lessons.exercise import FACTOR, FILL_IN, PARTIAL, SUM, TERM
from visualad.ops.writing import derivative_name, pretty

if TYPE_CHECKING:
    from visualad.gui.canvas.scene import CanvasScene

# With more edges only those that are active, lit or selected have a text.
MOST_LABELS = 450
# What a question about a term is called on the edge.
_ASKED = {FACTOR: "factor", TERM: "term", SUM: "sum so far"}


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
        grown = [key for key, texts in wanted.items() if not self._fits(key, texts)]
        self._writings = wanted
        if place:
            self.place()
        elif grown:
            self._place(grown)
        else:
            self.restyle()

    def place(self, keys: Iterable[EdgeKey] | None = None) -> None:
        """Find places for the texts of these edges, or of all for None.

        The others stay where they are, unless a node lies on them now.
        """
        if self._texts().keys() != self._items.keys():
            self.refresh()
        if keys is None:
            self._place(self._items)
        else:
            self._place({key for key in keys if key in self._items} | self._covered())

    def _covered(self) -> set[EdgeKey]:
        """Texts on which a node lies."""
        keys = [key for key in self._items if key in self._places]
        texts = np.array([self._rectangle(key) for key in keys]).reshape(-1, 1, 4)
        nodes = self._scene.bodies(self._scene.moment.away)
        over = (texts[..., :2] < nodes[:, 2:]) & (texts[..., 2:] > nodes[:, :2])
        covered = np.any(np.all(over, axis=2), axis=1).tolist()
        return {key for key, is_covered in zip(keys, covered, strict=True) if is_covered}

    def _place(self, chosen: Iterable[EdgeKey]) -> None:
        lines = {key: line for key in chosen if (line := self._line(key)) is not None}
        self._room |= {key: tuple(_room(part) for part in self._writings[key]) for key in lines}
        wishes = [Wish(line.points(), self._room[key]) for key, line in lines.items()]
        standing = [key for key in self._items if key not in lines and key in self._places]
        paths = [line.points() for key in standing if (line := self._line(key)) is not None]
        found = place(
            wishes,
            self._scene.bodies(self._scene.moment.away),
            standing=np.array([self._rectangle(key) for key in standing]).reshape(-1, 4),
            others=paths,
        )
        for key, where in zip(lines, found, strict=True):
            self._places[key] = where
            self._items[key].setPos(*where.centre)
        self.restyle()

    def _rectangle(self, key: EdgeKey) -> tuple[float, float, float, float]:
        where = self._places[key]
        width, height = self._room[key][min(where.writing, len(self._room[key]) - 1)]
        x, y = where.centre
        return x - width / 2, y - height / 2, x + width / 2, y + height / 2

    def follow(self, edges: Mapping[EdgeKey, EdgeLine]) -> None:
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
            token = (now.mode or "accent") if active or made or lit else ""
            stamp = self._stamp(key)
            item.show_lines(
                writings[min(number, len(writings) - 1)],
                token=stamp.token if stamp is not None and not active else token,
                strong=active or (made is not None and made.fresh) or stamp is not None,
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
        nodes = scene.graph.nodes_by_id
        found: dict[EdgeKey, Writings] = {}
        said: set[tuple[str, str]] = set()
        for key, edge in scene.edges.items():
            if edge.look.ghost or not (
                few or edge.look.active or edge.look.lit or edge.look.selected
            ):
                continue
            if key[1] in scene.folding.card_of:
                continue  # a partial of a node that is not seen says nothing here
            changed = now.changed.get((key[0], key[1]))
            if changed is None:
                texts = partial_texts(session.formulas.get(key), session.partials.get(key))
            elif key[:2] in said:  # two edges side by side are one in the linearised graph
                continue
            else:
                said.add((key[0], key[1]))
                texts = fill_in_texts(nodes[key[0]].name, nodes[key[1]].name, changed.partial)
            texts = self._with_questions(key, texts)
            if texts:
                found[key] = texts
        for (source, target), edge_made in now.fill_ins.items():
            if (source, target) in scene.fill_ins:
                texts = fill_in_texts(nodes[source].name, nodes[target].name, edge_made.partial)
                found[source, target, ""] = self._with_questions((source, target, ""), texts)
        return found

    def questions(self, key: EdgeKey) -> dict[str, Stamp]:
        """The questions of an exercise about an edge, or about what elimination made of it."""
        now, mask = self._scene.moment, self._scene.session.mask
        if not mask.stamps:
            return {}
        gone = now.eliminated | ({now.going} if now.going else set())
        pair = (key[0], key[1])
        made = pair in now.fill_ins or pair in now.changed
        return mask.on_edge((*pair, "") if made else key, gone)

    def _stamp(self, key: EdgeKey) -> Stamp | None:
        """The question in whose colour a text stands: one that is open before the others."""
        found = self.questions(key).values()
        return min(found, key=lambda stamp: not stamp.is_open, default=None)

    def _with_questions(self, key: EdgeKey, texts: Writings) -> Writings:
        """What stands on an edge, with what is asked about it and was answered."""
        names = self._scene.graph.nodes_by_id
        for kind, stamp in self.questions(key).items():
            ratio = derivative_name(names[key[1]].name, names[key[0]].name)
            what = pretty(ratio) if kind in (PARTIAL, FILL_IN) else _ASKED[kind]
            if stamp.is_open:
                line = f"{what} = {stamp.written()}"
                others = () if kind in (PARTIAL, FILL_IN) else texts
            else:
                sign = stamp.written(stamp.text if kind in _ASKED else "").strip()
                line = f"{what} {sign}" if kind in _ASKED else sign
                others = texts
            texts = tuple((*lines, line) for lines in others) or ((line,),)
        return texts

    def _line(self, key: EdgeKey) -> EdgeLine | None:
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
