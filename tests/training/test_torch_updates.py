"""The first ten updates of each optimiser are PyTorch's, to 1e-12 in float64."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import visualad as va
from tests.training.test_optimizers import START, ten_updates

ROOT = Path(__file__).parents[2]
STORED = json.loads((ROOT / "tests" / "data" / "torch_updates.json").read_text())


def named(case: dict[str, Any]) -> str:
    return f"{case['optimizer']} {case['settings']}"


@pytest.mark.parametrize("case", STORED["cases"], ids=named)
def test_ten_updates_are_pytorchs(case: dict[str, Any]) -> None:
    assert STORED["start"] == START
    found = ten_updates(getattr(va, case["optimizer"])(**case["settings"]))
    np.testing.assert_allclose(found, case["updates"], rtol=1e-12, atol=1e-12)


def test_the_stored_updates_are_those_of_the_installed_pytorch() -> None:
    pytest.importorskip("torch")
    spec = importlib.util.spec_from_file_location("updates", ROOT / "scripts" / "torch_updates.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for stored, found in zip(STORED["cases"], module.cases(), strict=True):
        assert (stored["optimizer"], stored["settings"]) == (found["optimizer"], found["settings"])
        np.testing.assert_allclose(found["updates"], stored["updates"], rtol=1e-12, atol=1e-12)
