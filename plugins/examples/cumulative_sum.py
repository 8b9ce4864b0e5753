"""Running totals along the last axis: an array node by how it pushes and pulls derivatives."""

import numpy as np

import visualad as va


@va.node(symbol="cumsum", category="Reductions")
def cumulative_sum(x):
    """Totals of the elements so far, along the last axis. x: (..., n) -> (..., n)."""
    return np.cumsum(x, axis=-1)


@cumulative_sum.jvp
def _(dx, *, x, out):
    return np.cumsum(dx, axis=-1)


@cumulative_sum.vjp
def _(g, *, x, out):
    # Element i feeds every total from i on: sum the adjoints from the end.
    return np.flip(np.cumsum(np.flip(g, axis=-1), axis=-1), axis=-1)
