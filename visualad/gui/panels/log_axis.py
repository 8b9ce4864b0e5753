"""The axis of a plot with the marks of `log_ticks`; imports pyqtgraph, so import it late."""

from __future__ import annotations

from typing import Any

from pyqtgraph import AxisItem

from visualad.gui.panels.log_ticks import log_label, log_ticks


class LogAxis(AxisItem):  # type: ignore[misc]
    """As pyqtgraph's axis, but its labels do not overlap when it is logarithmic."""

    def logTickValues(
        self, minVal: float, maxVal: float, size: float, stdTicks: Any
    ) -> list[tuple[float | None, list[float]]]:
        """The marks between two exponents of ten."""
        return [(None, log_ticks(minVal, maxVal, size))]

    def logTickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """The labels at these marks."""
        return [log_label(value) for value in values]
