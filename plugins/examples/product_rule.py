"""A lesson: a graph to open, with a note on the canvas."""

import visualad as va
from visualad import plugin

plugin.require(api=1)


@plugin.lesson(title="The product rule")
def product_rule():
    """The product of sin x and x², at x = 2."""
    graph = plugin.set_settings(va.parse("f = sin(x) * x**2"), {"x": {"value": 2.0}})
    words = "Two paths lead from x to f, one for each factor."
    return plugin.add_note(graph, words, (0.0, 220.0, 320.0, 60.0))
