"""Pictures as inputs: from a drawing to pixels, and what a network makes of them."""

from __future__ import annotations

import numpy as np
import pytest

import visualad as va
from visualad.errors import VisualADError
from visualad.training.image_input import look, next_wrong, pictures, to_pixels


@pytest.fixture(scope="module")
def trained() -> va.Graph:
    g = va.mlp([64, 16, 10], "relu", data="digits")
    return va.train(g, epochs=8, optimizer=va.Adam(0.01), batch_size=32).graph


def test_pixels_are_means_over_their_areas() -> None:
    drawing = np.zeros((8, 8))
    drawing[:4, :4] = 1.0
    assert to_pixels(drawing, (2, 2), fitted=False).tolist() == [[1, 0], [0, 0]]
    assert to_pixels(drawing, (4, 4), fitted=False).sum() == 4
    assert to_pixels(np.zeros((8, 8)), (2, 2)).tolist() == [[0, 0], [0, 0]]


def test_a_drawing_is_moved_to_where_the_data_have_it_wherever_it_is_drawn() -> None:
    drawing = np.zeros((112, 112))
    drawing[10:40, 5:15] = 1.0
    moved = np.roll(drawing, (50, 60), axis=(0, 1))
    np.testing.assert_allclose(to_pixels(drawing, (28, 28)), to_pixels(moved, (28, 28)), atol=1e-9)
    pixels = to_pixels(drawing, (28, 28))
    rows = np.flatnonzero(pixels.any(axis=1))
    assert rows[-1] - rows[0] + 1 == 20  # of 28, as in MNIST
    assert (pixels.sum(axis=1) @ np.arange(28)) / pixels.sum() == pytest.approx(13.5)
    small = to_pixels(drawing, (8, 8))
    assert small[0].any()
    assert small[-1].any()


def test_samples_are_seen_as_training_saw_them(trained: va.Graph) -> None:
    found = pictures(trained.training["data"])
    outputs = va.evaluate(trained, {"X": found.data.x[:20], "Y": found.data.y[:20]})["o"]
    for index in range(20):
        seen = look(trained, found, found.pixels(index))
        assert int(np.argmax(seen.scores)) == int(outputs[index].argmax())
        assert sum(seen.scores) == pytest.approx(1)
    assert [name for name, _ in seen.layers] == ["a1", "o"]


def test_drawn_again_digits_are_known(trained: va.Graph) -> None:
    found = pictures(trained.training["data"])
    right = 0
    for index in range(100):
        drawing = np.zeros((64, 64))
        drawing[20:52, 10:42] = np.kron(found.pixels(index), np.ones((4, 4)))
        scores = look(trained, found, to_pixels(drawing, (8, 8))).scores
        right += int(np.argmax(scores)) == found.label(index)
    assert right > 80


def test_wrong_samples_are_found_all_round(trained: va.Graph) -> None:
    found = pictures(trained.training["data"])
    first = next_wrong(trained, found, -1)
    assert first is not None
    scores = look(trained, found, found.pixels(first)).scores
    assert int(np.argmax(scores)) != found.label(first)
    assert next_wrong(trained, found, len(found.data) - 1) == first


def test_what_are_no_pictures_is_said() -> None:
    with pytest.raises(VisualADError, match="no pictures"):
        pictures({"name": "iris"})
