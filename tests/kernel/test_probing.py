"""Looking around: learning rates and the landscape are computed while other things go on."""

from __future__ import annotations

import numpy as np
import pytest

import visualad as va
from visualad.graph.model import Graph
from visualad.kernel.messages import Control, Evaluate, Failed, Progress, Train
from visualad.kernel.probe_messages import (
    FindRate,
    LandscapeMapped,
    LandscapeProgress,
    MapLandscape,
    RateFound,
    RateTried,
)

from .asking import Asking


@pytest.fixture
def network() -> Graph:
    return va.mlp([2, 4, 1], activation="tanh", output="tanh", data="circle")


def test_a_rate_is_found_while_a_run_goes_on_undisturbed(kernel: Asking, network: Graph) -> None:
    run = kernel.client.send(Train(network))
    id_ = kernel.client.send(FindRate(network))
    found = kernel.answer(id_)
    assert isinstance(found, RateFound)
    told = [r for r in kernel.replies if isinstance(r, RateTried)]
    rates = [rate for reply in told for rate in reply.rates]
    assert rates == list(found.test.rates[: len(rates)])
    assert all(isinstance(r, Progress) for r in kernel.replies if r.id == run)
    kernel.client.send(Control(run, "stop"))
    kernel.answer(run)


def test_a_landscape_is_mapped_in_slices_and_can_be_given_up(
    kernel: Asking, network: Graph
) -> None:
    id_ = kernel.client.send(MapLandscape(network, "random"))
    found = kernel.answer(id_)
    assert isinstance(found, LandscapeMapped)
    assert np.isfinite(found.landscape.losses).all()
    shares = [r.share for r in kernel.replies if isinstance(r, LandscapeProgress)]
    assert shares == sorted(shares)
    wide = va.mlp([64, 300, 300, 10], activation="relu", data="digits")
    id_ = kernel.client.send(MapLandscape(wide, "random"))
    kernel.wait(lambda replies: any(r.id == id_ for r in replies))
    asked = kernel.client.send(Evaluate(network))
    kernel.answer(asked)  # between two slices
    kernel.client.send(Control(id_, "stop"))
    end = kernel.answer(id_)
    assert isinstance(end, Failed)
    assert end.message == "Stopped while mapping the loss."


def test_what_cannot_be_looked_at_fails_in_words(kernel: Asking, network: Graph) -> None:
    end = kernel.answer(kernel.client.send(MapLandscape(network, "path")))
    assert isinstance(end, Failed)
    assert "train for some epochs first" in end.message
