from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest
from PySide6.QtGui import QImage

import visualad as va
from visualad.assets import asset
from visualad.errors import FileError, VisualADError
from visualad.graph.model import Graph
from visualad.gui import theme
from visualad.gui.picture import write_picture

LECTURE = asset("graphs/lecture.vad")


def colours(image: QImage) -> set[str]:
    return {
        image.pixelColor(x, y).name()
        for x in range(0, image.width(), 3)
        for y in range(0, image.height(), 3)
    }


def test_the_window_is_drawn_at_a_step_in_the_theme_and_size_asked_for(
    qapp, tmp_path: Path, isolated_settings: Path
) -> None:
    target = write_picture(
        LECTURE, tmp_path / "w.png", theme="dark", size=(1200, 800), mode="backward", step=4
    )
    image = QImage(str(target))
    assert (image.width(), image.height()) == (1200, 800)
    assert theme.DARK.panel in colours(image)
    assert theme.DARK.backward in colours(image)
    assert theme.current() is theme.LIGHT


def test_the_graph_is_drawn_by_itself(
    qapp, lecture: Graph, tmp_path: Path, isolated_settings: Path
) -> None:
    path = write_picture(lecture, tmp_path / "g.svg", kind="graph")
    text = path.read_text(encoding="utf-8")
    assert text.startswith("<?xml")
    assert "</svg>" in text


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"kind": "film"}, "film"),
        ({"theme": "sepia"}, "sepia"),
        ({"mode": "sideways"}, "sideways"),
        ({"size": (10, 10)}, "200"),
        ({"neurons": True}, "no linear layers"),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_a_sentence(
    qapp, lecture: Graph, tmp_path: Path, options: dict, sentence: str
) -> None:
    with pytest.raises(VisualADError, match=sentence):
        write_picture(lecture, tmp_path / "w.png", **options)
    assert not list(tmp_path.glob("*.png"))


@pytest.mark.parametrize("name", ["light", "dark"])
def test_an_svg_needs_no_font_and_has_the_ground_of_its_theme(
    qapp, lecture: Graph, tmp_path: Path, isolated_settings: Path, name: str
) -> None:
    path = write_picture(lecture, tmp_path / "g.svg", kind="graph", theme=name, mode="backward")
    root = ElementTree.fromstring(path.read_text("utf-8"))
    kinds = [element.tag.rpartition("}")[2] for element in root.iter()]
    assert "text" not in kinds
    named = {element.get("aria-label"): element.get("d") for element in root.iter()}
    assert {"x₁", "5.977", "∂f/∂x₁"} <= named.keys()
    assert named["5.977"].count("M") >= 5  # figures and point, as outlines
    ground = {"light": theme.LIGHT, "dark": theme.DARK}[name].colour("background")
    assert QImage(str(path)).pixelColor(1, 1).name() == ground.name()


def test_a_window_is_no_svg(qapp, lecture: Graph, tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"\.png"):
        write_picture(lecture, tmp_path / "w.svg")


def test_a_folder_that_is_not_there_is_told(
    qapp, lecture: Graph, tmp_path: Path, isolated_settings: Path
) -> None:
    with pytest.raises(FileError, match="nowhere"):
        write_picture(lecture, tmp_path / "nowhere" / "g.png", kind="graph")


def test_a_network_is_drawn_with_its_neurons(qapp, tmp_path: Path, isolated_settings: Path) -> None:
    graph = va.mlp([2, 2, 1], activation="tanh", data="xor")
    cards = write_picture(graph, tmp_path / "cards.png", size=(1000, 700))
    neurons = write_picture(graph, tmp_path / "neurons.png", size=(1000, 700), neurons=True)
    ends = {theme.LIGHT.positive, theme.LIGHT.negative}
    assert ends <= colours(QImage(str(neurons)))
    assert cards.read_bytes() != neurons.read_bytes()
