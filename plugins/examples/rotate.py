"""First coordinate of a point turned by a fixed angle: two ports and a setting."""

import math

import visualad as va


@va.node(symbol="rotate", category="Geometry")
def rotate_x(x, y, *, angle=math.pi / 6):
    """First coordinate x cos(angle) - y sin(angle); the angle in radians, anticlockwise."""
    # `math`, not NumPy: a Python number leaves float32 inputs in float32.
    return x * math.cos(angle) - y * math.sin(angle)


@rotate_x.partials
def _(x, y, out, *, angle):
    return math.cos(angle), -math.sin(angle)
