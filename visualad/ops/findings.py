"""What came of testing a node type."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """The outcome of one automatic test of a node type.

    Attributes:
        test: what was tested: "value", "derivative", ...
        passed: whether it holds; None when it could not be judged.
        sentence: what is wrong and at which input, or what was seen.
    """

    test: str
    passed: bool | None
    sentence: str = ""
