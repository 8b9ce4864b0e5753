"""What of a bump can be dragged, where it is, and what a bump becomes when it is."""

from __future__ import annotations

from dataclasses import replace

from visualad.gui.approximation.frame import Frame
from visualad.training.approximation import Bump

LEFT, RIGHT, TOP, STEEPNESS = "left", "right", "top", "steepness"
HANDLES = (STEEPNESS, LEFT, RIGHT, TOP)  # the first of two that are equally near is taken
NARROWEST = 1e-3  # of the picture's width: the left flank stays left of the right one
FLATTEST, STEEPEST = 0.5, 2000.0  # steepness times the width of the picture
_AT = 2.0  # the handle of the steepness is where k·(x − a) is this: at 88 % of the height
_SHARE = 0.8807970779778823  # σ(2)


def points(bump: Bump, frame: Frame) -> dict[str, tuple[float, float]]:
    """Where the handles of a bump are, as numbers of the axes."""
    half = bump.height / 2
    left, right = max(bump.left, frame.x[0]), min(bump.right, frame.x[1])
    return {
        LEFT: (bump.left, half),
        RIGHT: (bump.right, half),
        TOP: ((left + right) / 2, bump.height),
        STEEPNESS: (bump.left + _AT / bump.steepness, bump.height * _SHARE),
    }


def dragged(bump: Bump, handle: str, by: tuple[float, float], frame: Frame) -> Bump:
    """The bump when one of its handles has been dragged so far from where it was.

    The top moves the whole bump; the flanks move alone.
    """
    wide = frame.x[1] - frame.x[0]
    across, up = by
    least = NARROWEST * wide
    if handle == LEFT:
        return replace(bump, left=min(bump.left + across, bump.right - least))
    if handle == RIGHT:
        return replace(bump, right=max(bump.right + across, bump.left + least))
    if handle == TOP:
        return replace(
            bump, left=bump.left + across, right=bump.right + across, height=bump.height + up
        )
    reach = max(_AT / bump.steepness + across, _AT * 1e-9 * wide)
    steepness = min(max(_AT / reach, FLATTEST / wide), STEEPEST / wide)
    return replace(bump, steepness=steepness)
