"""The panel on outer products steps through the samples, and its sum arrives at the gradient."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QScrollArea

import visualad as va
from tests.gui.conftest import wait_until_idle
from visualad.gui.kernel_bridge import KernelBridge
from visualad.gui.masking import Mask
from visualad.gui.panels.outer_products import EMPTY, HIDDEN, OuterProductsPanel
from visualad.gui.session import Session


@pytest.fixture
def panel(session: Session, kernel: KernelBridge, qtbot) -> OuterProductsPanel:
    session.document.new(va.mlp([2, 3, 1], data="circle"))
    made = OuterProductsPanel(session.document, session)
    qtbot.addWidget(made)
    made.resize(900, 260)
    made.show()
    wait_until_idle(qtbot, kernel)
    return made


def test_stepping_with_the_mouse_fills_the_sum_up_to_the_gradient(
    panel: OuterProductsPanel, session: Session, qtbot
) -> None:
    gradient = va.gradient(session.document.graph, {})["W1"]
    for sample in range(10):
        adjoint, inputs, outer, total, whole = panel.view.blocks
        np.testing.assert_allclose(outer.cells, adjoint.cells @ inputs.cells, rtol=1e-12)
        assert np.allclose(total.cells, gradient, rtol=1e-9) == (sample == 9)
        np.testing.assert_array_equal(whole.cells, gradient)
        qtbot.mouseClick(panel.step, Qt.MouseButton.LeftButton)
    assert "to rounding" in panel.words.text()
    assert not panel.step.isEnabled()
    assert panel.place.text() == "sample 10 of 10"


def test_in_a_narrow_window_everything_fits_or_can_be_scrolled_to(
    panel: OuterProductsPanel, session: Session, kernel: KernelBridge, qtbot
) -> None:
    scroll = panel.findChild(QScrollArea, "outer_scroll")
    panel.resize(500, 240)
    assert panel.view.width() == scroll.viewport().width()
    assert panel.view.places()[-1].right() < panel.view.width()
    session.document.new(va.mlp([64, 8, 10], data="digits"))
    wait_until_idle(qtbot, kernel)
    assert panel.view.places()[-1].right() < panel.view.width()
    qtbot.waitUntil(lambda: scroll.horizontalScrollBar().isVisible())


def test_playing_goes_on_by_itself_and_ends_at_the_last_sample(
    panel: OuterProductsPanel, qtbot
) -> None:
    panel._beat.setInterval(1)
    qtbot.mouseClick(panel.play, Qt.MouseButton.LeftButton)
    assert panel.play.accessibleName() == "Pause"
    qtbot.waitUntil(lambda: panel.shown == 9 and panel.play.accessibleName() == "Play")


def test_another_layer_and_another_graph_are_followed(
    panel: OuterProductsPanel, session: Session, kernel: KernelBridge, qtbot
) -> None:
    panel.choice.activated.emit(1)
    wait_until_idle(qtbot, kernel)
    assert panel.found is not None
    assert panel.found.weights == "W2"
    session.document.new(va.parse("x*y"))
    wait_until_idle(qtbot, kernel)
    assert panel.empty.text() == EMPTY
    assert panel.empty.isVisible()


def test_it_hides_while_an_exercise_is_answered(
    panel: OuterProductsPanel, session: Session
) -> None:
    session.set_mask(Mask(hide=frozenset({"derivatives"})))
    assert panel.empty.text() == HIDDEN
    assert panel.found is None


def test_an_entry_is_found_under_the_mouse(panel: OuterProductsPanel) -> None:
    place = panel.view.places()[2]
    block, row, column = panel.view.cell_at(place.topRight() + QPointF(-2, 2))  # type: ignore[misc]
    assert (block.title, row, column) == ("outer product", 0, 1)
    assert panel.view.cell_at(place.topLeft() - QPointF(4, 4)) is None
