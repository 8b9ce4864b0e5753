"""How many products it takes to send a derivative over one edge."""

from __future__ import annotations

import numpy as np

from visualad.autodiff.local import Locals

Count = tuple[int, int]  # products, sums


def edge_products(local: Locals, target: int, port: int) -> Count:
    """Products and sums of one derivative passing one edge.

    An elementwise edge takes one product per element of its target; a Jacobian block one per entry.
    """
    out = int(np.size(local.values[target]))
    if local.partials[target] is not None:
        return out, 0
    source = int(np.size(local.values[local.structure.sources[target][port]]))
    return out * source, (out - 1) * source
