"""A panel: how large the values of the nodes are."""

import numpy as np

from visualad import plugin

plugin.require(api=1)


@plugin.panel(title="Sizes")
def sizes(view):
    """A table of the largest absolute value of each node, and the curve of them."""
    rows = [
        (name, "×".join(map(str, np.shape(value))) or "number", float(np.max(np.abs(value))))
        for name, value in view.values.items()
        if np.size(value)
    ]
    if not rows:
        return plugin.Words("Nothing has a value yet.")
    return [
        plugin.Words("The largest absolute value of every node."),
        plugin.Rows(("node", "shape", "size"), rows),
        plugin.Curves(range(len(rows)), {"size": [row[2] for row in rows]}, "node", "size"),
    ]
