"""Values of a run on the cards: a few in each turn of the event loop, on cards that hold still."""

from __future__ import annotations

import numpy as np

import visualad as va
from visualad.gui.canvas.scene import CanvasScene
from visualad.gui.document import Document
from visualad.gui.live_values import AT_ONCE, LiveValues
from visualad.gui.session import Session
from visualad.kernel.network_messages import RunEvaluated


def scene_of(formula: str, qtbot) -> CanvasScene:
    document = Document()
    document.new(va.parse(formula))
    session = Session(document)
    scene = CanvasScene(session)
    scene.made_with = (document, session)  # type: ignore[attr-defined]
    return scene


def shown(scene: CanvasScene, name: str) -> str:
    return scene.nodes[scene.graph.id_of(name)].face.rows[0].text


def test_values_come_to_some_cards_first(qtbot) -> None:
    scene = scene_of("a = x*y\nb = a + x", qtbot)
    session, id_of = scene.session, scene.graph.id_of
    told: list[bool] = []
    session.evaluated.connect(lambda: told.append(True))
    values = {id_of(name): 3.0 for name in ("x", "y", "a", "b")}
    session.show_values(values, only=[id_of("a")])
    assert (shown(scene, "a"), shown(scene, "b")) == ("3", "—")
    assert told == []
    session.show_values(values)
    assert (shown(scene, "a"), shown(scene, "b")) == ("3", "3")
    assert told == [True]


def test_a_card_does_not_shrink_while_numbers_of_a_run_pass(qtbot) -> None:
    scene = scene_of("a = x*y", qtbot)
    session, id_ = scene.session, scene.graph.id_of("a")
    card = scene.nodes[id_]
    least = card.geometry.size[0]
    session.show_values({id_: np.full((1000, 1000), -1.2345678e-200)})
    wide = card.geometry.size[0]
    assert wide > least
    session.show_values({id_: 1.0})
    assert card.geometry.size[0] == wide
    session.shows_run = False
    session.values = {id_: 2.0}
    session.evaluated.emit()
    assert card.geometry.size[0] == least


def test_each_turn_shows_a_few_cards_and_the_last_one_everything(qtbot, monkeypatch) -> None:
    scene = scene_of("\n".join(f"a{i} = x*{i + 2}" for i in range(7)), qtbot)
    session = scene.session
    live = LiveValues(session, lambda: True)
    monkeypatch.setattr(type(session), "is_training", property(lambda _: True))
    parts: list[int] = []
    session.cards_evaluated.connect(lambda ids: parts.append(len(ids)))
    values = dict.fromkeys(scene.graph.nodes_by_id, 5.0)
    with qtbot.waitSignal(session.evaluated):
        live._take(RunEvaluated(1, values=values, seconds=0.0))
    assert max(parts) == AT_ONCE
    assert sum(parts) == len(values)
    assert session.values == values
