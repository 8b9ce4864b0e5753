"""Node types: what each computes, its derivative, its symbol. Knows NumPy only.

Importing this package registers every operation that ships with VisualAD. What an operation's
function and rules may get: `np.float64` or `np.float32` scalars, or arrays of these, all of one
dtype. Most functions take Python floats too, but Python's own `1 / 0.0` raises where IEEE
arithmetic gives infinity, so evaluators convert numbers first (`np.float64(x)`) and compute
under `np.errstate(all="ignore")`: a division by zero is inf or nan, silently and never an
exception. Results have the inputs' dtype; a result without axes may be a scalar or a 0-d array.
"""

from visualad.ops.declaration import REGISTRY, Operation, Precedence, node, operation

# Importing registers; the order is that of the palette.
# isort: off
from visualad.ops import leaves
from visualad.ops import arithmetic
from visualad.ops import functions
from visualad.ops import activations
from visualad.ops import linear_algebra
from visualad.ops import neurons
from visualad.ops import reductions
from visualad.ops import losses
from visualad.ops import comparisons
from visualad.ops import normalizations
# isort: on

__all__ = [
    "REGISTRY",
    "Operation",
    "Precedence",
    "activations",
    "arithmetic",
    "comparisons",
    "functions",
    "leaves",
    "linear_algebra",
    "losses",
    "neurons",
    "node",
    "normalizations",
    "operation",
    "reductions",
]
