"""The dialog that looks for a learning rate."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from visualad.graph import edits
from visualad.gui.document import Document
from visualad.gui.kernel_bridge import KernelBridge
from visualad.gui.rate_finder import STALE, RateFinder, rounded
from visualad.kernel.messages import Failed
from visualad.kernel.probe_messages import FindRate, RateFound, RateTried
from visualad.training.perceptron import mlp
from visualad.training.rate_finder import RateTest

from .doubles import HandKernel

RATES, LOSSES = (1e-4, 1e-3, 1e-2, 1e-1), (1.0, 0.9, 0.2, 0.5)


@pytest.fixture
def document(qapp) -> Document:
    return Document(mlp([2, 3, 1], "tanh", "tanh", data="circle"))


@pytest.fixture
def hand() -> HandKernel:
    return HandKernel()


@pytest.fixture
def finder(document: Document, hand: HandKernel, qtbot) -> RateFinder:
    dialog = RateFinder(document, hand)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, on=False)
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.look()
    return dialog


def found(hand: HandKernel, suggestion: float | None = 0.00512) -> None:
    hand.tell(FindRate, lambda t: RateTried(t, 0.5, RATES[:2], LOSSES[:2]))
    hand.answer(FindRate, lambda t: RateFound(t, RateTest(RATES, LOSSES, suggestion, None)))


def test_the_suggestion_is_marked_and_one_press_uses_it(finder, document, hand, qtbot) -> None:
    before = document.graph
    assert not finder.use.isEnabled()
    found(hand)
    assert finder.verdict.text().startswith("The loss falls fastest at 0.0051.")
    qtbot.mouseClick(finder.use, Qt.MouseButton.LeftButton)
    assert document.graph.training["learning_rate"] == 0.0051
    assert finder.fault.text == ""  # another rate makes the test no worse
    document.undo()
    assert document.graph is before


def test_the_line_can_be_dragged_to_another_rate(finder, hand) -> None:
    found(hand)
    finder.plot._line.setPos(-1.0)
    assert finder.verdict.text() == "Chosen: 0.1"
    assert finder.rate == rounded(0.1)


def test_no_suggestion_is_said_and_nothing_can_be_used(finder, hand) -> None:
    found(hand, None)
    assert "fell at none of these rates" in finder.fault.text
    assert not finder.use.isEnabled()


def test_a_test_that_fails_says_why(finder, hand) -> None:
    hand.answer(FindRate, lambda t: Failed(t, "There is no learning rate to look for."))
    assert finder.fault.text == "There is no learning rate to look for."


def test_a_network_that_changed_since_is_told(finder, document, hand) -> None:
    found(hand)
    document.apply("Set", lambda graph: edits.set_setting(graph, "b1", "value", [1.0, 2.0, 3.0]))
    assert finder.fault.text == STALE


def test_stopping_and_closing_end_the_test(finder, hand, qtbot) -> None:
    qtbot.mouseClick(finder.again, Qt.MouseButton.LeftButton)
    assert hand.controls == [(1, "stop")]
    assert finder.again.text() == "Look Again"
    finder.look()
    finder.close()
    assert hand.controls[-1] == (2, "stop")


def test_the_kernel_finds_a_rate_and_leaves_the_network_alone(
    document: Document, kernel: KernelBridge, qtbot
) -> None:
    before = document.graph
    dialog = RateFinder(document, kernel)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, on=False)
    qtbot.addWidget(dialog)
    dialog.look()
    qtbot.waitUntil(lambda: dialog.found is not None, timeout=20_000)
    assert 1e-5 < dialog.rate < 10
    assert document.graph is before
