"""The words on edges, from wide to narrow."""

from __future__ import annotations

import numpy as np

from visualad.autodiff.steps import Formula
from visualad.exchange.edge_texts import partial_texts

COSINE = Formula("cos x₃", r"\cos x_{3}", "cos(x3)")


def test_a_partial_is_written_on_one_line_or_two_or_by_its_number() -> None:
    assert partial_texts(COSINE, 0.25) == (
        ("cos x₃ = 0.25",),
        ("cos x₃", "= 0.25"),
        ("cos x₃", "0.25"),
        ("0.25",),
    )


def test_a_number_with_an_exponent_has_a_writing_with_fewer_digits() -> None:
    texts = partial_texts(COSINE, np.float64(6.123e-17))
    assert texts[0] == ("cos x₃ = 6.123e−17",)
    assert ("cos x₃", "6.1e−17") in texts


def test_numbers_of_several_directions_stay_as_they_are() -> None:
    assert partial_texts(COSINE, {"a": 1e-9, "b": 2.0})[0] == ("cos x₃ = (1e−09, 2)",)
