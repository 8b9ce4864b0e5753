"""Accuracy and R² say what the field means by them."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from visualad.training.history import History
from visualad.training.metrics import accuracy, determination, measures


def column(*values: float) -> np.ndarray:
    return np.array(values, dtype=float)[:, None]


def test_signs_are_told_apart_at_zero() -> None:
    assert accuracy(column(0.1, -0.2, 0.3, -3), column(1, -1, -1, -1)) == 0.75


def test_zero_and_one_are_told_apart_at_one_half_and_logits_at_zero() -> None:
    assert accuracy(column(0.4, 0.6), column(0, 1)) == 1
    assert accuracy(column(0.4, 0.6), column(0, 1), "binary_cross_entropy") == 0.5


def test_several_outputs_choose_the_largest() -> None:
    outputs = np.array([[3.0, 1, 2], [0, 5, 1]])
    assert accuracy(outputs, column(0, 2)) == 0.5
    assert accuracy(outputs, np.array([[1.0, 0, 0], [0, 1, 0]])) == 1


def test_determination_is_one_for_the_truth_and_zero_for_the_mean() -> None:
    targets = column(1, 2, 4)
    assert determination(targets, targets) == 1
    assert determination(np.full((3, 1), targets.mean()), targets) == pytest.approx(0)
    assert math.isnan(determination(column(1, 1), column(1, 1)))


def test_each_task_has_its_measure() -> None:
    assert measures(column(1), column(1), "classification") == {"accuracy": 1.0}
    assert set(measures(column(1, 2), column(1, 2), "regression")) == {"R²"}


def test_a_history_is_written_as_a_table(tmp_path: Path) -> None:
    history = History()
    history.record(0, 0.5, math.nan, {"accuracy train": 0.25})
    history.record(1, 0.1, math.nan, {"accuracy train": 1.0})
    history.to_csv(tmp_path / "run.csv")
    text = (tmp_path / "run.csv").read_text()
    assert text.split() == ["epoch,train,test,accuracy", "train", "0,0.5,nan,0.25", "1,0.1,nan,1.0"]
