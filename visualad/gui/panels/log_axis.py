"""The axes of plots: the marks of `log_ticks`, epochs; imports pyqtgraph, so import it late."""

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


class EpochAxis(AxisItem):  # type: ignore[misc]
    """As pyqtgraph's axis, but large numbers are written out: 200,000 and 1,000,000."""

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """The labels at these places."""
        if spacing < 1:
            found: list[str] = super().tickStrings(values, scale, spacing)
            return found
        return [f"{value * scale:,.0f}" for value in values]
