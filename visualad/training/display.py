"""Settings of training that change what is seen, and no number."""

from __future__ import annotations

# Test points in the decision map, its two colours, and the controls that a lesson leaves out.
DISPLAY = ("show_test_data", "discretize", "hidden_controls")
