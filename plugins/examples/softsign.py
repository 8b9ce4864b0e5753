"""Softsign, x / (1 + |x|): an activation that saturates slowly (Turian, Bergstra, Bengio 2009)."""

import numpy as np

import visualad as va


@va.node(
    symbol="softsign",
    latex=r"\operatorname{{softsign}} {x.arg}",
    category="Activations",
    analytic=False,  # |x| is no analytic function: the check uses differences
)
def softsign(x):
    """Softsign x / (1 + |x|) of every element; between -1 and 1."""
    return x / (1 + np.abs(x))


@softsign.partials
def _(x, out):
    return 1 / (1 + np.abs(x)) ** 2
